//! What a request asks for: which operation of which service, in which protocol, on what.

mod parameters;
mod queries;
mod resource;
mod rest;
mod s3;
#[cfg(test)]
mod tests;

use super::ask::Ask;
use serde_json::{Map, Value};

/// How a service speaks. It decides where an operation's name stands and what an error looks like.
/// Source: Smithy, "AWS protocols".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// awsQuery: a form, answered in XML.
    Query,
    /// ec2Query: the same with another error.
    Ec2,
    /// S3's restXml, whose error stands alone.
    S3,
    /// restXml of the other services.
    RestXml,
    /// awsJson1_0 and awsJson1_1, by their minor version.
    Json(u8),
    /// restJson1.
    RestJson,
    /// rpcv2Cbor.
    Cbor,
}

/// What a request asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// How the service speaks.
    pub protocol: Protocol,
    /// The service, as in the credential scope; empty where the request is not signed.
    pub service: String,
    /// The region, as in the credential scope; empty where the request is not signed.
    pub region: String,
    /// The action's name in IAM, without the service: `ListAllMyBuckets`.
    pub action: String,
    /// The event's name in CloudTrail: `ListBuckets`.
    pub event_name: String,
    /// What it is about, as CloudTrail keeps it: names in camel case, what is secret replaced. Not yet bounded.
    pub parameters: Map<String, Value>,
    /// Whether it is a call on data (an object, an item) and not on the account's furniture.
    pub on_data: bool,
    /// S3's bucket and key.
    pub object: Option<s3::Place>,
    /// The interface's version, as a form names it: `2011-06-15`.
    pub version: String,
}

/// The service and region of the signature, if there is one that could be read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Target<'a> {
    /// `iam`
    pub service: &'a str,
    /// `us-east-1`
    pub region: &'a str,
}

impl Call {
    /// Reads what is asked. It always finds something: what has no name gets one from its method and path.
    pub fn of(ask: &Ask, target: Target<'_>) -> Self {
        let form = ask.parameters();
        let named = |name: &str| form.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str());
        let protocol = protocol_of(ask, target.service, named("Action").is_some(), named("Version"));
        let mut call = Self {
            protocol,
            service: target.service.to_owned(),
            region: target.region.to_owned(),
            action: String::new(),
            event_name: String::new(),
            parameters: Map::new(),
            on_data: false,
            object: None,
            version: named("Version").map(plain_name).unwrap_or_default(),
        };
        match protocol {
            Protocol::Query | Protocol::Ec2 => {
                call.name(named("Action").unwrap_or_default());
                call.parameters = parameters::of_form(&form, protocol == Protocol::Ec2);
            }
            Protocol::Json(_) => {
                call.name(ask.header("x-amz-target").rsplit('.').next().unwrap_or_default());
                call.parameters = parameters::of_json(ask.body());
            }
            Protocol::Cbor => {
                call.name(ask.path.rsplit('/').next().unwrap_or_default());
            }
            Protocol::S3 => s3::read(&mut call, ask),
            Protocol::RestXml | Protocol::RestJson => rest::read(&mut call, ask),
        }
        call.on_data |= is_data_operation(&call.service, &call.action);
        call
    }

    fn name(&mut self, operation: &str) {
        self.action = plain_name(operation);
        self.event_name.clone_from(&self.action);
    }

    /// CloudTrail's name for the service.
    pub fn event_source(&self) -> String {
        let service = if self.service.is_empty() { "unknown" } else { &self.service };
        format!("{service}.amazonaws.com").to_ascii_lowercase()
    }

    /// The action with IAM's prefix for the service, which is not always the name in the signature.
    pub fn full_action(&self) -> String {
        let prefix = match self.service.as_str() {
            "monitoring" => "cloudwatch",
            "tagging" => "tag",
            "mturk-requester" => "mechanicalturk",
            other => other,
        };
        format!("{prefix}:{}", self.action)
    }

    /// Whether it only looks: CloudTrail's `readOnly`.
    pub fn read_only(&self) -> bool {
        const LOOKS: [&str; 16] = [
            "Get", "List", "Describe", "Head", "BatchGet", "Lookup", "Search", "Query", "Scan", "Select", "Check",
            "Simulate", "Filter", "Discover", "Detect", "View",
        ];
        LOOKS.iter().any(|look| self.event_name.starts_with(look))
    }

    /// The words of the refusal that name what was refused: S3 quotes it, and some services name nothing.
    pub fn resource(&self, account_id: &str, own_arn: &str) -> Option<String> {
        resource::of(self, account_id, own_arn)
    }
}

/// How the service speaks. What the request looks like counts before the service's name: new services come,
/// but protocols seldom.
fn protocol_of(ask: &Ask, service: &str, has_action: bool, version: Option<&str>) -> Protocol {
    const EC2_VERSION: &str = "2016-11-15";
    if ask.header("smithy-protocol").starts_with("rpc-v2-cbor") {
        return Protocol::Cbor;
    }
    if !ask.header("x-amz-target").is_empty() {
        return Protocol::Json(u8::from(!ask.header("content-type").contains("json-1.0")));
    }
    match service {
        "ec2" => Protocol::Ec2,
        // S3's control interface signs as `s3` and speaks as the others do.
        "s3" if !ask.header("x-amz-account-id").is_empty() && ask.path.starts_with("/v2018") => Protocol::RestXml,
        service if super::sigv4::is_s3(service) => Protocol::S3,
        "" if has_action && version == Some(EC2_VERSION) => Protocol::Ec2,
        _ if has_action => Protocol::Query,
        "cloudfront" | "route53" => Protocol::RestXml,
        // Unsigned and nothing else to go by: a path of an interface that begins with its date, or else S3.
        "" if !ask.path.starts_with("/20") => Protocol::S3,
        _ => Protocol::RestJson,
    }
}

/// A name that may stand in a record and an answer. Operations are named in letters and digits.
fn plain_name(text: &str) -> String {
    let plain = text.len() <= 128 && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    if plain && !text.is_empty() { text.to_owned() } else { "Unknown".to_owned() }
}

/// Calls on data, which trails log only where they are told to. S3's are known from their form.
fn is_data_operation(service: &str, action: &str) -> bool {
    match service {
        "dynamodb" => matches!(
            action,
            "GetItem"
                | "PutItem"
                | "UpdateItem"
                | "DeleteItem"
                | "Query"
                | "Scan"
                | "BatchGetItem"
                | "BatchWriteItem"
                | "TransactGetItems"
                | "TransactWriteItems"
                | "ExecuteStatement"
                | "BatchExecuteStatement"
                | "ExecuteTransaction"
                | "GetRecords"
                | "GetShardIterator"
        ),
        "lambda" => action.starts_with("Invoke"),
        "sns" => matches!(action, "Publish" | "PublishBatch"),
        "sqs" => matches!(
            action,
            "SendMessage"
                | "SendMessageBatch"
                | "ReceiveMessage"
                | "DeleteMessage"
                | "DeleteMessageBatch"
                | "ChangeMessageVisibility"
                | "ChangeMessageVisibilityBatch"
        ),
        "kinesis" => matches!(action, "PutRecord" | "PutRecords" | "GetRecords" | "GetShardIterator"),
        _ => false,
    }
}
