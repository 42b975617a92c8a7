//! A call's parameters as CloudTrail would keep them: nested, names in camel case, secrets replaced.

use super::queries::{insert, path_of};
use serde_json::{Map, Value};

/// CloudTrail's words in place of a secret.
const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";

/// How many parameters of a form are read.
const MOST: usize = 200;

/// Names whose values nobody should find in a log, in lower case and without punctuation. A name of a secret, such as
/// `SecretId`, is what a responder wants to know and is not one of them.
const SECRET_NAMES: [&str; 18] = [
    "secretstring",
    "secretbinary",
    "password",
    "newpassword",
    "oldpassword",
    "masteruserpassword",
    "plaintext",
    "clientsecret",
    "authtoken",
    "privatekey",
    "userdata",
    "secretaccesskey",
    "tokencode",
    "authenticationcode1",
    "authenticationcode2",
    "refreshtoken",
    "accesstoken",
    "securestring",
];

/// `UserName` is `userName`; `DBInstanceIdentifier` is `dBInstanceIdentifier`, as CloudTrail has it.
pub fn camel(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase().to_string() + letters.as_str()).unwrap_or_default()
}

/// The parameters of a form: `Tags.member.1.Key=a` is `{"tags": [{"key": "a"}]}`. EC2's lists stand in sets of items.
pub fn of_form(form: &[(String, String)], ec2: bool) -> Map<String, Value> {
    let mut root = Map::new();
    let told = form.iter().filter(|(name, _)| !matches!(name.as_str(), "Action" | "Version") && !is_signature(name));
    for (name, value) in told.take(MOST) {
        insert(&mut root, &path_of(name), Value::String(value.clone()));
    }
    let mut root = hide(root);
    if ec2 {
        root = root.into_iter().map(|(name, value)| in_set(name, value)).collect();
    }
    root
}

/// The parameters of a JSON object: its own names in camel case, and everything below as it is, because names there
/// may be the caller's own.
pub fn of_json(body: &[u8]) -> Map<String, Value> {
    match serde_json::from_slice::<Value>(body) {
        Ok(Value::Object(object)) => hide(object.into_iter().map(|(name, value)| (camel(&name), value)).collect()),
        _ => Map::new(),
    }
}

/// The parameters of a query that are not part of a signature, by the names that they have.
pub fn of_query(query: &[(String, String)]) -> Map<String, Value> {
    let told = query.iter().filter(|(name, _)| !is_signature(name)).take(MOST);
    hide(told.map(|(name, value)| (name.clone(), Value::String(value.clone()))).collect())
}

fn is_signature(name: &str) -> bool {
    matches!(name, "X-Amz-Signature" | "X-Amz-Credential" | "X-Amz-Security-Token")
}

/// Replaces what stands under the name of a secret, at every depth.
fn hide(object: Map<String, Value>) -> Map<String, Value> {
    object
        .into_iter()
        .map(|(name, value)| {
            let bare: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
            let secret = SECRET_NAMES.contains(&bare.to_ascii_lowercase().as_str());
            let value = if secret { Value::String(HIDDEN.into()) } else { hide_within(value) };
            (name, value)
        })
        .collect()
}

fn hide_within(value: Value) -> Value {
    match value {
        Value::Object(object) => Value::Object(hide(object)),
        Value::Array(items) => Value::Array(items.into_iter().map(hide_within).collect()),
        other => other,
    }
}

/// `{"instanceId": ["i-1"]}` is `{"instanceIdSet": {"items": [{"instanceId": "i-1"}]}}`.
fn in_set(name: String, value: Value) -> (String, Value) {
    let Value::Array(items) = value else { return (name, value) };
    let items: Vec<Value> = items
        .into_iter()
        .map(|item| match item {
            Value::Object(object) => {
                Value::Object(object.into_iter().map(|(name, value)| in_set(name, value)).collect())
            }
            scalar => Value::Object(Map::from_iter([(name.clone(), scalar)])),
        })
        .collect();
    (format!("{name}Set"), Value::Object(Map::from_iter([("items".to_owned(), Value::Array(items))])))
}
