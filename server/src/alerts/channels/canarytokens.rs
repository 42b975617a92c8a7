//! The JSON of Canarytokens' generic webhook, for parsers that know it already.
//!
//! Its fields and their form are those of `TokenAlertDetails` and `TokenExposedDetails` in `canarytokens/models/common.py`
//! of <https://github.com/thinkst/canarytokens> at commit e13e2d44, and those of an AWS key's hit in
//! `canarytokens/models/aws_keys.py` and `canarytokens/tokens.py` there. What is absent there where there is nothing to
//! say is absent here.

use super::{
    Outcome, PATIENCE_FOR_PROOF, Parts, Proof, Verdict, address,
    http::{self, post_hidden},
    message::Message,
};
use crate::{
    alerts::body::Body,
    house::House,
    mail::letter::one_line,
    store::alerts::{destinations::DestinationRow, queue::Due},
};
use app::model::{
    alert::{AlertKind, DestinationForm},
    fault::FieldFault,
    hit::Hit,
    moment::Moment,
    token::Token,
};
use serde_json::{Value, json};

/// What Canarytokens calls an AWS key.
const TYPE: &str = "aws_keys";

/// The way by which Canarytokens hears of the use of an AWS key.
const CHANNEL: &str = "HTTP";

/// What was typed for a new one.
pub(super) fn read(form: &DestinationForm) -> Result<Parts, Vec<FieldFault>> {
    address::hidden(form, "/")
}

/// Hands an alert to it.
pub(super) async fn send(house: &House, destination: &DestinationRow, due: &Due) -> Outcome {
    if !is_alarm(due.kind) {
        return Outcome::new(Verdict::Accepted, None, "Canarytokens' webhook gets uses of keys only.");
    }
    let body: Option<Body> = serde_json::from_str(&due.payload).ok();
    let here = here(house, destination);
    http::deliver(house, destination, &render(body.as_ref(), due, &here, house.now()), |_| false).await
}

/// Sends the message with the code: such an alert as Canarytokens sends to try a webhook.
pub(super) async fn prove(house: &House, destination: &DestinationRow, code: &str) -> Result<Proof, String> {
    let question = Message::proof(house, destination, code);
    let body = json!({
        "channel": CHANNEL,
        "token_type": TYPE,
        "src_ip": "127.0.0.1",
        "token": "test",
        "time": time(house.now()),
        "memo": format!("{}. {}", question.title, one_line(&question.sentence)),
        "manage_url": here(house, destination),
        "additional_data": { "aviary": { "type": "code", "code": code } },
    });
    http::code_sent(&post_hidden(house, destination, &body, PATIENCE_FOR_PROOF).await?)
}

fn here(house: &House, destination: &DestinationRow) -> String {
    format!("{}/destinations/{}", house.config.base_url, destination.id)
}

/// Whether its parsers may take the news for a token that was tripped: they take everything for one.
fn is_alarm(kind: AlertKind) -> bool {
    matches!(kind, AlertKind::Hit | AlertKind::UnloggedUse | AlertKind::Exposed | AlertKind::Tampered | AlertKind::Test)
}

fn render(body: Option<&Body>, due: &Due, here: &str, now: Moment) -> Value {
    let token = body.and_then(|body| body.data.token.as_ref());
    let hit = body.and_then(|body| body.data.hit.as_ref());
    let manage_url = body.and_then(|body| body.data.links.token.as_deref()).unwrap_or(here);
    match (body, token) {
        (Some(body), Some(token)) if body.kind == AlertKind::Exposed => json!({
            "token_type": TYPE,
            "token": token.id,
            "memo": memo(token),
            "key_id": token.access_key_id,
            "exposed_time": time(hit.map_or(body.timestamp, |hit| hit.event_time)),
            "manage_url": manage_url,
        }),
        _ => {
            let kind = body.map(|body| body.kind);
            let alert = json!({
                "channel": CHANNEL,
                "token_type": TYPE,
                "token": token.map_or("test", |token| token.id.as_str()),
                "time": time(hit.map(|hit| hit.event_time).or(body.map(|body| body.timestamp)).unwrap_or(now)),
                // What is no use of a key has no place of its own there: the reminder says it.
                "memo": match (token, kind) {
                    (Some(token), Some(AlertKind::Hit | AlertKind::UnloggedUse)) => memo(token),
                    _ => one_line(&due.summary),
                },
                "manage_url": manage_url,
                "additional_data": additional(due, body, hit),
            });
            joined(alert, hit.map(|hit| json!({ "src_ip": one_line(&hit.source_ip) })))
        }
    }
}

/// An object with the entries of another one besides, if there is one.
fn joined(mut object: Value, more: Option<Value>) -> Value {
    if let (Some(object), Some(Value::Object(more))) = (object.as_object_mut(), more) {
        object.extend(more);
    }
    object
}

/// What the token's people read in an alert to know where they put it.
fn memo(token: &Token) -> String {
    one_line(if token.location.is_empty() { &token.access_key_id } else { &token.location })
}

fn additional(due: &Due, body: Option<&Body>, hit: Option<&Hit>) -> Value {
    let data = json!({ "aviary": {
        "id": due.id.as_str(),
        "type": body.map(|body| body.kind.word()),
        "incident_url": body.and_then(|body| body.data.links.incident.as_deref()),
    } });
    let account = |hit: &Hit| hit.record.pointer("/userIdentity/accountId").map(|id| vec![id.clone()]);
    let used = hit.map(|hit| {
        json!({
            "src_ip": one_line(&hit.source_ip),
            "useragent": one_line(&hit.user_agent),
            "time_ymd": hit.event_time.day().replace('-', "/"),
            "time_hm": hit.event_time.exact().get(11..16),
            // Lists, because they were the values of a query string.
            "aws_key_log_data": {
                "eventName": [hit.event_name],
                "eventSource": [hit.event_source],
                "awsRegion": [hit.aws_region],
                "accountId": account(hit).unwrap_or_default(),
            },
        })
    });
    joined(data, used)
}

/// `2026-11-21 14:03:09 (UTC)`
fn time(at: Moment) -> String {
    at.exact().replace(" UTC", " (UTC)")
}

#[cfg(test)]
mod tests {
    use super::{super::news::sample, *};

    #[test]
    fn only_what_trips_a_token_is_told() {
        let told: Vec<_> = AlertKind::ALL.into_iter().filter(|kind| is_alarm(*kind)).map(AlertKind::word).collect();
        assert_eq!(told, ["hit", "exposed", "tampered", "unlogged_use", "test"]);
    }

    #[test]
    fn each_alert_has_one_identifier() {
        let due = sample::hit();
        let body: Option<Body> = serde_json::from_str(&due.payload).ok();
        let told = render(body.as_ref(), &due, "https://a.example/destinations/d", Moment(0));
        assert_eq!(told["additional_data"]["aviary"]["id"], "d-1");
        assert_eq!((&told["src_ip"], &told["channel"]), (&json!("203.0.113.7"), &json!("HTTP")));
    }
}
