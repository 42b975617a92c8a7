"""Events that the rule has to take, and events that it must not take."""

from .emulator import ACCOUNT, HOME
from .house import OUTSIDE, PATH


def event(source, name, who=None, issuer=None, kind="AWS API Call via CloudTrail", **parameters):
    """An event as CloudTrail's reach EventBridge."""
    identity = {"type": "IAMUser", **({"arn": who} if who else {})}
    if issuer:
        identity["sessionContext"] = {"sessionIssuer": {"type": "IAMUser", "arn": issuer}}
    detail = {
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "userIdentity": identity,
        "requestParameters": parameters or None,
    }
    place = {"id": "1", "account": ACCOUNT, "time": "2026-01-01T00:00:00Z", "region": HOME, "resources": []}
    return {**place, "source": f"aws.{source}", "detail-type": kind, "detail": detail}


USER = f"arn:aws:iam::{ACCOUNT}:user{PATH}build-17"
OTHER = f"arn:aws:iam::{ACCOUNT}:user{OUTSIDE}ana"
ROLE = f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/ana"
HEARD = {
    "a read-only call": event("sts", "GetCallerIdentity", USER),
    "a call that was refused": event("ec2", "RunInstances", USER, instanceType="p5.48xlarge"),
    "a call in a session of such a user": event("s3", "ListBuckets", f"arn:aws:sts::{ACCOUNT}:federated-user/x", USER),
    "a sign-in": event("signin", "ConsoleLogin", USER, kind="AWS Console Sign In via CloudTrail"),
    "a change of a user by somebody else": event(
        "iam", "UpdateAccessKey", ROLE, userName="build-17", status="Inactive"
    ),
    "the policy that AWS attaches to public keys": event(
        "iam",
        "AttachUserPolicy",
        None,
        userName="build-17",
        policyArn="arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3",
    ),
}
UNHEARD = {
    "a call by another user": event("sts", "GetCallerIdentity", OTHER),
    "a user whose path only begins alike": event("sts", "GetCallerIdentity", USER.replace("/batch/", "/batches/")),
    "a user of that path in another account": event("sts", "GetCallerIdentity", USER.replace(ACCOUNT, "999988887777")),
    "a call by a role": event("s3", "ListBuckets", ROLE),
    "a look at a user": event("iam", "GetUser", ROLE, userName="build-17"),
    "a change of one's own key": event("iam", "CreateAccessKey", OTHER),
    "a change of a role": event("iam", "DeleteRole", ROLE, roleName="build"),
    "an event that CloudTrail did not record": event("sts", "GetCallerIdentity", USER, kind="Something else"),
}
