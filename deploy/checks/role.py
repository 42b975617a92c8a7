"""The chapters about the role: who gets it, what it may do, and what not."""

import json

from botocore.exceptions import ClientError

from .emulator import ACCOUNT, AWAY, HOME, refusal, until
from .house import OUTSIDE, PATH, PREFIX, SAID, document, listed
from .samples import OTHER, USER


def is_ours_alone(house):
    """The role is assumed by the principal that is trusted, with the external id that was agreed."""
    stranger = house.cloud.client("iam")
    stranger.create_user(UserName="stranger")
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    stranger.put_user_policy(UserName="stranger", PolicyName="a", PolicyDocument=document(allow))
    key = stranger.create_access_key(UserName="stranger")["AccessKey"]
    strange = key["AccessKeyId"], key["SecretAccessKey"]
    for what, keys, said in [
        ("without the external id", house.keys, {}),
        ("with another external id", house.keys, {"ExternalId": "guessed"}),
        ("by somebody else", strange, {"ExternalId": SAID}),
    ]:
        assert refusal(lambda: house.assume(keys, **said)) == "AccessDenied", f"the role is assumed {what}"
    session = house.assume(house.keys, ExternalId=SAID)["Credentials"]
    house.role = session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"]


def own_policy(house):
    return house.home.property("OperatorRole", "Policies", 0, "PolicyDocument")


def reaches_only_its_own(house):
    """By its policy the role reaches the users under the path, the queues, the bucket and the trail."""
    home, policy = house.home, own_policy(house)
    queues = [home.arn("EventsQueue"), home.arn("FilesQueue")]
    dead = [home.arn("EventsDeadLetters"), home.arn("FilesDeadLetters")]
    bucket, trail = home.arn("TrailBucket"), f"arn:aws:cloudtrail:{HOME}:{ACCOUNT}:trail/{house.out['TrailName']}"
    rules = [f"arn:aws:events:{region}:{ACCOUNT}:rule/{house.out['RuleName']}" for region in [HOME, AWAY]]
    foreign = f"arn:aws:sqs:{HOME}:{ACCOUNT}:orders"
    elsewhere = [("/batch/", "/batches/"), (PATH, "/"), (ACCOUNT, "999988887777")]
    # The actions of each statement, what they must reach, and what they must not.
    reach = {
        "KeepUsers": ([USER], [OTHER, *(USER.replace(*one) for one in elsewhere)]),
        "CountUsers": (["*"], []),
        "ReceiveMessages": (queues, [*dead[1:], foreign]),
        "CountDeadLetters": (dead, [foreign]),
        "ListFiles": ([bucket], ["arn:aws:s3:::salaries"]),
        "ReadFiles": ([f"{bucket}/AWSLogs/x.json.gz"], ["arn:aws:s3:::salaries/2026"]),
        "CheckTrail": ([trail], [trail + "-2"]),
        "FollowRules": (rules, [one.replace(ACCOUNT, "999988887777") for one in rules]),
        "FindTrailAndRule": (["*"], []),
    }
    statements = {one["Sid"] for one in policy["Statement"]}
    assert set(reach) == statements, statements
    iam = house.cloud.client("iam")
    for statement in policy["Statement"]:
        mine, others = reach[statement["Sid"]]
        for action in listed(statement["Action"]):
            for resource, wanted in [*((one, "allowed") for one in mine), *((one, "implicitDeny") for one in others)]:
                # The dead letters are counted as well, by another statement.
                if action == "sqs:GetQueueAttributes" and resource in dead:
                    wanted = "allowed"
                asked = {"ActionNames": [action], "ResourceArns": [resource]}
                said = iam.simulate_custom_policy(PolicyInputList=[json.dumps(policy)], **asked)["EvaluationResults"]
                assert said[0]["EvalDecision"] == wanted, f"{action} on {resource} is {said[0]['EvalDecision']}"


def as_the_emulator_sees_it(house):
    """ministack leaves a user's path out of its ARN, and names some things not at all: the same rights on such names.

    They go beside the template's own policy, whose path the chapter before has looked at."""
    names = {
        "KeepUsers": f"arn:aws:iam::{ACCOUNT}:user/build-*",
    }
    beside = [{**one, "Resource": names[one["Sid"]]} for one in own_policy(house)["Statement"] if one["Sid"] in names]
    assert len(beside) == len(names), beside
    # A call that names a key means its user, for AWS; for ministack, nobody.
    beside.append({"Effect": "Allow", "Action": "iam:GetAccessKeyLastUsed", "Resource": "*"})
    # And one that asks for a rule's targets means the rule.
    beside.append({"Effect": "Allow", "Action": "events:ListTargetsByRule", "Resource": "*"})
    house.cloud.client("iam").put_role_policy(
        RoleName=f"{PREFIX}-operator", PolicyName="emulator", PolicyDocument=document(*beside)
    )
    house.lacks("has other ARNs for users, keys and rules: the role got the same rights on those beside its own")


def does_its_job(house):
    """The role may do each thing that Aviary does, and its policy allows no action beyond those."""
    as_the_emulator_sees_it(house)
    role = {service: house.cloud.client(service, house.role) for service in ["iam", "sqs", "s3", "cloudtrail"]}
    iam, sqs, s3, trail = role.values()
    out, name = house.out, "build-17"
    quarantine = house.cloud.client("iam").create_policy(
        PolicyName="Quarantine", PolicyDocument=document({"Effect": "Deny", "Action": "s3:*", "Resource": "*"})
    )["Policy"]["Arn"]
    deny = document({"Effect": "Deny", "Action": "*", "Resource": "*"})
    queues = [out["EventsQueueUrl"], out["FilesQueueUrl"]]
    dead = [out["EventsDeadLettersUrl"], out["FilesDeadLettersUrl"]]
    for queue in queues:
        house.cloud.client("sqs").send_message(QueueUrl=queue, MessageBody='"news"')
    held = {}

    def targets(region):
        return house.cloud.client("events", house.role, region).list_targets_by_rule(Rule=out["RuleName"])["Targets"]

    def key():
        return iam.list_access_keys(UserName=name)["AccessKeyMetadata"][0]["AccessKeyId"]

    def work(action):
        for queue in queues:
            if action == "take":
                (held[queue],) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=2)["Messages"]
            elif action == "keep":
                sqs.change_message_visibility(
                    QueueUrl=queue, ReceiptHandle=held[queue]["ReceiptHandle"], VisibilityTimeout=120
                )
            else:
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=held[queue]["ReceiptHandle"])

    job = {
        "iam:CreateUser": lambda: iam.create_user(UserName=name, Path=PATH, Tags=[{"Key": "team", "Value": "ci"}]),
        "iam:TagUser": lambda: iam.tag_user(UserName=name, Tags=[{"Key": "cost", "Value": "7"}]),
        "iam:GetUser": lambda: iam.get_user(UserName=name),
        "iam:PutUserPolicy": lambda: iam.put_user_policy(UserName=name, PolicyName="deny", PolicyDocument=deny),
        "iam:CreateAccessKey": lambda: iam.create_access_key(UserName=name),
        "iam:ListAccessKeys": key,
        "iam:GetAccessKeyLastUsed": lambda: iam.get_access_key_last_used(AccessKeyId=key()),
        "iam:UpdateAccessKey": lambda: iam.update_access_key(UserName=name, AccessKeyId=key(), Status="Inactive"),
        "iam:ListUserPolicies": lambda: iam.list_user_policies(UserName=name)["PolicyNames"].index("deny"),
        "iam:ListAttachedUserPolicies": lambda: iam.list_attached_user_policies(UserName=name)["AttachedPolicies"][0],
        "iam:DetachUserPolicy": lambda: iam.detach_user_policy(UserName=name, PolicyArn=quarantine),
        "iam:DeleteAccessKey": lambda: iam.delete_access_key(UserName=name, AccessKeyId=key()),
        "iam:DeleteUserPolicy": lambda: iam.delete_user_policy(UserName=name, PolicyName="deny"),
        "iam:DeleteUser": lambda: iam.delete_user(UserName=name),
        "iam:GetAccountSummary": lambda: iam.get_account_summary()["SummaryMap"]["UsersQuota"],
        "iam:GenerateCredentialReport": iam.generate_credential_report,
        "iam:GetCredentialReport": lambda: until(lambda: iam.get_credential_report()["Content"], "the report"),
        "sqs:GetQueueAttributes": lambda: [
            sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"])
            for queue in queues + dead
        ],
        "sqs:ReceiveMessage": lambda: work("take"),
        "sqs:ChangeMessageVisibility": lambda: work("keep"),
        "sqs:DeleteMessage": lambda: work("done"),
        "s3:ListBucket": lambda: s3.list_objects_v2(Bucket=out["TrailBucket"], Prefix="AWSLogs/")["Contents"][0],
        "s3:GetObject": lambda: s3.get_object(Bucket=out["TrailBucket"], Key=house.log)["Body"].read(),
        "cloudtrail:DescribeTrails": lambda: trail.describe_trails()["trailList"][0],
        "cloudtrail:GetTrailStatus": lambda: trail.get_trail_status(Name=out["TrailName"]),
        "cloudtrail:GetEventSelectors": lambda: trail.get_event_selectors(TrailName=out["TrailName"]),
        "events:ListTargetsByRule": lambda: targets(HOME)[0]["Arn"].index(out["EventsQueueUrl"].rsplit("/")[-1]),
        "events:ListRules": lambda: house.cloud.client("events", house.role, AWAY).list_rules()["Rules"][0],
    }
    allowed = [action for one in own_policy(house)["Statement"] for action in listed(one["Action"])]
    assert set(allowed) == set(job), f"allowed and not done, or done and not allowed: {set(allowed) ^ set(job)}"
    plain = house.cloud.client("s3", house.role, encrypted=False)
    assert refusal(lambda: plain.get_object(Bucket=out["TrailBucket"], Key=house.log)) == "AccessDenied", (
        "files are read without TLS"
    )
    for action, do in job.items():
        if action == "iam:ListAttachedUserPolicies":
            house.cloud.client("iam").attach_user_policy(UserName=name, PolicyArn=quarantine)
        try:
            do()
        except ClientError as fault:
            raise AssertionError(f"the role may not {action}: {fault}") from fault


def does_nothing_else(house):
    """The role is refused everything else: other users, more rights, other people's data, the trail, the rule."""
    admin = house.cloud.client("iam")
    admin.create_user(UserName="ana", Path=OUTSIDE)
    admin.create_user(UserName="build-18", Path=PATH)
    house.cloud.client("s3").create_bucket(Bucket="salaries", CreateBucketConfiguration={"LocationConstraint": HOME})
    house.cloud.client("s3").put_object(Bucket="salaries", Key="2026", Body=b"x")
    iam, sqs, s3, trail, rules = (
        house.cloud.client(service, house.role) for service in ["iam", "sqs", "s3", "cloudtrail", "events"]
    )
    out, everything = house.out, document({"Effect": "Allow", "Action": "*", "Resource": "*"})
    admins = "arn:aws:iam::aws:policy/AdministratorAccess"
    tries = {
        "make a user elsewhere": lambda: iam.create_user(UserName="eve", Path=OUTSIDE),
        "make a user at the root": lambda: iam.create_user(UserName="eve"),
        "change another user": lambda: iam.put_user_policy(UserName="ana", PolicyName="p", PolicyDocument=everything),
        "make a key of another user": lambda: iam.create_access_key(UserName="ana"),
        "delete another user": lambda: iam.delete_user(UserName="ana"),
        "attach a policy": lambda: iam.attach_user_policy(UserName="build-18", PolicyArn=admins),
        "give a password": lambda: iam.create_login_profile(UserName="build-18", Password="Correct-Horse-9"),
        "change itself": lambda: iam.put_role_policy(
            RoleName=f"{PREFIX}-operator", PolicyName="p", PolicyDocument=everything
        ),
        "write into a queue": lambda: sqs.send_message(QueueUrl=out["EventsQueueUrl"], MessageBody="x"),
        "empty a queue": lambda: sqs.purge_queue(QueueUrl=out["EventsQueueUrl"]),
        "take dead letters": lambda: sqs.receive_message(QueueUrl=out["EventsDeadLettersUrl"]),
        "read another bucket": lambda: s3.get_object(Bucket="salaries", Key="2026"),
        "write a log file": lambda: s3.put_object(Bucket=out["TrailBucket"], Key="AWSLogs/x.json.gz", Body=b"x"),
        "delete a log file": lambda: s3.delete_object(Bucket=out["TrailBucket"], Key=house.log),
        "stop the trail": lambda: trail.stop_logging(Name=out["TrailName"]),
        "disable the rule": lambda: rules.disable_rule(Name=out["RuleName"]),
    }
    for what, do in tries.items():
        said = refusal(do)
        assert said in ("AccessDenied", "AccessDeniedException"), f"the role may {what}: {said or 'done'}"
