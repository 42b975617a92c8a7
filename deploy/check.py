"""Checks what an operator deploys, without AWS: `python deploy/check.py`, in the venv that `make venv` makes.

CloudFormation by cfn-lint, Terraform by its own formatter and evaluator where it is installed, both against each other,
every size against AWS's limit, and every word against those that would say what the users are for.
"""

import fnmatch
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import cfnlint

from checks import terraform, twins
from checks.resolve import DEPLOY, Stack

TEMPLATES = ["home", "satellite"]

# Whoever looks into the account, or holds a key of it, must not read one of these in anything that AWS shows. As parts
# of words: comments are shown too, by cloudformation:GetTemplate.
REVEALING = ["aviary", "bait", "canar", "decept", "decoy", "fake", "honey", "lure", "token", "trap", "tripwire"]

# The longest that the parameters, the partitions and the regions allow.
LONGEST = {
    "Prefix": "p" * 30,
    "IamPath": "/" + "p" * 126 + "/",
    "TrustedPrincipalArn": "arn:aws-us-gov:iam::123456789012:role/" + "r" * 128,
    "ExternalId": "e" * 1224,
}
LONGEST_PLACE = {"Partition": "aws-us-gov", "AccountId": "123456789012", "Region": "ap-northeast-99"}

# What cfn-lint says of cases that cannot be: `OtherBucket` holds only where the bucket has a name.
UNREACHABLE = {("W1031", "${ExistingTrailBucket}")}


def linted():
    """cfn-lint finds nothing, and every action of a policy takes the resources that it is given."""
    for name in TEMPLATES:
        command = [str(Path(sys.executable).parent / "cfn-lint"), "--format", "json", "--include-checks", "I3510"]
        done = subprocess.run(
            [*command, "--", f"{name}.yaml"], cwd=DEPLOY / "cloudformation", capture_output=True, text=True
        )
        found = json.loads(done.stdout or "[]")
        said = [
            f"{name}.yaml:{one['Location']['Start']['LineNumber']} {one['Rule']['Id']} {one['Message']}"
            for one in found
            if not any(one["Rule"]["Id"] == rule and part in one["Message"] for rule, part in UNREACHABLE)
        ]
        assert not said and (found or done.returncode == 0), "\n".join(said) or done.stderr


def fillable():
    """Each parameter's `Default:` stands alone right below its name, as the program that fills it in expects."""
    for name in TEMPLATES:
        text = (DEPLOY / "cloudformation" / f"{name}.yaml").read_text()
        begins = text.index("\nParameters:\n")
        block = text[begins : text.index("\n\n", begins)]
        found = re.findall(r"^  (\w+):\n    Default: '([^'\n]*)'\n    Type: ", block, re.MULTILINE)
        stack = Stack(name)
        assert dict(found) == stack.parameters, f"{name}.yaml: {dict(found)} are not its parameters {stack.parameters}"


def quiet():
    """No word in anything that AWS is given says what the users are for, and every name begins with the prefix."""
    revealed = lambda text: [word for word in REVEALING if word in text.lower()]
    assert revealed("NextToken of /Honey-pot/") == ["honey", "token"], "the search for words finds none"
    given = [path for path in DEPLOY.rglob("*") if path.suffix in (".yaml", ".json", ".tf")]
    assert len(given) >= 13, f"only {len(given)} files were looked at"
    for path in given:
        words = revealed(path.read_text())
        assert not words, f"{path.relative_to(DEPLOY)} says {words}"
    for name in TEMPLATES:
        stack = Stack(name, {"Prefix": "zz-mine"})
        named = [stack.name_of(logical)[1] for logical, (kind, _) in stack.resources().items() if kind in LENGTHS]
        assert named and all(one.startswith("zz-mine-") for one in named), f"{name}.yaml makes {named}"


LENGTHS = {
    "AWS::CloudTrail::Trail": 128,
    "AWS::Events::Rule": 64,
    "AWS::IAM::Role": 64,
    "AWS::S3::Bucket": 63,
    "AWS::SQS::Queue": 80,
}


def small():
    """Names and documents keep to AWS's limits, with the longest parameters that the templates take."""
    for parameter, longest in LONGEST.items():
        assert takes(parameter, longest), f"{parameter} could be longer, but is refused"
        assert parameter == "TrustedPrincipalArn" or not takes(
            parameter, longest.replace(longest[1], longest[1] * 2, 1)
        ), f"{parameter} may be longer than what is tried here"
    for name in TEMPLATES:
        source = (DEPLOY / "cloudformation" / f"{name}.yaml").read_text()
        holds(f"{name}.yaml", len(source.encode()), 51_200)
        home = name == "home"
        stack = Stack(
            name, {key: value for key, value in LONGEST.items() if home or key in ("Prefix", "IamPath")}, LONGEST_PLACE
        )
        for logical, (kind, properties) in stack.resources().items():
            if kind in LENGTHS:
                holds(f"the name of {logical}", len(stack.name_of(logical)[1]), LENGTHS[kind])
            if kind == "AWS::Events::Rule":
                holds(f"the pattern of {name}.yaml", size(properties["EventPattern"]), 2_048)
            if kind == "AWS::IAM::Role":
                holds(f"the trust policy of {logical}", size(properties["AssumeRolePolicyDocument"]), 2_048)
                holds(
                    f"the policies of {logical}",
                    sum(size(one["PolicyDocument"]) for one in properties["Policies"]),
                    10_240,
                )
            if kind == "AWS::S3::BucketPolicy":
                holds("the policy of the bucket", size(properties["PolicyDocument"]), 20_480)
    wide = Stack("home", {"DataEvents": "wide"}).property("Trail", "AdvancedEventSelectors")
    values = [
        value
        for one in wide
        for field in one["FieldSelectors"]
        for value in field.get("Equals", field.get("StartsWith"))
    ]
    holds("values of the trail's selectors", len(values), 500)
    holds("scp.json", size(json.loads((DEPLOY / "cloudformation" / "scp.json").read_text())), 5_120)


def ordered():
    """Nothing is made before the policy that it needs: S3, SNS and CloudTrail try it out at once."""
    needs = {"TrailBucket": "FilesQueuePolicy", "FilesSubscription": "FilesQueuePolicy", "Trail": "TrailBucketPolicy"}
    made = Stack("home").template["Resources"]
    bodies = twins.resources("home")
    for logical, policy in needs.items():
        assert made[logical].get("DependsOn") == policy, f"home.yaml: {logical} does not wait for {policy}"
        waits = [need for twin in twins.TWINS["home"][logical] for need in bodies[twin].get("depends_on", [])]
        (wanted,) = twins.TWINS["home"][policy]
        assert any(wanted in need for need in waits), f"terraform/home: {logical} does not wait for {wanted}"


def size(document):
    return len(json.dumps(document, separators=(",", ":")))


def holds(what, length, limit):
    assert length <= limit, f"{what} is {length} long, of at most {limit}"


def one_pattern():
    """The rules of all regions take the same events."""
    home, satellite = (Stack(name).property("EventsRule", "EventPattern") for name in TEMPLATES)
    assert home == satellite, "the patterns of home.yaml and satellite.yaml differ"


def real_actions():
    """Each action in scp.json is one of AWS's, and each statement about users names actions on users."""
    known = json.loads((Path(cfnlint.__file__).parent / "data/AdditionalSpecs/Policies.json").read_text())
    for statement in json.loads((DEPLOY / "cloudformation" / "scp.json").read_text())["Statement"]:
        for action in listed(statement.get("Action", statement.get("NotAction"))):
            service, name = action.lower().split(":")
            meant = [one for key, one in known[service]["Actions"].items() if fnmatch.fnmatch(key, name)]
            assert meant, f"scp.json: {action} is no action"
            if ":user/" in statement["Resource"]:
                assert any("user" in one.get("Resources", []) for one in meant), (
                    f"scp.json: {action} is not about users"
                )


def takes(parameter, value):
    """Whether home.yaml accepts a parameter's value."""
    rules = Stack("home").template["Parameters"][parameter]
    return bool(re.search(rules["AllowedPattern"], value)) and len(value) <= rules.get("MaxLength", len(value))


def listed(one_or_many):
    return one_or_many if isinstance(one_or_many, list) else [one_or_many]


def main():
    """Runs every check, and says of each how it ended."""
    failed = 0
    cloudformation = [linted, fillable, quiet, small, ordered, one_pattern, real_actions]
    compared = [
        twins.same_variables,
        twins.same_resources,
        terraform.formatted,
        terraform.same_documents,
        terraform.valid,
    ]
    for check in cloudformation + compared:
        said = (check.__doc__ or "").strip().splitlines()[0]
        try:
            skipped = check()
        except AssertionError as fault:
            failed += 1
            print(f"FAILED  {said}\n        {fault}")
            continue
        print(f"{'skipped' if skipped else 'ok     '} {said}{f' ({skipped})' if skipped else ''}")
        if skipped and (listed_in := os.environ.get("AVIARY_TEST_SKIPPED")):
            with open(listed_in, "a") as file:
                file.write(f"deploy: {said} {skipped}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
