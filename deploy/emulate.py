"""Makes the home stack in an emulator that runs already: `python deploy/emulate.py PORT REGION < home.yaml`.

The template comes filled in, as `aviary bootstrap --print` writes it. What the account's form needs is printed as JSON: the
stack's outputs, and the key of the user that the service runs as.
"""

import json
import re
import sys

from checks.emulator import Cloud, settled, until


def main(port, region):
    cloud = Cloud(int(port))
    client = lambda service: cloud.client(service, region=region)  # noqa: E731
    iam = client("iam")
    iam.create_user(UserName="console")
    assume = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    iam.put_user_policy(UserName="console", PolicyName="a", PolicyDocument=document(assume))
    key = iam.create_access_key(UserName="console")["AccessKey"]

    formation = client("cloudformation")
    # ministack knows no trails in stacks; it is made below.
    template = re.sub(r"^  Trail:\n(?:    .*\n|\n)+", "", sys.stdin.read(), flags=re.MULTILINE)
    formation.create_stack(StackName="home", TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"])
    made = until(lambda: settled(formation, "home"), "the stack")
    assert made["StackStatus"] == "CREATE_COMPLETE", made
    out = {output["OutputKey"]: output["OutputValue"] for output in made["Outputs"]}

    trails = client("cloudtrail")
    trails.create_trail(Name=out["TrailName"], S3BucketName=out["TrailBucket"], IsMultiRegionTrail=True)
    trails.start_logging(Name=out["TrailName"])
    # ministack checks calls about IAM users without the user's path, and these two about nobody and nothing.
    pathless = {"Effect": "Allow", "Action": "iam:*", "Resource": f"{out['RoleArn'].split(':role/')[0]}:user/*"}
    nobody = {"Effect": "Allow", "Action": ["iam:GetAccessKeyLastUsed", "events:ListTargetsByRule"], "Resource": "*"}
    role = out["RoleArn"].split("/")[-1]
    iam.put_role_policy(RoleName=role, PolicyName="emulator", PolicyDocument=document(pathless, nobody))
    print(json.dumps({"outputs": out, "key": [key["AccessKeyId"], key["SecretAccessKey"]]}))


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


main(*sys.argv[1:])
