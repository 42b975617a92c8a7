//! What a message says. Pure: the body comes in, its meaning goes out.
//!
//! Understood are, bare or in SNS's envelope: EventBridge events and records; S3's notifications of new objects, also
//! those that S3 sends through EventBridge; and CloudTrail's own notices of new log files.
//!
//! AWS, "Structure of CloudTrail events sent to EventBridge", "Event message structure" (S3), "Configuring Amazon SNS
//! notifications for CloudTrail".

use crate::intake::read::{self, Batch};
use percent_encoding::percent_decode_str;
use serde_json::Value;

/// The longest key of an object (AWS, "Creating object key names").
const KEY: usize = 1_024;
/// How many objects one message may name. CloudTrail names those of one delivery, S3 always one.
const OBJECTS: usize = 1_000;
/// What CloudTrail says to a topic that was just set up.
const VALIDATION: &str = "CloudTrail validation message.";

/// An object in S3.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The bucket's name.
    pub bucket: String,
    /// The object's key, decoded.
    pub key: String,
    /// The bucket's region, where the message says it; else empty.
    pub region: String,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Records, and what among them could not be read.
    Records(Batch),
    /// Log files to fetch.
    Objects(Vec<Place>),
    /// Nothing that matters: a test, a greeting, an object that went away.
    Chatter,
}

/// Understands a message.
///
/// # Errors
/// In words, what was not understood.
pub fn understand(body: &str) -> Result<Content, String> {
    let value: Value = match serde_json::from_str(body) {
        Ok(value) => value,
        // Several records one after the other are no JSON value, and all the same understood.
        Err(_) => return records(body),
    };
    match enveloped(&value) {
        Some(Envelope::Message(inner)) => message(inner),
        Some(Envelope::Subscription) => Ok(Content::Chatter),
        None => plain(&value, body),
    }
}

/// Understands what SNS carried.
///
/// # Errors
/// As [`understand`].
pub fn message(inner: &str) -> Result<Content, String> {
    if inner.trim() == VALIDATION {
        return Ok(Content::Chatter);
    }
    match serde_json::from_str(inner) {
        Ok(value) => plain(&value, inner),
        Err(_) => records(inner),
    }
}

enum Envelope<'a> {
    Message(&'a str),
    Subscription,
}

/// SNS's envelope, if it is one.
fn enveloped(value: &Value) -> Option<Envelope<'_>> {
    let text = |field: &str| value.get(field).and_then(Value::as_str);
    text("TopicArn")?;
    match text("Type")? {
        "Notification" => Some(Envelope::Message(text("Message")?)),
        "SubscriptionConfirmation" | "UnsubscribeConfirmation" => Some(Envelope::Subscription),
        _ => None,
    }
}

fn plain(value: &Value, body: &str) -> Result<Content, String> {
    let text = |field: &str| value.get(field).and_then(Value::as_str);
    if text("Event") == Some("s3:TestEvent") {
        return Ok(Content::Chatter);
    }
    if let (Some(bucket), Some(keys)) = (text("s3Bucket"), value.get("s3ObjectKey")) {
        let keys = match keys {
            Value::String(key) => vec![Some(key.as_str())],
            Value::Array(keys) => keys.iter().map(Value::as_str).collect(),
            _ => return Err("s3ObjectKey is neither a text nor an array of texts".into()),
        };
        let keys: Option<Vec<&str>> = keys.into_iter().collect();
        // CloudTrail writes keys as they are; S3 encodes them.
        let keys = keys.ok_or("an entry of s3ObjectKey is no text")?;
        return objects(keys.into_iter().map(|key| Ok((bucket, key.to_owned(), ""))));
    }
    if let Some(entries) = value.get("Records").and_then(Value::as_array)
        && entries.iter().any(|entry| entry.get("s3").is_some())
    {
        return objects(entries.iter().filter(|entry| is_new_object(entry)).map(of_notification));
    }
    if text("source") == Some("aws.s3") && text("detail-type") == Some("Object Created") {
        let detail = |pointer: &str| value.pointer(pointer).and_then(Value::as_str);
        let (bucket, key) = (detail("/detail/bucket/name"), detail("/detail/object/key"));
        let (bucket, key) = bucket.zip(key).ok_or("the event of S3 names no object")?;
        return objects([Ok((bucket, key.to_owned(), text("region").unwrap_or_default()))]);
    }
    records(body)
}

fn records(body: &str) -> Result<Content, String> {
    let batch = read::read(body.as_bytes()).map_err(|fault| fault.message)?;
    match (batch.records.is_empty(), batch.unreadable.first()) {
        (true, Some(first)) => Err(first.reason.clone()),
        // Insights and digests, or an empty list.
        (true, None) => Ok(Content::Chatter),
        _ => Ok(Content::Records(batch)),
    }
}

fn is_new_object(entry: &Value) -> bool {
    entry.get("eventName").and_then(Value::as_str).is_some_and(|name| {
        let name = name.strip_prefix("s3:").unwrap_or(name);
        name.starts_with("ObjectCreated:")
    })
}

fn of_notification(entry: &Value) -> Result<(&str, String, &str), String> {
    let at = |pointer: &str| entry.pointer(pointer).and_then(Value::as_str);
    let (bucket, key) = at("/s3/bucket/name").zip(at("/s3/object/key")).ok_or("an entry names no object")?;
    // S3 encodes keys as forms do: a space is a plus.
    let key = key.replace('+', " ");
    let key = percent_decode_str(&key).decode_utf8().map_err(|_| "the key of an object is no text")?;
    Ok((bucket, key.into_owned(), at("/awsRegion").unwrap_or_default()))
}

/// Checks names before anything is asked for: what comes in a message is not trusted.
fn objects<'a>(named: impl IntoIterator<Item = Result<(&'a str, String, &'a str), String>>) -> Result<Content, String> {
    let mut places = Vec::new();
    for one in named {
        let (bucket, key, region) = one?;
        if !is_bucket(bucket) {
            return Err("it names a bucket that cannot exist".into());
        }
        if key.is_empty() || key.len() > KEY || key.chars().any(char::is_control) {
            return Err("it names an object whose key cannot exist".into());
        }
        let region = if crate::accounts::is_region(region) { region } else { "" };
        places.push(Place { bucket: bucket.to_owned(), key, region: region.to_owned() });
        if places.len() > OBJECTS {
            return Err(format!("it names more than {OBJECTS} objects"));
        }
    }
    places.sort();
    places.dedup();
    Ok(if places.is_empty() { Content::Chatter } else { Content::Objects(places) })
}

/// Whether it has the form of a bucket's name, and not of an ARN or an address, which the SDK would take too.
fn is_bucket(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.' | b'_');
    // Buckets of the first years may have large letters.
    (3..=63).contains(&name.len()) && name.bytes().all(|byte| fits(byte) || byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const RECORD: &str = r#"{"eventName":"A","eventID":"a"}"#;
    const KEY: &str = "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/01/a b.json.gz";

    fn one(region: &str) -> Content {
        Content::Objects(vec![Place { bucket: "trail".into(), key: KEY.into(), region: region.into() }])
    }

    fn in_envelope(message: &str) -> String {
        json!({"Type": "Notification", "MessageId": "m", "TopicArn": "arn:aws:sns:eu-west-1:1:t", "Message": message})
            .to_string()
    }

    fn notification(name: &str) -> String {
        let key = KEY.replace(' ', "+").replace('/', "%2F");
        json!({"Records": [{"eventSource": "aws:s3", "eventName": name, "awsRegion": "eu-west-1",
            "s3": {"bucket": {"name": "trail"}, "object": {"key": key, "size": 7}}}]})
        .to_string()
    }

    #[test]
    fn records_are_understood_in_every_wrapping() {
        let event = format!(r#"{{"source":"aws.sts","detail-type":"AWS API Call via CloudTrail","detail":{RECORD}}}"#);
        for body in [RECORD.to_owned(), event.clone(), in_envelope(&event), format!("{RECORD}\n")] {
            match understand(&body) {
                Ok(Content::Records(batch)) => assert_eq!(batch.records[0].event_id, "a"),
                other => panic!("{body}: {other:?}"),
            }
        }
    }

    #[test]
    fn new_log_files_are_understood_in_every_wrapping() {
        let own = json!({"s3Bucket": "trail", "s3ObjectKey": [KEY]}).to_string();
        let put = notification("ObjectCreated:Put");
        let event = json!({"source": "aws.s3", "detail-type": "Object Created", "region": "eu-west-1",
            "detail": {"bucket": {"name": "trail"}, "object": {"key": KEY}}});
        for (body, region) in [
            (own.clone(), ""),
            (in_envelope(&own), ""),
            (put.clone(), "eu-west-1"),
            (in_envelope(&put), "eu-west-1"),
            (event.to_string(), "eu-west-1"),
        ] {
            assert_eq!(understand(&body), Ok(one(region)), "{body}");
        }
    }

    #[test]
    fn what_only_greets_is_no_matter() {
        for body in [
            r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"trail"}"#.to_owned(),
            in_envelope(r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"trail"}"#),
            in_envelope(VALIDATION),
            r#"{"Type":"SubscriptionConfirmation","TopicArn":"arn:aws:sns:eu-west-1:1:t","Token":"x"}"#.to_owned(),
            r#"{"Type":"UnsubscribeConfirmation","TopicArn":"arn:aws:sns:eu-west-1:1:t","Token":"x"}"#.to_owned(),
            notification("ObjectRemoved:Delete"),
            r#"{"Records":[]}"#.to_owned(),
            r#"{"detail-type":"AWS Insight via CloudTrail","detail":{"eventID":"i","eventType":"AwsCloudTrailInsight"}}"#
                .to_owned(),
        ] {
            assert_eq!(understand(&body), Ok(Content::Chatter), "{body}");
        }
    }

    #[test]
    fn everything_else_is_refused_in_words() {
        for (body, why) in [
            ("hello", "no JSON"),
            ("", "empty"),
            ("{}", "none of the fields"),
            (r#"{"s3Bucket":"arn:aws:s3:::trail","s3ObjectKey":["a"]}"#, "bucket that cannot exist"),
            (r#"{"s3Bucket":"127.0.0.1/x","s3ObjectKey":["a"]}"#, "bucket that cannot exist"),
            (r#"{"s3Bucket":"trail","s3ObjectKey":["a\u0000"]}"#, "key cannot exist"),
            (r#"{"s3Bucket":"trail","s3ObjectKey":7}"#, "neither a text"),
            (
                r#"{"detail-type":"EC2 Instance State-change Notification","detail":{"state":"running"}}"#,
                "EC2 Instance",
            ),
        ] {
            let said = understand(body).unwrap_err();
            assert!(said.contains(why), "{body}: {said}");
        }
        assert!(understand(&in_envelope("hello")).is_err());
    }
}
