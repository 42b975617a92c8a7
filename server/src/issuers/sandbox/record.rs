//! The record of a call, shaped as CloudTrail's. Source: AWS, "CloudTrail record contents", version 1.11.

use super::{answer::RequestIds, ask::Ask, call::Call, front::Caller};
use app::model::moment::Moment;
use serde_json::{Map, Value, json};

/// The longest text among the parameters that is kept whole, in bytes.
const LONGEST: usize = 2_048;

/// The most that all parameters together may take, in bytes.
const MOST: usize = 64 << 10;

/// The deepest nesting that is kept.
const DEEPEST: usize = 12;

/// The error that the caller got, if any: CloudTrail's code, and the message.
pub type Error<'a> = Option<(&'a str, &'a str)>;

/// The record of this call.
pub fn of(
    ask: &Ask,
    call: &Call,
    caller: &Caller,
    now: Moment,
    ids: &RequestIds,
    event_id: &str,
    error: Error<'_>,
) -> Value {
    let agent =
        String::from_utf8_lossy(ask.headers.get("user-agent").map(http::HeaderValue::as_bytes).unwrap_or_default());
    let agent = cut(&agent, LONGEST);
    // S3's records have it in brackets.
    let agent = if call.object.is_some() { format!("[{agent}]") } else { agent };
    let mut record = json!({
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": caller.user_id,
            "arn": caller.arn,
            "accountId": caller.account,
            "accessKeyId": caller.access_key_id,
            "userName": caller.user_name,
        },
        // CloudTrail tells whole seconds.
        "eventTime": Moment(now.0 - now.0.rem_euclid(1_000)).rfc3339(),
        "eventSource": call.event_source(),
        "eventName": call.event_name,
        "awsRegion": call.region,
        "sourceIPAddress": ask.peer.to_canonical().to_string(),
        "userAgent": agent,
        "requestParameters": parameters(&call.parameters),
        "responseElements": null,
        "requestID": ids.id,
        "eventID": event_id,
        "readOnly": call.read_only(),
        "eventType": "AwsApiCall",
        "managementEvent": !call.on_data,
        "recipientAccountId": caller.account,
        "eventCategory": if call.on_data { "Data" } else { "Management" },
    });
    if let (Some((code, message)), Some(fields)) = (error, record.as_object_mut()) {
        fields.insert("errorCode".into(), code.into());
        fields.insert("errorMessage".into(), cut(message, LONGEST).into());
    }
    record
}

/// The parameters within bounds: whoever holds the key decides what stands in them, and how much.
fn parameters(given: &Map<String, Value>) -> Value {
    if given.is_empty() {
        return Value::Null;
    }
    let kept = bounded(&Value::Object(given.clone()), 0);
    if kept.to_string().len() > MOST { json!({"omitted": "larger than the sandbox keeps"}) } else { kept }
}

fn bounded(value: &Value, depth: usize) -> Value {
    match value {
        Value::String(text) => Value::String(cut(text, LONGEST)),
        Value::Object(_) | Value::Array(_) if depth >= DEEPEST => Value::String("…".into()),
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(name, value)| (cut(name, LONGEST), bounded(value, depth + 1))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| bounded(item, depth + 1)).collect()),
        other => other.clone(),
    }
}

fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let mut end = most;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", text.get(..end).unwrap_or_default())
}
