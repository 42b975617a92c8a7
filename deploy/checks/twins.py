"""The Terraform modules name, set and put out what the CloudFormation templates do. Read, not run."""

import re

import hcl2

from .resolve import DEPLOY, Stack

MODULES = DEPLOY / "terraform"

# Which Terraform resources make what a resource of the template makes.
TWINS = {
    "home": {
        "EventsQueue": ["aws_sqs_queue.events"],
        "EventsDeadLetters": ["aws_sqs_queue.events_dead_letters"],
        "EventsQueuePolicy": ["aws_sqs_queue_policy.events"],
        "EventsRule": ["aws_cloudwatch_event_rule.events", "aws_cloudwatch_event_target.queue"],
        "FilesQueue": ["aws_sqs_queue.files"],
        "FilesDeadLetters": ["aws_sqs_queue.files_dead_letters"],
        "FilesQueuePolicy": ["aws_sqs_queue_policy.files"],
        "FilesSubscription": ["aws_sns_topic_subscription.files"],
        "TrailBucket": [
            "aws_s3_bucket.trail",
            "aws_s3_bucket_lifecycle_configuration.trail",
            "aws_s3_bucket_notification.trail",
            "aws_s3_bucket_ownership_controls.trail",
            "aws_s3_bucket_public_access_block.trail",
            "aws_s3_bucket_server_side_encryption_configuration.trail",
        ],
        "TrailBucketPolicy": ["aws_s3_bucket_policy.trail"],
        "Trail": ["aws_cloudtrail.trail"],
        "OperatorRole": ["aws_iam_role.operator", "aws_iam_role_policy.operate"],
    },
    "satellite": {
        "EventsRule": ["aws_cloudwatch_event_rule.events", "aws_cloudwatch_event_target.home"],
        "ForwardRole": ["aws_iam_role.forward", "aws_iam_role_policy.forward"],
    },
}

# The bucket's name is a local, which is compared with the documents.
BUCKET = "the bucket's name"

# Arguments whose values stand in both, by the property's path in the template.
SAME = {
    "QueueName": "name",
    "SqsManagedSseEnabled": "sqs_managed_sse_enabled",
    "MessageRetentionPeriod": "message_retention_seconds",
    "VisibilityTimeout": "visibility_timeout_seconds",
    "ReceiveMessageWaitTimeSeconds": "receive_wait_time_seconds",
    "Name": "name",
    "State": "state",
    "Targets.0.Id": "target_id",
    "Protocol": "protocol",
    "RawMessageDelivery": "raw_message_delivery",
    "PublicAccessBlockConfiguration.BlockPublicAcls": "block_public_acls",
    "PublicAccessBlockConfiguration.BlockPublicPolicy": "block_public_policy",
    "PublicAccessBlockConfiguration.IgnorePublicAcls": "ignore_public_acls",
    "PublicAccessBlockConfiguration.RestrictPublicBuckets": "restrict_public_buckets",
    "OwnershipControls.Rules.0.ObjectOwnership": "rule.0.object_ownership",
    "BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.SSEAlgorithm": (
        "rule.0.apply_server_side_encryption_by_default.0.sse_algorithm"
    ),
    "BucketName": "bucket",
    "LifecycleConfiguration.Rules.0.Id": "rule.0.id",
    "LifecycleConfiguration.Rules.0.Status": "rule.0.status",
    "LifecycleConfiguration.Rules.0.AbortIncompleteMultipartUpload.DaysAfterInitiation": (
        "rule.0.abort_incomplete_multipart_upload.0.days_after_initiation"
    ),
    "NotificationConfiguration.QueueConfigurations.0.Event": "queue.0.events.0",
    "NotificationConfiguration.QueueConfigurations.0.Filter.S3Key.Rules.0.Value": "queue.0.filter_prefix",
    "NotificationConfiguration.QueueConfigurations.0.Filter.S3Key.Rules.1.Value": "queue.0.filter_suffix",
    "TrailName": "name",
    "IsLogging": "enable_logging",
    "IsMultiRegionTrail": "is_multi_region_trail",
    "IncludeGlobalServiceEvents": "include_global_service_events",
    "EnableLogFileValidation": "enable_log_file_validation",
    "RoleName": "name",
    "Description": "description",
    "Policies.0.PolicyName": "name",
}


def snake(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def parsed(module):
    """Every block of a module, by kind."""
    blocks = {}
    for path in sorted((MODULES / module).glob("*.tf")):
        with path.open() as file:
            for kind, found in hcl2.load(file).items():
                blocks.setdefault(kind, []).extend(found)
    return blocks


def bare(value):
    """A value without the quotes that the parser leaves around strings."""
    return value[1:-1] if isinstance(value, str) and value[:1] == '"' else value


def named(blocks):
    """`{name: body}` of blocks with one label."""
    return {bare(name): body for block in blocks for name, body in block.items()}


def resources(module):
    """The bodies of a module's resources, by their addresses."""
    return {
        f"{bare(kind)}.{name}": body
        for one in parsed(module)["resource"]
        for kind, many in one.items()
        for name, body in named([many]).items()
    }


def at(value, path):
    """What stands at a path such as `rule.0.id`, or `None`."""
    for step in path.split("."):
        try:
            value = value[int(step)] if step.isdigit() else value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return bare(value)


def same_variables():
    """Terraform's variables and outputs are CloudFormation's parameters and outputs, with the same defaults."""
    for module in TWINS:
        stack, blocks = Stack(module), parsed(module)
        variables = named(blocks["variable"])
        # Which region a stack is made in is no parameter of it.
        extra = {"region"} if module == "satellite" else set()
        assert {snake(name) for name in stack.parameters} | extra == set(variables), (
            f"{module}: the variables are {set(variables)}"
        )
        for name, default in stack.parameters.items():
            ours = bare(variables[snake(name)]["default"])
            ours = str(ours).lower() if isinstance(ours, bool) else str(ours)
            assert ours == default, f"{module}: {snake(name)} is {ours!r} where {name} is {default!r}"
        text = (MODULES / module / "variables.tf").read_text()
        alone = re.findall(r'^variable "(\w+)" \{\n  default +=', text, re.MULTILINE)
        assert set(alone) == set(variables), (
            f"{module}: `default` is not the first line of {set(variables) - set(alone)}"
        )
        outputs = {snake(name) for name in stack.template["Outputs"]}
        assert outputs == set(named(blocks["output"])), f"{module}: the outputs are {set(named(blocks['output']))}"


def same_resources():
    """Terraform makes the resources that CloudFormation makes, with the same names and settings."""
    for module, twins in TWINS.items():
        stack = Stack(module)
        bodies = resources(module)
        assert set(twins) == set(stack.template["Resources"]), (
            f"{module}: the template makes {set(stack.template['Resources'])}"
        )
        assert {name for names in twins.values() for name in names} == set(bodies), (
            f"{module}: the module makes {set(bodies)}"
        )
        for logical, names in twins.items():
            compared = compare(stack, logical, [bodies[name] for name in names])
            assert compared or logical.endswith("Policy"), f"{module}: nothing of {logical} was compared"


def compare(stack, logical, bodies):
    """Compares what both say of one resource, and returns how many settings that were."""
    node, compared = stack.value(stack.template["Resources"][logical]["Properties"]), 0
    for path, argument in SAME.items():
        theirs = at(node, path)
        if theirs is None:
            continue
        # A role's policy has a name as well, and comes last.
        own = bodies[-1:] if path.startswith("Policies.") else bodies
        ours = next((value for body in own if (value := at(body, argument)) is not None), None)
        if isinstance(ours, str):
            ours = ours.replace("${var.prefix}", stack.parameters["Prefix"])
            ours = ours.replace("${var.region}", stack.place["Region"]).replace("${local.bucket_name}", BUCKET)
        theirs = BUCKET if path == "BucketName" else theirs
        assert theirs == ours, f"{logical}: {path} is {theirs!r}, and {argument} is {ours!r}"
        compared += 1
    if "RedrivePolicy" in node:
        count = f"maxReceiveCount = {node['RedrivePolicy']['maxReceiveCount']}"
        assert count in bodies[0]["redrive_policy"], f"{logical}: {bodies[0]['redrive_policy']} lacks {count}"
    return compared
