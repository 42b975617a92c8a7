//! What is sent to each address: what changes nothing that another row looks at, or is refused after the right was looked at.

use super::seed::Things;
use serde_json::{Value, json};

/// What is sent.
pub enum Sent {
    Nothing,
    Form(Vec<(&'static str, String)>),
    Json(Value),
}

impl Sent {
    pub fn content_type(&self) -> Option<&'static str> {
        match self {
            Self::Nothing => None,
            Self::Form(_) => Some("application/x-www-form-urlencoded"),
            Self::Json(_) => Some("application/json"),
        }
    }

    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Nothing => Vec::new(),
            Self::Form(fields) => serde_urlencoded::to_string(fields).unwrap().into_bytes(),
            Self::Json(value) => value.to_string().into_bytes(),
        }
    }
}

/// What is sent to this address.
pub fn of(method: &str, path: &str, things: &Things) -> Sent {
    if method == "GET" {
        return Sent::Nothing;
    }
    match path.strip_prefix("/api/v1") {
        Some(path) => rest(method, path, things),
        None => match path.strip_prefix("/call/") {
            Some(name) => call(name, things),
            None => Sent::Form(form(path, things)),
        },
    }
}

fn form(path: &str, things: &Things) -> Vec<(&'static str, String)> {
    let one = |name, value: &str| vec![(name, value.to_owned())];
    match path {
        "/tokens/{id}/download" => one("file", "env"),
        "/incidents/{id}/resolve" => one("resolution", "no such thing"),
        "/destinations/new" => one("kind", "pigeon"),
        "/destinations/{id}/code" => one("code", "123456"),
        "/destinations/{id}/replay" => one("from", "some day"),
        "/subscriptions/new" => vec![
            ("destination_id", things.destination.clone()),
            ("scope", "team".to_owned()),
            ("team", "Security".to_owned()),
        ],
        "/subscriptions/{id}/change" => one("pace", "daily"),
        "/settings/password" => vec![("current", "not this one".to_owned()), ("new", "short".to_owned())],
        "/settings/quiet-hours" => one("from", "22:00"),
        "/settings/people/{id}/role" => one("role", "king"),
        _ => Vec::new(),
    }
}

/// Server functions take a form, but those that take JSON.
fn call(name: &str, things: &Things) -> Sent {
    let one = |name, value: &str| Sent::Form(vec![(name, value.to_owned())]);
    match name {
        "tokens" | "token-counts" | "hits" | "incidents" | "deliveries" | "audit" => Sent::Json(json!({ "query": {} })),
        "latest-runs" => Sent::Json(json!({ "tokens": [] })),
        "subscriptions" => Sent::Json(json!({ "of": null, "about": null })),
        "quarantine" => Sent::Json(json!({ "after": null })),
        "check-token-form" => Sent::Json(json!({ "form": {}, "adopt": false })),
        "check-account-form" => Sent::Json(json!({ "form": {} })),
        "token" => one("id", &things.token),
        "proof" | "hit-chart" => one("token", &things.token),
        "incident" => one("id", &things.incident),
        "destination" | "kept" => one("id", &things.destination),
        "held" => one("of", &things.destination),
        "delivery" => one("id", &things.delivery),
        "account" => one("id", "111122223333"),
        "provider" => one("id", "no-such-provider"),
        "acknowledging" | "awaiting-confirmation" | "leaving" | "setup-open" | "invited" | "entering" | "resetting" => {
            one("code", "no-such-code")
        }
        _ => Sent::Form(Vec::new()),
    }
}

fn rest(method: &str, path: &str, things: &Things) -> Sent {
    match (method, path) {
        ("DELETE", _) => Sent::Nothing,
        ("POST", "/tokens" | "/tokens/adopt") => Sent::Json(json!({ "location": "" })),
        ("POST", "/accounts") => Sent::Json(json!({ "id": "no number" })),
        ("POST", "/destinations") => Sent::Json(json!({ "kind": "pigeon" })),
        ("POST", "/destinations/{id}/replay") => Sent::Json(json!({ "from": "some day" })),
        ("POST", "/subscriptions") => {
            Sent::Json(json!({ "destination_id": things.destination, "scope": "team", "team": "Security" }))
        }
        ("PATCH", "/subscriptions/{id}") => Sent::Json(json!({ "pace": "daily" })),
        ("POST", "/incidents/{id}/resolve") => Sent::Json(json!({ "resolution": "drill" })),
        ("POST", "/ingest/cloudtrail") => Sent::Json(json!({ "Records": [] })),
        ("PATCH", _) => Sent::Json(json!({})),
        _ => Sent::Nothing,
    }
}
