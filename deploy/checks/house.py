"""The account that the story of `check_stack.py` is about, and who is in it."""

import json

from .emulator import ACCOUNT
from .resolve import Stack

SAID = "said-by-nobody-else"
SERVICE = f"arn:aws:iam::{ACCOUNT}:user/console"
GIVEN = {"TrustedPrincipalArn": SERVICE, "ExternalId": SAID}
PREFIX, PATH, OUTSIDE = "ops-activity", "/svc/batch/", "/people/"


class House:
    """The account, as the checks find it one after the other."""

    def __init__(self, cloud):
        self.cloud = cloud
        self.home = Stack("home", {**GIVEN, "DataEvents": "wide"})
        # What the home stack put out.
        self.out = {}
        # The keys of the user that the console runs as, and those of a session of the role.
        self.keys, self.role = (), ()
        # The key of a log file in the bucket.
        self.log = ""
        # In what ministack is less than AWS.
        self.lacking = []

    def lacks(self, what):
        self.lacking.append(what)

    def service(self):
        """The keys of the user that the console runs as, which may do nothing but assume roles."""
        iam = self.cloud.client("iam")
        iam.create_user(UserName="console")
        assume = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
        iam.put_user_policy(UserName="console", PolicyName="a", PolicyDocument=document(assume))
        key = iam.create_access_key(UserName="console")["AccessKey"]
        return key["AccessKeyId"], key["SecretAccessKey"]

    def assume(self, keys, **said):
        return self.cloud.client("sts", keys).assume_role(RoleArn=self.out["RoleArn"], RoleSessionName="check", **said)


def listed(one_or_many):
    return one_or_many if isinstance(one_or_many, list) else [one_or_many]


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
