"""Makes the stacks in an emulator, and does there what Aviary will do: `python deploy/check_stack.py`.

Where ministack does less than AWS the check says so, and goes another way; the templates are never changed for it, but
for the one resource type that it does not know.
"""

import json
import sys
import time

from botocore.exceptions import ClientError

from checks import role
from checks.emulator import ACCOUNT, AWAY, HOME, refusal, running, until
from checks.house import GIVEN, PREFIX, SAID, SERVICE, House
from checks.resolve import Stack
from checks.samples import HEARD, UNHEARD, USER


def refuses_what_is_incomplete(house):
    """CloudFormation refuses inputs that would make an account that cannot work."""
    refused = [
        {},
        {"ExternalId": SAID},
        {"TrustedPrincipalArn": SERVICE},
        {**GIVEN, "Prefix": "-x"},
        {**GIVEN, "IamPath": "/"},
        {**GIVEN, "IamPath": "/no-end"},
        {**GIVEN, "DataEvents": "all"},
        {**GIVEN, "LogRetentionDays": "7"},
        {**GIVEN, "CreateTrail": "false"},
        {**GIVEN, "ExistingTrailBucket": "all-logs"},
        {**GIVEN, "NotifyTopicArn": "all-notices"},
    ]
    for parameters in refused:
        said = refusal(lambda: house.cloud.make("refused", "home", **parameters))
        assert said == "ValidationError", f"{parameters} are answered with {said}"
    for parameters in [{}, {"HomeRegion": HOME}]:
        said = refusal(lambda: house.cloud.make("refused", "satellite", **parameters))
        assert said == "ValidationError", f"{parameters} are answered with {said}"


def makes_the_home(house):
    """The home stack is made, and its outputs are those that the template promises."""
    house.keys = house.service()
    house.out = house.cloud.make("home", "home", **house.home.parameters)
    promised = house.home.outputs()
    assert set(house.out) == set(promised), f"the outputs are {set(house.out)}"
    for name, value in promised.items():
        if not name.endswith("Url"):
            assert house.out[name] == value, f"{name} is {house.out[name]}, and not {value}"


def queues_give_up_after_five(house):
    """Each queue hands a message that fails five times to its own dead letters."""
    sqs = house.cloud.client("sqs")
    for name in ["Events", "Files"]:
        queue, dead = house.out[f"{name}QueueUrl"], house.out[f"{name}DeadLettersUrl"]
        found = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
        redrive = json.loads(found["RedrivePolicy"])
        assert redrive["deadLetterTargetArn"] == house.home.arn(f"{name}DeadLetters"), redrive
        assert int(redrive["maxReceiveCount"]) == 5, redrive
        assert found["SqsManagedSseEnabled"] == "true" and found["MessageRetentionPeriod"] == "1209600", found
        policy = house.home.property(f"{name}QueuePolicy", "PolicyDocument")
        assert json.loads(found["Policy"]) == policy, found["Policy"]
        sqs.purge_queue(QueueUrl=queue)
        sqs.send_message(QueueUrl=queue, MessageBody='"poison"')
        for turn in range(5):
            got = sqs.receive_message(QueueUrl=queue, VisibilityTimeout=0, WaitTimeSeconds=1).get("Messages", [])
            assert got, f"{name} gave up after {turn} turns"
        assert not sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=0).get("Messages"), f"{name} never gives up"
        assert house.cloud.received(dead, 1) == ["poison"]


def rule_takes_the_right_events(house):
    """The rule hears read-only calls too, takes what such users do and what is done to users, and nothing else."""
    events = house.cloud.client("events")
    rule = events.describe_rule(Name=house.out["RuleName"])
    assert rule["State"] == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", rule["State"]
    assert json.loads(rule["EventPattern"]) == house.home.property("EventsRule", "EventPattern"), rule["EventPattern"]
    targets = events.list_targets_by_rule(Rule=house.out["RuleName"])["Targets"]
    assert targets == [{"Id": "queue", "Arn": house.home.arn("EventsQueue")}], targets
    takes = lambda one: events.test_event_pattern(EventPattern=rule["EventPattern"], Event=json.dumps(one))["Result"]
    for what, one in HEARD.items():
        assert takes(one), f"the rule does not take {what}"
    for what, one in UNHEARD.items():
        assert not takes(one), f"the rule takes {what}"


def events_arrive(house):
    """An event that the rule takes reaches the queue, and no other does."""
    events = house.cloud.client("events")
    house.lacks("delivers only for rules whose state is ENABLED: it was set by hand after it had been checked")
    house.lacks("hands events to a queue whatever its policy says: the policy was compared with the template")
    events.enable_rule(Name=house.out["RuleName"])
    # AWS, too, refuses PutEvents in the name of one of its services, so these name another source.
    for one in [UNHEARD["a call by another user"], HEARD["a read-only call"], UNHEARD["a call by a role"]]:
        entry = {"Source": "check", "DetailType": one["detail-type"], "Detail": json.dumps(one["detail"])}
        done = events.put_events(Entries=[entry])
        assert done["FailedEntryCount"] == 0, done
    (got,) = house.cloud.received(house.out["EventsQueueUrl"], 1)
    assert got["detail"] == HEARD["a read-only call"]["detail"] and got["region"] == HOME, got


def satellite_forwards(house):
    """Another region's rule takes the same events, and has a role that may forward them to the home bus and no more."""
    away = house.cloud.make("away", "satellite", AWAY, HomeRegion=HOME)
    stack = Stack("satellite", {"HomeRegion": HOME}, {"Region": AWAY})
    assert away == stack.outputs(), away
    events = house.cloud.client("events", region=AWAY)
    rule = events.describe_rule(Name=away["RuleName"])
    (target,) = events.list_targets_by_rule(Rule=away["RuleName"])["Targets"]
    assert rule["State"] == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", rule["State"]
    assert json.loads(rule["EventPattern"]) == house.home.property("EventsRule", "EventPattern"), rule["EventPattern"]
    assert target == {"Id": "home", "Arn": house.out["BusArn"], "RoleArn": away["ForwardRoleArn"]}, target
    iam, name = house.cloud.client("iam"), f"{PREFIX}-forward-{AWAY}"
    trust = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    assert trust == stack.property("ForwardRole", "AssumeRolePolicyDocument"), trust
    policy = iam.get_role_policy(RoleName=name, PolicyName="forward")["PolicyDocument"]
    assert policy == stack.property("ForwardRole", "Policies", 0, "PolicyDocument"), policy
    may = [(one["Effect"], one["Action"], one["Resource"]) for one in policy["Statement"]]
    assert may == [("Allow", "events:PutEvents", house.out["BusArn"])], may
    house.lacks("forwards to no bus of another region: nothing was sent through the satellite")


def files_are_announced(house):
    """A log file in the bucket becomes a message; other objects do not."""
    s3, bucket, queue = house.cloud.client("s3"), house.out["TrailBucket"], house.out["FilesQueueUrl"]
    day = f"AWSLogs/{ACCOUNT}/CloudTrail/{HOME}/2026/11/21"
    log = f"{day}/{ACCOUNT}_CloudTrail_{HOME}_20261121T1000Z_aBcDeFgHiJkLmNoP.json.gz"
    for key in ["notes.json.gz", f"{day}/notes.txt", log]:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    (message,) = house.cloud.received(queue, 1)
    keys = [(one["s3"]["bucket"]["name"], one["s3"]["object"]["key"]) for one in message["Records"]]
    assert keys == [(bucket, log)], message
    house.log = log


def bucket_is_closed(house):
    """The bucket is private, encrypted, and takes files from this trail alone."""
    s3, bucket = house.cloud.client("s3"), house.out["TrailBucket"]
    wanted = house.home.property("TrailBucket")
    blocked = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert blocked == wanted["PublicAccessBlockConfiguration"] and all(blocked.values()), blocked
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    assert policy == house.home.property("TrailBucketPolicy", "PolicyDocument"), policy
    found = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert found["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256", found
    owned = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert owned == wanted["OwnershipControls"]["Rules"], owned
    try:
        (rule,) = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        assert rule["Expiration"]["Days"] == 365, rule
    except ClientError as fault:
        assert fault.response["Error"]["Code"] == "NoSuchLifecycleConfiguration", fault
        house.lacks("leaves out the bucket's LifecycleConfiguration")


def trail_records(house):
    """The trail records every region, with the data events of the users alone."""
    trail = house.home.property("Trail")
    house.lacks("does not know AWS::CloudTrail::Trail: the trail was made with the same properties, but by hand")
    cloudtrail = house.cloud.client("cloudtrail")
    same = ["S3BucketName", "IsMultiRegionTrail", "IncludeGlobalServiceEvents", "EnableLogFileValidation"]
    cloudtrail.create_trail(Name=trail["TrailName"], **{key: trail[key] for key in same})
    cloudtrail.put_event_selectors(TrailName=trail["TrailName"], AdvancedEventSelectors=trail["AdvancedEventSelectors"])
    cloudtrail.start_logging(Name=trail["TrailName"])
    (found,) = cloudtrail.describe_trails(trailNameList=[house.out["TrailName"]])["trailList"]
    assert found["IsMultiRegionTrail"] and found["LogFileValidationEnabled"], found
    assert found["S3BucketName"] == house.out["TrailBucket"], found
    selectors = cloudtrail.get_event_selectors(TrailName=house.out["TrailName"])["AdvancedEventSelectors"]
    data = [{field["Field"]: field for field in one["FieldSelectors"]} for one in selectors[1:]]
    assert len(data) == 8, data
    assert all(one["userIdentity.arn"]["StartsWith"] == [USER.removesuffix("build-17")] for one in data), data


def other_trails_are_heard(house):
    """With the organisation's trail its files are announced by its bucket or its topic, and no other trail is made."""
    topic = house.cloud.client("sns").create_topic(Name="all-logs")["TopicArn"]
    other = {
        "CreateTrail": "false",
        "ExistingTrailName": "all-accounts",
        "ExistingTrailTopicArn": topic,
        "Prefix": "zz-mine",
    }
    shared = {"ExistingTrailBucket": "all-logs", "ExistingTrailBucketAccount": "444455556666"}
    out = house.cloud.make("other", "home", **GIVEN, **other, **shared)
    stack = Stack("home", {**GIVEN, **other, **shared})
    assert out["TrailBucket"] == "all-logs" and out["TrailName"] == "all-accounts", out
    sqs = house.cloud.client("sqs")
    found = sqs.get_queue_attributes(QueueUrl=out["FilesQueueUrl"], AttributeNames=["Policy"])["Attributes"]
    assert json.loads(found["Policy"]) == stack.property("FilesQueuePolicy", "PolicyDocument"), found
    apart = Stack("home", {**GIVEN, **other, "ExistingTrailTopicArn": topic.replace(HOME, AWAY)})
    regions = [one.property("FilesSubscription", "Region") for one in [stack, apart]]
    assert regions == [HOME, AWAY], regions
    house.lacks("ignores the Region of a subscription: the topic stood in the home region")
    said = {"s3Bucket": "all-logs", "s3ObjectKey": ["AWSLogs/x.json.gz"]}
    house.cloud.client("sns").publish(TopicArn=topic, Message=json.dumps(said))
    assert house.cloud.received(out["FilesQueueUrl"], 1) == [said]


def removing_keeps_the_evidence(house):
    """Deleting the stack removes everything but the bucket with its files."""
    formation = house.cloud.client("cloudformation")
    formation.delete_stack(StackName="home")
    until(lambda: refusal(lambda: formation.describe_stacks(StackName="home")) == "ValidationError", "the deletion")
    gone = refusal(lambda: house.cloud.client("sqs").get_queue_attributes(QueueUrl=house.out["EventsQueueUrl"]))
    assert gone and "NonExistentQueue" in gone, gone
    assert refusal(lambda: house.cloud.client("iam").get_role(RoleName=f"{PREFIX}-operator")) == "NoSuchEntity"
    assert house.cloud.client("s3").get_object(Bucket=house.out["TrailBucket"], Key=house.log)["Body"].read() == b"x"


STORY = [
    refuses_what_is_incomplete,
    makes_the_home,
    queues_give_up_after_five,
    rule_takes_the_right_events,
    events_arrive,
    satellite_forwards,
    files_are_announced,
    bucket_is_closed,
    trail_records,
    role.is_ours_alone,
    role.reaches_only_its_own,
    role.does_its_job,
    role.does_nothing_else,
    other_trails_are_heard,
    removing_keeps_the_evidence,
]


def main():
    """Tells the story to its end, or to where it fails."""
    began = time.monotonic()
    with running() as cloud:
        house = House(cloud)
        for chapter in STORY:
            try:
                chapter(house)
            except (AssertionError, ClientError) as fault:
                print(f"FAILED  {chapter.__doc__}\n        {fault}")
                return 1
            print(f"ok      {chapter.__doc__}")
        for what in house.lacking:
            print(f"note    ministack {what}")
    print(f"in {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
