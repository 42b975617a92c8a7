"""What Terraform itself says of the modules, where it is installed."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from .resolve import PLACE, Stack
from .twins import MODULES, TWINS, snake

# The documents, by the local that holds one in the module.
DOCUMENTS = {
    "home": {
        "bucket_name": ("TrailBucket", "BucketName"),
        "bucket_policy": ("TrailBucketPolicy", "PolicyDocument"),
        "event_pattern": ("EventsRule", "EventPattern"),
        "event_selectors": ("Trail", "AdvancedEventSelectors"),
        "events_queue_policy": ("EventsQueuePolicy", "PolicyDocument"),
        "files_queue_policy": ("FilesQueuePolicy", "PolicyDocument"),
        "role_policy": ("OperatorRole", "Policies", 0, "PolicyDocument"),
        "trust_policy": ("OperatorRole", "AssumeRolePolicyDocument"),
    },
    "satellite": {
        "bus_arn": ("EventsRule", "Targets", 0, "Arn"),
        "event_pattern": ("EventsRule", "EventPattern"),
        "role_policy": ("ForwardRole", "Policies", 0, "PolicyDocument"),
        "trust_policy": ("ForwardRole", "AssumeRolePolicyDocument"),
    },
}

GIVEN = {"TrustedPrincipalArn": "arn:aws:iam::111122223333:role/service", "ExternalId": "said-by-nobody-else"}
OTHERS = {**GIVEN, "CreateTrail": "false", "ExistingTrailName": "all-accounts"}
BUCKET = {"ExistingTrailBucket": "all-logs", "ExistingTrailBucketAccount": "444455556666"}
TOPIC = {"ExistingTrailTopicArn": "arn:aws:sns:us-east-1:444455556666:all-logs"}
KEY = {"ExistingTrailKeyArn": "arn:aws:kms:us-east-1:444455556666:key/12345678-90ab"}
NOTIFY = {
    "NotifyTopicArn": "arn:aws:sns:us-east-1:444455556666:notices.fifo",
    "NotifyQueueArn": "arn:aws:sqs:us-east-1:444455556666:notices",
    "NotifyBusArn": "arn:aws:events:us-east-1:444455556666:event-bus/notices",
    "NotifyKeyArn": "arn:aws:kms:us-east-1:444455556666:key/12345678-90ab",
}
CASES = {
    "home": [
        GIVEN,
        {**GIVEN, **NOTIFY},
        {**GIVEN, "NotifyQueueArn": NOTIFY["NotifyQueueArn"]},
        {**GIVEN, "DataEvents": "s3", "Prefix": "zz-mine", "IamPath": "/team/ci/"},
        {**GIVEN, "DataEvents": "wide"},
        OTHERS,
        {**OTHERS, "ExistingTrailBucket": "all-logs"},
        {**OTHERS, **BUCKET, **TOPIC, **KEY},
        {**OTHERS, **TOPIC},
    ],
    "satellite": [
        {"HomeRegion": "us-east-1"},
        {"HomeRegion": "us-east-1", "Prefix": "zz-mine", "IamPath": "/team/ci/"},
    ],
}
PLACES = [PLACE, {"Partition": "aws-us-gov", "AccountId": "999900001111", "Region": "us-gov-west-1"}]


def terraform(arguments, folder, **variables):
    """Runs terraform with no configuration but these variables."""
    place = {"PATH": os.environ["PATH"], "HOME": str(folder), "CHECKPOINT_DISABLE": "1"}
    given = {f"TF_VAR_{name}": value for name, value in variables.items()}
    stdin = variables.pop("stdin", "")
    given.pop("TF_VAR_stdin", None)
    return subprocess.run(
        ["terraform", *arguments], cwd=folder, env={**place, **given}, input=stdin, capture_output=True, text=True
    )


def formatted():
    """Terraform's files are formatted as `terraform fmt` does it."""
    if not shutil.which("terraform"):
        return "terraform is not installed"
    done = terraform(["fmt", "-check", "-diff", "-recursive", "-no-color"], MODULES)
    assert done.returncode == 0, done.stdout + done.stderr


def same_documents():
    """Terraform works out the same policies, pattern and selectors as CloudFormation, and refuses the same inputs."""
    if not shutil.which("terraform"):
        return "terraform is not installed"
    for module, cases in CASES.items():
        with tempfile.TemporaryDirectory() as folder:
            # The part that needs no provider, and places in its stead.
            for name in ["policies.tf", "variables.tf"]:
                shutil.copy(MODULES / module / name, folder)
            for place in PLACES:
                known = "".join(f'  {local} = "{place[name]}"\n' for name, local in LOCALS.items())
                (Path(folder) / "place.tf").write_text(f"locals {{\n{known}}}\n")
                for case in cases:
                    compare_documents(module, Path(folder), case, place)
            refuses(module, Path(folder))


LOCALS = {"Partition": "partition", "AccountId": "account", "Region": "region"}


def compare_documents(module, folder, case, place):
    stack = Stack(module, case, place)
    wanted = ", ".join(f"{name} = local.{name}" for name in DOCUMENTS[module])
    variables = {snake(name): value for name, value in case.items()}
    if module == "satellite":
        variables["region"] = place["Region"]
    done = terraform(["console", "-no-color"], folder, stdin=f"jsonencode({{{wanted}}})", **variables)
    assert done.returncode == 0, f"{module} with {case}: {done.stderr}"
    ours = json.loads(json.loads(done.stdout.strip().splitlines()[-1]))
    for name, path in DOCUMENTS[module].items():
        theirs = stack.property(*path)
        if theirs is not None:
            found = without_nulls(ours[name])
            assert found == theirs, (
                f"{module} with {case}: {name} is\n{json.dumps(found)}\nand in the template\n{json.dumps(theirs)}"
            )


def without_nulls(value):
    if isinstance(value, dict):
        return {key: without_nulls(one) for key, one in value.items() if one is not None}
    return [without_nulls(one) for one in value] if isinstance(value, list) else value


# What no account may be set up with; CloudFormation's refusals are tried in check_stack.py.
REFUSED = {
    "home": [
        {},
        {"ExternalId": "only-this"},
        {**GIVEN, "Prefix": "-x"},
        {**GIVEN, "IamPath": "/"},
        {**GIVEN, "IamPath": "/no-end"},
        {**GIVEN, "DataEvents": "all"},
        {**GIVEN, "LogRetentionDays": "7"},
        {**GIVEN, "CreateTrail": "false"},
        {**GIVEN, "ExistingTrailBucket": "all-logs"},
        {**GIVEN, "NotifyTopicArn": NOTIFY["NotifyQueueArn"]},
        {**GIVEN, "NotifyBusArn": "default"},
    ],
    "satellite": [{}, {"HomeRegion": "eu-central-1"}],
}


def refuses(module, folder):
    for case in REFUSED[module]:
        variables = {snake(name): value for name, value in case.items()}
        if module == "satellite":
            variables["region"] = "eu-central-1"
        done = terraform(["plan", "-input=false", "-no-color", "-lock=false"], folder, **variables)
        assert "Invalid value for variable" in done.stderr, f"{module} takes {case}: {done.stdout}{done.stderr}"


def valid():
    """Terraform finds the modules valid, by the provider's own schema."""
    plugins = os.environ.get("AVIARY_TEST_TERRAFORM_PLUGINS")
    if not shutil.which("terraform"):
        return "terraform is not installed"
    if not plugins:
        return "AVIARY_TEST_TERRAFORM_PLUGINS names no folder with the provider hashicorp/aws"
    for module in TWINS:
        with tempfile.TemporaryDirectory() as folder:
            copy = shutil.copytree(MODULES / module, Path(folder) / module)
            for step in [["init", "-backend=false", f"-plugin-dir={plugins}"], ["validate"]]:
                done = terraform([*step, "-no-color"], copy)
                assert done.returncode == 0, f"{module}: {done.stdout}{done.stderr}"
