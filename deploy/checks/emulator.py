"""An AWS to make the stacks in: ministack, on a free port of the loopback, with nothing kept."""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from .resolve import DEPLOY, PLACE

HOME, AWAY, ACCOUNT = PLACE["Region"], "us-east-1", PLACE["AccountId"]
ADMIN = ("AKIACIADMINCIADMIN00", "ciadminsecretciadminsecretciadminsecret0")
PATIENCE = 20.0


class Cloud:
    """A running emulator."""

    def __init__(self, port):
        self.endpoint = f"http://127.0.0.1:{port}"

    def client(self, service, keys=ADMIN, region=HOME, encrypted=True):
        """A client; `keys` are an access key's id, its secret, and for a session its token.

        `encrypted` tells ministack, as a proxy in front of it would, that the call came by TLS."""
        client = boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=region,
            aws_access_key_id=keys[0],
            aws_secret_access_key=keys[1],
            aws_session_token=keys[2] if len(keys) > 2 else None,
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )
        if encrypted:
            client.meta.events.register("before-send", by_tls)
        return client

    def make(self, stack, template, region=HOME, **parameters):
        """Makes a stack, waits until it is there, and returns its outputs."""
        formation = self.client("cloudformation", region=region)
        formation.create_stack(
            StackName=stack,
            TemplateBody=makeable(template),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        )
        made = until(lambda: settled(formation, stack), f"the stack {stack}")
        events = formation.describe_stack_events(StackName=stack)["StackEvents"]
        reasons = [event.get("ResourceStatusReason") for event in events if "FAILED" in event["ResourceStatus"]]
        assert made["StackStatus"] == "CREATE_COMPLETE", f"{stack}: {made['StackStatus']} {reasons}"
        return {output["OutputKey"]: output["OutputValue"] for output in made.get("Outputs", [])}

    def received(self, queue, count, keys=ADMIN):
        """The bodies of the next messages, once there are as many."""
        sqs, bodies = self.client("sqs", keys), []

        def more():
            for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1).get(
                "Messages", []
            ):
                bodies.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            return len(bodies) >= count

        until(more, f"{count} messages in {queue}")
        assert len(bodies) == count, f"{queue} holds {bodies}, where {count} were expected"
        return bodies


def by_tls(request, **_):
    request.headers["X-Forwarded-Proto"] = "https"


def makeable(template):
    """The template as ministack takes it: without the trail, a type that it does not know."""
    text = (DEPLOY / "cloudformation" / f"{template}.yaml").read_text()
    return re.sub(r"^  Trail:\n(?:    .*\n|\n)+", "", text, flags=re.MULTILINE)


def settled(formation, stack):
    found = formation.describe_stacks(StackName=stack)["Stacks"][0]
    return None if found["StackStatus"].endswith("IN_PROGRESS") else found


def until(look, what):
    """What `look` returns, as soon as that is something."""
    deadline = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < deadline, f"{what}: nothing within {PATIENCE:.0f} s"
        time.sleep(0.05)
    return found


def refusal(call):
    """The code with which a call is refused, or `None`."""
    try:
        call()
    except ClientError as fault:
        return fault.response["Error"]["Code"]
    return None


@contextlib.contextmanager
def running():
    """ministack, in a process and a folder of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder, open(Path(folder) / "log", "w+") as log:
        place = {
            "PATH": os.environ["PATH"],
            "HOME": folder,
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "MINISTACK_REGION": HOME,
            "AUTH": "true",
            "AWS_ACCESS_KEY_ID": ADMIN[0],
            "AWS_SECRET_ACCESS_KEY": ADMIN[1],
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "LOG_LEVEL": "WARNING",
        }
        program = str(Path(sys.executable).parent / "ministack")
        process = subprocess.Popen([program], env=place, cwd=folder, stdout=log, stderr=log)
        try:
            until(lambda: process.poll() is None and answers(f"http://127.0.0.1:{port}/_ministack/health"), "ministack")
            yield Cloud(port)
        finally:
            process.terminate()
            process.wait(10)


def answers(address):
    with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=1) as answer:
        return answer.status == 200
    return False
