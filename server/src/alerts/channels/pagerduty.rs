//! PagerDuty, by its Events API v2 (<https://developer.pagerduty.com/docs/send-alert-event>): an incident here is an
//! alert there, known by the incident's identifier, so that triage here moves the page there.

use super::{
    Outcome, Parts, Proof, Verdict,
    news::{self, Gravity, News, cut},
    service, unsealed,
};
use crate::{
    house::House,
    net::Reply,
    store::alerts::{destinations::DestinationRow, queue::Due},
};
use app::model::{
    alert::{AlertKind, DestinationForm},
    fault::FieldFault,
};
use serde_json::{Map, Value, json};

/// The longest summary, in characters.
const SUMMARY: usize = 1_024;

/// What is to become of the alert at PagerDuty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Trigger,
    Acknowledge,
    Resolve,
}

impl Action {
    fn word(self) -> &'static str {
        match self {
            Self::Trigger => "trigger",
            Self::Acknowledge => "acknowledge",
            Self::Resolve => "resolve",
        }
    }
}

/// Reads the form: the integration key is the secret; the address is `us`, `eu`, or that of another endpoint.
pub(super) fn read(form: &DestinationForm) -> Result<Parts, Vec<FieldFault>> {
    let mut faults = Vec::new();
    let address = match form.address.trim() {
        "" | "us" => "https://events.pagerduty.com/v2/enqueue".to_owned(),
        "eu" => "https://events.eu.pagerduty.com/v2/enqueue".to_owned(),
        other => service::address(other, &mut faults),
    };
    let secret = service::typed_secret(form, "the integration key of an integration of Events API v2", &mut faults);
    service::parts(faults, address, json!({}), Some(secret))
}

/// Hands an alert over. A test is an alert that is resolved at once, so that nobody is left with it.
pub(super) async fn send(house: &House, destination: &DestinationRow, due: &Due) -> Outcome {
    let news = News::of(due);
    let first = match due.kind {
        AlertKind::Acknowledged => Action::Acknowledge,
        AlertKind::Resolved => Action::Resolve,
        _ => Action::Trigger,
    };
    let outcome = post(house, destination, &|key| event(&news, first, key)).await;
    if due.kind != AlertKind::Test || !outcome.ok() {
        return outcome;
    }
    post(house, destination, &|key| event(&news, Action::Resolve, key)).await
}

/// Sends a test event, and resolves it.
pub(super) async fn prove(house: &House, destination: &DestinationRow) -> Result<Proof, String> {
    service::proven(&send(house, destination, &service::test(house, destination)?).await)
}

async fn post(house: &House, destination: &DestinationRow, event: &(dyn Fn(&str) -> Value + Sync)) -> Outcome {
    let key = match unsealed(house, destination) {
        Ok(key) => key,
        // A mistake of ours, as a wrong sealing key, must cost no alert.
        Err(why) => return Outcome::new(Verdict::Later(None), None, &why),
    };
    service::post(house, destination, "", &[], &event(key.expose()), judge).await
}

/// 202 accepts; 400 says that the event can never be taken, a wrong key included.
fn judge(reply: &Reply) -> Verdict {
    match reply.status {
        200..300 => Verdict::Accepted,
        400 | 410 => Verdict::Never,
        _ => Verdict::Later(None),
    }
}

/// The event's JSON.
fn event(news: &News<'_>, action: Action, key: &str) -> Value {
    let mut event = json!({ "routing_key": key, "event_action": action.word(), "dedup_key": cut(news.thread(), 255) });
    if action != Action::Trigger {
        return event;
    }
    let severity = match news::gravity(news.due.kind) {
        Gravity::Critical => "critical",
        Gravity::Warning => "warning",
        Gravity::Notice | Gravity::Info => "info",
    };
    let mut details: Map<String, Value> =
        news.facts().into_iter().map(|fact| (fact.word.to_owned(), fact.value.into())).collect();
    details.insert("alert_id".to_owned(), news.due.id.as_str().into());
    if !news.notes().is_empty() {
        details.insert("what_to_do".to_owned(), news.notes().into());
    }
    let mut links = Vec::new();
    if let Some(href) = news.link() {
        links.push(json!({ "href": href, "text": "See it in Aviary" }));
    }
    if let Some(href) = news.token_link().filter(|href| Some(*href) != news.link()) {
        links.push(json!({ "href": href, "text": "See the key and all its uses" }));
    }
    if let Some(event) = event.as_object_mut() {
        event.insert("client".into(), "Aviary".into());
        if let Some(href) = news.link() {
            event.insert("client_url".into(), href.into());
        }
        event.insert("links".into(), links.into());
        event.insert(
            "payload".into(),
            json!({
                "summary": cut(&news.sentence(), SUMMARY),
                "source": cut(&news.source(), 255),
                "severity": severity,
                "class": news.due.kind.word(),
                "component": "canary key",
                "custom_details": details,
            }),
        );
    }
    event
}

#[cfg(test)]
mod tests {
    use super::{super::news::sample, *};

    #[test]
    fn a_hit_triggers_under_the_incidents_identifier() {
        let due = Due { summary: "x".repeat(3_000), ..sample::hit() };
        let event = event(&News::of(&due), Action::Trigger, "key");
        assert_eq!((&event["event_action"], &event["dedup_key"]), (&json!("trigger"), &json!("i-1")));
        assert_eq!(event["payload"]["severity"], "critical");
        assert!(event["payload"]["summary"].as_str().unwrap().chars().count() <= SUMMARY);
        assert_eq!(event["payload"]["custom_details"]["source_ip"], "203.0.113.7");
        assert_eq!(event["links"][0]["href"], "https://a.example/incidents/i-1");
        assert_eq!(event["links"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn what_people_decided_moves_the_same_alert_and_says_no_more() {
        let due = sample::due(AlertKind::Resolved, "resolved");
        let event = event(&News::of(&due), Action::Resolve, "key");
        assert_eq!(event, json!({ "routing_key": "key", "event_action": "resolve", "dedup_key": "i-1" }));
    }

    #[test]
    fn a_refused_event_is_not_repeated() {
        let reply = |status| Reply { status, retry_after: None, body_start: String::new() };
        assert_eq!(judge(&reply(202)), Verdict::Accepted);
        assert_eq!(judge(&reply(400)), Verdict::Never);
        assert_eq!(judge(&reply(429)), Verdict::Later(None));
        assert_eq!(judge(&reply(502)), Verdict::Later(None));
    }
}
