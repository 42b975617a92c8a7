//! Splunk, by its HTTP Event Collector
//! (<https://docs.splunk.com/Documentation/Splunk/latest/Data/HECRESTendpoints>): every alert is an event.

use super::{
    Outcome, Parts, Proof, Verdict,
    news::{self, News},
    sentence, service, unsealed,
};
use crate::{
    house::House,
    net::Reply,
    store::alerts::{destinations::DestinationRow, queue::Due},
};
use app::model::{alert::DestinationForm, fault::FieldFault, moment::Moment};
use http::{HeaderName, header::AUTHORIZATION};
use serde_json::{Value, json};

/// The longest name of an index, a source or a source type, in characters.
const NAME: usize = 80;

/// Reads the form: the collector's address, its token, and where the events are to go.
pub(super) fn read(form: &DestinationForm) -> Result<Parts, Vec<FieldFault>> {
    let mut faults = Vec::new();
    let address = service::address(&form.address, &mut faults);
    let secret = service::typed_secret(form, "the token of an HTTP Event Collector", &mut faults);
    let mut setting = |name: &str| service::typed(form, name, NAME, &mut faults);
    let settings =
        json!({ "index": setting("index"), "source": setting("source"), "sourcetype": setting("sourcetype") });
    service::parts(faults, address, settings, Some(secret))
}

/// Hands an alert over as one event.
pub(super) async fn send(house: &House, destination: &DestinationRow, due: &Due) -> Outcome {
    let token = match unsealed(house, destination) {
        Ok(token) => token,
        // A mistake of ours, as a wrong sealing key, must cost no alert.
        Err(why) => return Outcome::new(Verdict::Later(None), None, &why),
    };
    let headers = [
        (AUTHORIZATION, format!("Splunk {}", token.expose())),
        // Tokens with acknowledgement want to know by which channel an event comes.
        (HeaderName::from_static("x-splunk-request-channel"), destination.id.0.clone()),
    ];
    let event = event(destination, due, &service::host(house), house.now());
    service::post(house, destination, "/services/collector/event", &headers, &event, judge).await
}

/// Asks the collector how it is, and sends it a test event.
pub(super) async fn prove(house: &House, destination: &DestinationRow) -> Result<Proof, String> {
    let health = service::call(house, destination, "/services/collector/health", &[], None).await;
    let health = health.map_err(|error| sentence(&error))?;
    if health.status != 200 {
        let said: String = health.body_start.chars().take(200).collect();
        return Err(format!("The collector's health page answered {}: {said}", health.status));
    }
    service::proven(&send(house, destination, &service::test(house, destination)?).await)
}

/// By the code in the answer, which says more than the status
/// (<https://docs.splunk.com/Documentation/Splunk/latest/Data/TroubleshootHTTPEventCollector>).
/// How large an event may be is the operator's setting `max_content_length`, of 800 MB where nobody set it (in `limits.conf`);
/// an alert has a few hundred KiB at most.
fn judge(reply: &Reply) -> Verdict {
    let answer: Value = serde_json::from_str(&reply.body_start).unwrap_or_default();
    match (answer.get("code").and_then(Value::as_i64), reply.status) {
        (Some(0), 200) | (None, 200) => Verdict::Accepted,
        // Invalid token, invalid data, incorrect index, no or blank event, no acknowledgement: the same event will not
        // be taken later either.
        (Some(4 | 5 | 6 | 7 | 10..=16), _) => Verdict::Never,
        // A token that is disabled, a collector that is busy, unwell or going away.
        _ => Verdict::Later(None),
    }
}

/// The event's JSON.
fn event(destination: &DestinationRow, due: &Due, host: &str, now: Moment) -> Value {
    let or = |name: &str, usual: &str| match news::setting(destination, name) {
        "" => usual.to_owned(),
        named => named.to_owned(),
    };
    let at = News::of(due).at(now).0;
    let mut event = json!({
        "time": format!("{}.{:03}", at.div_euclid(1_000), at.rem_euclid(1_000)),
        "host": host,
        "source": or("source", "aviary"),
        "sourcetype": or("sourcetype", "aviary:alert"),
        "event": service::whole(due),
    });
    let index = news::setting(destination, "index");
    if let Some(event) = event.as_object_mut().filter(|_| !index.is_empty()) {
        event.insert("index".into(), index.into());
    }
    event
}

#[cfg(test)]
mod tests {
    use super::{super::news::sample, *};

    #[test]
    fn an_event_has_its_time_and_the_whole_alert() {
        let destination = service::sample::destination(json!({ "index": "security" }));
        let event = event(&destination, &sample::hit(), "aviary.example.com", Moment(0));
        assert_eq!(event["time"], "1795269789.000");
        assert_eq!((&event["sourcetype"], &event["index"]), (&json!("aviary:alert"), &json!("security")));
        assert_eq!(event["event"]["id"], "d-1");
        assert_eq!(event["event"]["data"]["hit"]["record"]["eventID"], "e-1");
    }

    #[test]
    fn news_of_every_sort_are_events() {
        let destination = service::sample::destination(json!({}));
        for due in [sample::digest(), sample::failing(), sample::minted(), sample::audit()] {
            let event = event(&destination, &due, "aviary.example.com", Moment(0));
            assert_eq!(event["event"]["type"], due.kind.word());
            assert_eq!(event["event"]["summary"], due.summary);
            assert!(event["event"]["data"]["card"]["sentence"].is_string() && event["time"] != "", "{event}");
        }
    }

    #[test]
    fn the_code_decides_more_than_the_status() {
        let judged = |status, body: &str| judge(&Reply { status, retry_after: None, body_start: body.into() });
        assert_eq!(judged(200, r#"{"text":"Success","code":0}"#), Verdict::Accepted);
        assert_eq!(judged(403, r#"{"text":"Invalid token","code":4}"#), Verdict::Never);
        assert_eq!(judged(400, r#"{"text":"Incorrect index","code":7,"invalid-event-number":0}"#), Verdict::Never);
        assert_eq!(judged(503, r#"{"text":"Server is busy","code":9}"#), Verdict::Later(None));
        assert_eq!(judged(403, r#"{"text":"Token disabled","code":1}"#), Verdict::Later(None));
        assert_eq!(judged(502, "<html>"), Verdict::Later(None));
    }
}
