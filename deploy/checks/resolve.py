"""What a CloudFormation template comes to, for given parameters, without an AWS to ask.

Only as much of CloudFormation as the templates beside it use; anything else stops with a KeyError.
"""

import re
from pathlib import Path

import cfnlint.decode.cfn_yaml

DEPLOY = Path(__file__).parent.parent
NOTHING = object()

# Where the stack is made, unless told otherwise.
PLACE = {"Partition": "aws", "AccountId": "123456789012", "Region": "eu-central-1"}


def load(name):
    """The template of that name, with `!Ref x` as `{"Ref": x}` and so on."""
    return cfnlint.decode.cfn_yaml.load(str(DEPLOY / "cloudformation" / f"{name}.yaml"))


class Stack:
    """A template with its parameters."""

    def __init__(self, name, parameters=None, place=None):
        self.template = load(name)
        self.place = {**PLACE, **(place or {})}
        defaults = {key: str(value["Default"]) for key, value in self.template["Parameters"].items()}
        unknown = set(parameters or {}) - set(defaults)
        if unknown:
            raise KeyError(f"{name}.yaml has no parameters {unknown}")
        self.parameters = {**defaults, **(parameters or {})}

    def holds(self, condition):
        """Whether a condition, by its name, holds."""
        return self.value(self.template["Conditions"][condition])

    def resources(self):
        """The resources that are made: their types and resolved properties by logical name."""
        made = {}
        for name, resource in self.template["Resources"].items():
            if "Condition" not in resource or self.holds(resource["Condition"]):
                made[name] = (str(resource["Type"]), self.value(resource["Properties"]))
        return made

    def property(self, name, *path):
        """A resolved property of a resource; `None` where the resource is not made."""
        found = self.resources().get(name)
        if found is None:
            return None
        value = found[1]
        for step in path:
            value = value[step]
        return value

    def outputs(self):
        """The outputs that there are."""
        return {
            name: self.value(output["Value"])
            for name, output in self.template["Outputs"].items()
            if "Condition" not in output or self.holds(output["Condition"])
        }

    def value(self, node):
        """A value with every function worked out."""
        if isinstance(node, dict):
            if len(node) == 1:
                ((function, argument),) = node.items()
                if function in FUNCTIONS:
                    return FUNCTIONS[function](self, argument)
            pairs = {str(key): self.value(value) for key, value in node.items()}
            return {key: value for key, value in pairs.items() if value is not NOTHING}
        if isinstance(node, list):
            return [value for value in map(self.value, node) if value is not NOTHING]
        return str(node) if isinstance(node, str) else node

    def ref(self, name):
        name = str(name)
        if name == "AWS::NoValue":
            return NOTHING
        if name.startswith("AWS::"):
            return self.place[name.removeprefix("AWS::")]
        if name in self.parameters:
            return self.parameters[name]
        kind, own = self.name_of(name)
        return self.url(own) if kind == "AWS::SQS::Queue" else own

    def url(self, queue):
        return f"https://sqs.{self.place['Region']}.amazonaws.com/{self.place['AccountId']}/{queue}"

    def name_of(self, logical):
        resource = self.template["Resources"][logical]
        kind = str(resource["Type"])
        return kind, self.value(resource["Properties"][NAMES[kind]])

    def arn(self, logical):
        kind, name = self.name_of(logical)
        partition, account, region = self.place["Partition"], self.place["AccountId"], self.place["Region"]
        return {
            "AWS::SQS::Queue": f"arn:{partition}:sqs:{region}:{account}:{name}",
            "AWS::Events::Rule": f"arn:{partition}:events:{region}:{account}:rule/{name}",
            "AWS::IAM::Role": f"arn:{partition}:iam::{account}:role/{name}",
            "AWS::S3::Bucket": f"arn:{partition}:s3:::{name}",
        }[kind]

    def sub(self, text):
        def fill(match):
            name, _, attribute = match[1].partition(".")
            if not attribute:
                return self.ref(name)
            return FUNCTIONS["Fn::GetAtt"](self, [name, attribute])

        return re.sub(r"\$\{([^}]+)\}", fill, str(text))

    def get_att(self, argument):
        logical, attribute = argument.split(".") if isinstance(argument, str) else argument
        if attribute != "Arn":
            raise KeyError(f"{logical}.{attribute} is not known here")
        return self.arn(str(logical))

    def choose(self, argument):
        condition, yes, no = argument
        return self.value(yes if self.holds(str(condition)) else no)


# The property that holds a resource's own name.
NAMES = {
    "AWS::CloudTrail::Trail": "TrailName",
    "AWS::Events::Rule": "Name",
    "AWS::IAM::Role": "RoleName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SQS::Queue": "QueueName",
}

FUNCTIONS = {
    "Ref": Stack.ref,
    "Condition": lambda stack, name: stack.holds(str(name)),
    "Fn::And": lambda stack, parts: all(map(stack.value, parts)),
    "Fn::Equals": lambda stack, pair: stack.value(pair[0]) == stack.value(pair[1]),
    "Fn::GetAtt": Stack.get_att,
    "Fn::If": Stack.choose,
    "Fn::Not": lambda stack, parts: not stack.value(parts[0]),
    "Fn::Or": lambda stack, parts: any(map(stack.value, parts)),
    "Fn::Select": lambda stack, pair: stack.value(pair[1])[int(pair[0])],
    "Fn::Split": lambda stack, pair: stack.value(pair[1]).split(pair[0]),
    "Fn::Sub": Stack.sub,
}
