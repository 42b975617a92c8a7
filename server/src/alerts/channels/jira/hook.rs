//! What Jira sends back: an issue changed. Only what the destination's settings name has a consequence here.

use crate::{alerts::channels::news::setting, mail::letter::one_line, store::alerts::destinations::DestinationRow};
use app::model::{moment::Moment, secret::Secret};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Deserialize;
use sha2::Sha256;

/// What Jira may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Somebody is on it.
    Acknowledge,
    /// It is done with.
    Resolve,
    /// The key shall no longer work.
    Disable,
}

/// A change of an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The issue's identifier.
    pub issue_id: String,
    /// Its key, for people.
    pub issue_key: String,
    /// Who changed it.
    pub who: String,
    /// When Jira sent this.
    pub at: Option<Moment>,
    /// The status that it has got.
    pub status: Option<String>,
    /// The labels that it has got.
    pub labels: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    #[serde(default)]
    webhook_event: String,
    timestamp: Option<i64>,
    user: Option<User>,
    issue: Option<serde_json::Value>,
    changelog: Option<Changelog>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct User {
    #[serde(default)]
    display_name: String,
}

#[derive(Deserialize)]
struct Changelog {
    #[serde(default)]
    items: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    #[serde(default)]
    field: String,
    from_string: Option<String>,
    to_string: Option<String>,
}

/// Reads what Jira sent; `None` where it is about something else than a change of an issue.
///
/// # Errors
/// What was expected.
pub fn read(body: &[u8]) -> Result<Option<Change>, String> {
    let told: Told =
        serde_json::from_slice(body).map_err(|error| format!("expected the JSON of a Jira webhook: {error}"))?;
    if told.webhook_event != "jira:issue_updated" {
        return Ok(None);
    }
    let Some((issue_id, issue_key)) = told.issue.as_ref().and_then(super::api::issue) else { return Ok(None) };
    let items = told.changelog.map(|log| log.items).unwrap_or_default();
    let status = items.iter().rev().find(|item| item.field == "status").and_then(|item| item.to_string.clone());
    let words = |text: &Option<String>| -> Vec<String> {
        text.as_deref().unwrap_or_default().split_whitespace().map(str::to_owned).collect()
    };
    let labels = items.iter().filter(|item| item.field == "labels").flat_map(|item| {
        let before = words(&item.from_string);
        words(&item.to_string).into_iter().filter(move |label| !before.contains(label))
    });
    Ok(Some(Change {
        issue_id,
        issue_key,
        who: told.user.map(|user| one_line(&user.display_name).chars().take(60).collect()).unwrap_or_default(),
        at: told.timestamp.map(Moment),
        labels: labels.collect(),
        status,
    }))
}

/// What a change means by the destination's settings. What is not named there means nothing.
pub fn wishes(destination: &DestinationRow, change: &Change) -> Vec<Wish> {
    let is = |name: &str, got: &str| {
        let named = setting(destination, name);
        !named.is_empty() && named.to_lowercase() == got.to_lowercase()
    };
    let status = |name: &str| change.status.as_deref().is_some_and(|status| is(name, status));
    let mut wishes = Vec::new();
    if status("disable_status") || change.labels.iter().any(|label| is("disable_label", label)) {
        wishes.push(Wish::Disable);
    }
    if status("acknowledge_status") {
        wishes.push(Wish::Acknowledge);
    }
    if status("resolve_status") {
        wishes.push(Wish::Resolve);
    }
    wishes
}

/// Whether `X-Hub-Signature` is what somebody who knows the secret writes over this body: `sha256=` and HMAC-SHA256 in
/// hexadecimal, in Cloud (<https://developer.atlassian.com/cloud/jira/platform/webhooks/#secure-admin-webhooks>) and in
/// Data Center (<https://confluence.atlassian.com/adminjiraserver/managing-webhooks-938846912.html>).
pub fn is_signed(secret: &Secret, header: &str, body: &[u8]) -> bool {
    let Some(signature) = header.trim().strip_prefix("sha256=").and_then(|hex| hex::decode(hex).ok()) else {
        return false;
    };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else { return false };
    mac.update(body);
    mac.verify_slice(&signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::channels::service::sample;
    use serde_json::json;

    fn told(items: serde_json::Value) -> Change {
        let body = json!({ "webhookEvent": "jira:issue_updated", "timestamp": 5, "user": { "displayName": "Ana\nB" },
            "issue": { "id": "10001", "key": "SEC-1", "fields": {} }, "changelog": { "items": items } });
        read(body.to_string().as_bytes()).unwrap().unwrap()
    }

    #[test]
    fn only_what_is_named_has_a_consequence() {
        let change = told(json!([
            { "field": "status", "fromString": "To Do", "toString": "In Progress" },
            { "field": "labels", "fromString": "aviary kept", "toString": "aviary kept burn-it" },
        ]));
        assert_eq!((change.who.as_str(), change.labels.as_slice()), ("Ana B", ["burn-it".to_owned()].as_slice()));
        assert_eq!(wishes(&sample::destination(json!({})), &change), []);
        let named = |settings| wishes(&sample::destination(settings), &change);
        assert_eq!(named(json!({ "acknowledge_status": "in progress" })), [Wish::Acknowledge]);
        assert_eq!(named(json!({ "resolve_status": "Done" })), []);
        assert_eq!(named(json!({ "disable_label": "kept" })), [], "it had that label before");
        assert_eq!(named(json!({ "disable_label": "burn-it" })), [Wish::Disable]);
        assert_eq!(named(json!({ "disable_status": "In Progress" })), [Wish::Disable]);
    }

    #[test]
    fn other_events_mean_nothing_and_what_is_no_json_is_refused() {
        assert_eq!(read(br#"{"webhookEvent":"comment_created"}"#).unwrap(), None);
        assert_eq!(read(br#"{"webhookEvent":"jira:issue_updated","issue":{"id":"x","key":"../x-1"}}"#).unwrap(), None);
        assert!(read(b"hello").is_err());
    }

    /// The vector was made with Python's hmac.
    #[test]
    fn a_signature_is_hmac_sha256_of_the_body() {
        let secret = Secret::new("It's a Secret to Everybody".into());
        let right = "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9";
        assert!(is_signed(&secret, right, b"Hello World!"));
        assert!(!is_signed(&secret, right, b"Hello World"));
        assert!(!is_signed(&secret, &right.replace("sha256", "sha1"), b"Hello World!"));
        assert!(!is_signed(&secret, "sha256=", b"Hello World!") && !is_signed(&secret, "", b""));
    }
}
