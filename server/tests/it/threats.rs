//! What SECURITY.md promises, attacker by attacker. Much of it is shown where the room is; here stands what belongs to none.

mod document;
mod keys;
mod log;
mod nul;
mod pages;
mod stolen;
mod terminal;

use serde_json::{Value, json};

/// A record of a use of this key, with the same text in every field that a caller has a say in.
fn forged(access_key_id: &str, event: &str, text: &str) -> Value {
    json!({
        "eventVersion": "1.11",
        "eventID": event,
        "eventTime": "2026-03-01T10:01:00Z",
        "eventSource": text,
        "eventName": text,
        "awsRegion": text,
        "sourceIPAddress": text,
        "userAgent": text,
        "errorCode": text,
        "errorMessage": text,
        "requestID": text,
        "requestParameters": { "userName": text, text: text },
        "responseElements": text,
        "userIdentity": { "type": "IAMUser", "accessKeyId": access_key_id, "userName": text, "arn": text },
    })
}
