//! PagerDuty, by its Events API v2 (<https://developer.pagerduty.com/docs/send-alert-event>): an incident here is an
//! alert there, known by the incident's identifier, so that triage here moves the page there. An event that triggers under
//! the key of an alert that is resolved makes another alert.

use super::{
    Outcome, Parts, Proof, Verdict,
    news::{self, Gravity, News, cut},
    service, unsealed,
};
use crate::{
    house::House,
    net::Reply,
    store::{
        self,
        alerts::{destinations::DestinationRow, queue::Due},
    },
};
use app::model::{
    alert::{AlertKind, DestinationForm},
    fault::FieldFault,
    incident::IncidentState,
};
use serde_json::{Map, Value, json};

/// The longest summary, in characters
/// (<https://developer.pagerduty.com/docs/send-alert-event#parameters>).
const SUMMARY: usize = 1_024;

/// The longest key by which events belong together, in characters (the same).
const KEY: usize = 255;

/// How much of one detail is told, in characters. An event may have 512 KB, and what is larger is never taken; a user
/// agent may be as long as whoever used the key likes.
const DETAIL: usize = 2_000;

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
    let parts = news.parts();
    if !parts.is_empty() {
        return send_parts(house, destination, &parts).await;
    }
    let first = match due.kind {
        AlertKind::Acknowledged => Action::Acknowledge,
        AlertKind::Resolved => Action::Resolve,
        _ => Action::Trigger,
    };
    let outcome = post(house, destination, &|key| event(&news, first, key)).await;
    let then = match due.kind {
        AlertKind::Test => Some(Action::Resolve),
        // What is opened again is a new alert there; whoever was on it still is.
        AlertKind::Reopened if is_acknowledged(&news) => Some(Action::Acknowledge),
        _ => None,
    };
    match then {
        Some(then) if outcome.ok() => post(house, destination, &|key| event(&news, then, key)).await,
        _ => outcome,
    }
}

/// Hands the parts of a digest over, each on the alert of its own incident. One that somebody is on, or that is closed,
/// is left alone: a trigger would page again. An event that is repeated moves the same alert.
async fn send_parts(house: &House, destination: &DestinationRow, parts: &[News<'_>]) -> Outcome {
    let mut last = None;
    for part in parts {
        match is_open(house, part).await {
            Ok(true) => {}
            Ok(false) => continue,
            Err(error) => {
                tracing::error!(%error, "the state of an incident could not be read");
                let why = "Aviary's own database failed; the attempt was not finished.";
                return Outcome::new(Verdict::Later(None), None, why);
            }
        }
        let outcome = post(house, destination, &|key| event(part, Action::Trigger, key)).await;
        if !outcome.ok() {
            return outcome;
        }
        last = Some(outcome);
    }
    last.unwrap_or_else(|| {
        Outcome::new(Verdict::Accepted, None, "Somebody is on each incident in it already, or it is resolved.")
    })
}

fn is_acknowledged(news: &News<'_>) -> bool {
    news.incident().is_some_and(|incident| incident.state == IncidentState::Acknowledged)
}

/// Whether nobody has looked after the incident of some news until now; true of news without one.
async fn is_open(house: &House, news: &News<'_>) -> Result<bool, store::StoreError> {
    let Some(incident) = news.incident() else { return Ok(true) };
    let now = store::incidents::by_id(&mut *house.store.read().await?, &incident.id).await?;
    Ok(now.is_some_and(|(incident, _)| incident.state == IncidentState::Open))
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
    let mut event = json!({ "routing_key": key, "event_action": action.word(), "dedup_key": cut(news.thread(), KEY) });
    if action != Action::Trigger {
        return event;
    }
    // The uses in a digest were told late by somebody's wish, or paged before it.
    let severity = match news::gravity(news.due.kind) {
        _ if news.due.kind == AlertKind::Digest => "info",
        Gravity::Critical => "critical",
        Gravity::Warning => "warning",
        Gravity::Notice | Gravity::Info => "info",
    };
    let detail = |text: &str| Value::from(cut(text, DETAIL));
    let mut details: Map<String, Value> =
        news.facts().into_iter().map(|fact| (fact.word, detail(&fact.value))).collect();
    details.insert("alert_id".to_owned(), news.due.id.as_str().into());
    if !news.notes().is_empty() {
        details.insert("what_to_do".to_owned(), detail(news.notes()));
    }
    let mut links = Vec::new();
    if let Some(href) = news.link() {
        links.push(json!({ "href": href, "text": "See it in Aviary" }));
    }
    // The button there tells nobody here: this does, and for whoever has no account in Aviary.
    if let Some(href) = news.acknowledge_link() {
        links.push(json!({ "href": href, "text": "Acknowledge it in Aviary" }));
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
    fn a_link_to_acknowledge_is_among_the_links_where_the_alert_has_one() {
        let mut payload: Value = serde_json::from_str(&sample::hit().payload).unwrap();
        for (url, expected) in [("https://a.example/acknowledge/code", 3), (crate::alerts::card::ACKNOWLEDGE, 2)] {
            payload["data"]["card"] = json!({ "sentence": "s", "actions": [{ "label": "Acknowledge", "url": url }] });
            let due = Due { payload: payload.to_string(), ..sample::hit() };
            let event = event(&News::of(&due), Action::Trigger, "key");
            assert_eq!(event["links"].as_array().unwrap().len(), expected, "{event}");
            assert_eq!(event["links"][1]["href"] == url, expected == 3, "{event}");
            let moved = super::event(&News::of(&due), Action::Resolve, "key");
            assert!(!moved.to_string().contains("acknowledge/"), "{moved}");
        }
    }

    #[test]
    fn an_incident_that_is_open_again_pages_again() {
        let due = sample::due(AlertKind::Reopened, "reopened");
        let (news, told) = (News::of(&due), event(&News::of(&due), Action::Trigger, "key"));
        assert_eq!((&told["dedup_key"], &told["payload"]["severity"]), (&json!("i-1"), &json!("critical")));
        assert!(!is_acknowledged(&news), "nobody is on it");
    }

    #[test]
    fn however_much_is_sent_an_event_is_one_that_is_taken() {
        let mut payload: Value = serde_json::from_str(&sample::hit().payload).unwrap();
        payload["data"]["hit"]["user_agent"] = "x".repeat(1_000_000).into();
        payload["data"]["token"]["notes"] = "é".repeat(1_000_000).into();
        let due = Due { payload: payload.to_string(), ..sample::hit() };
        let text = event(&News::of(&due), Action::Trigger, "key").to_string();
        assert!(text.len() < 512_000 / 4, "{}", text.len());
    }

    #[test]
    fn what_people_decided_moves_the_same_alert_and_says_no_more() {
        let due = sample::due(AlertKind::Resolved, "resolved");
        let event = event(&News::of(&due), Action::Resolve, "key");
        assert_eq!(event, json!({ "routing_key": "key", "event_action": "resolve", "dedup_key": "i-1" }));
    }

    #[test]
    fn each_part_of_a_digest_is_an_event_on_its_own_alert() {
        let due = sample::digest();
        let events: Vec<Value> =
            News::of(&due).parts().iter().map(|part| event(part, Action::Trigger, "key")).collect();
        let keys: Vec<_> = events.iter().map(|event| event["dedup_key"].as_str().unwrap()).collect();
        assert_eq!(keys, ["i-1", "i-2", "token-t-3"]);
        for event in &events {
            assert_eq!((&event["payload"]["severity"], &event["payload"]["class"]), (&json!("info"), &json!("digest")));
            assert!(event["payload"]["custom_details"]["item_1"].is_string(), "{event}");
        }
        assert!(
            events[0]["payload"]["custom_details"]["item_1"].as_str().unwrap().contains("sts:GetCallerIdentity (3)")
        );
        assert_eq!(events[1]["links"][0]["href"], "https://a.example/incidents/i-2");
    }

    #[test]
    fn repeated_news_without_an_incident_move_one_alert() {
        let told = |due: &Due| event(&News::of(due), Action::Trigger, "key");
        let failing = told(&sample::failing());
        assert_eq!(failing["dedup_key"], "destination-x-1");
        assert_eq!(failing["payload"]["severity"], "warning");
        assert_eq!(failing["client_url"], "https://a.example/destinations/x-1");
        let minted = told(&sample::minted());
        assert_eq!((&minted["dedup_key"], &minted["payload"]["severity"]), (&json!("token-t-1"), &json!("info")));
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
