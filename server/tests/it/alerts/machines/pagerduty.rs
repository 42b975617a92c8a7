//! PagerDuty: an incident here is an alert there.

use super::{super::*, confirmed, incident, make, serve, triage};
use app::model::moment::{DAY, HOUR};
use axum::{Json, Router, extract::State, routing::post};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

const KEY: &str = "R0123456789ABCDEF0123456789ABCDE";

#[derive(Clone, Default)]
struct Service {
    events: Arc<Mutex<Vec<Value>>>,
    /// What the next events are answered with instead.
    script: Arc<Mutex<VecDeque<u16>>>,
}

impl Service {
    async fn start(&self) -> String {
        let router = Router::new().route("/v2/enqueue", post(enqueue)).with_state(self.clone());
        format!("{}/v2/enqueue", serve(router).await)
    }

    /// What arrived since the last look: what to do, and with which alert.
    fn moves(&self) -> Vec<(String, String)> {
        let events = std::mem::take(&mut *self.events.lock().unwrap());
        events
            .iter()
            .map(|event| (text(&event["event_action"]).to_owned(), text(&event["dedup_key"]).to_owned()))
            .collect()
    }
}

async fn enqueue(State(service): State<Service>, Json(event): Json<Value>) -> (StatusCode, Json<Value>) {
    if let Some(status) = service.script.lock().unwrap().pop_front() {
        return (StatusCode::from_u16(status).unwrap(), Json(json!({ "message": "Slow down" })));
    }
    if event["routing_key"] != KEY {
        let errors = json!([format!("'routing_key' {} is invalid", text(&event["routing_key"]))]);
        let answer = json!({ "status": "invalid event", "message": "Event object is invalid", "errors": errors });
        return (StatusCode::BAD_REQUEST, Json(answer));
    }
    let answer = json!({ "status": "success", "message": "Event processed", "dedup_key": event["dedup_key"] });
    service.events.lock().unwrap().push(event);
    (StatusCode::ACCEPTED, Json(answer))
}

#[tokio::test]
async fn triage_here_moves_the_page_there() {
    let house = TestHouse::start().await;
    let service = Service::default();
    let made = confirmed(&house, "pagerduty", &service.start().await, KEY, json!({})).await;
    let proof = service.moves();
    assert_eq!(proof.iter().map(|(what, _)| what.as_str()).collect::<Vec<_>>(), ["trigger", "resolve"]);
    assert_eq!(proof[0].1, proof[1].1, "nobody is left with the test");

    let token = house.mint("laptop").await;
    subscribe(&house, &made, &token).await;
    hit(&house, &token, "e-1").await;
    delivered(&house, &made, "sent", 1).await;
    let incident = incident(&house).await;
    let id = text(&incident["id"]).to_owned();
    {
        let events = service.events.lock().unwrap();
        assert_eq!(events[0]["payload"]["severity"], "critical");
        assert_eq!(events[0]["payload"]["custom_details"]["source_ip"], "203.0.113.7");
        assert_eq!(events[0]["links"][0]["href"], format!("{}/incidents/{id}", house.url));
    }
    triage(&house, &incident, "acknowledge", json!({})).await;
    house.until("three deliveries", || async { deliveries(&house, &made).await.len() == 2 }).await;
    let told = delivered(&house, &made, "sent", 1).await;
    assert_eq!(text(&told["kind"]), "acknowledged");
    triage(&house, &incident, "resolve", json!({ "resolution": "false_positive" })).await;
    house.until("it was resolved there", || async { service.events.lock().unwrap().len() == 3 }).await;
    // Somebody thinks again. They were on it before, and are on it now.
    triage(&house, &incident, "reopen", json!({})).await;
    house.until("it is open there again", || async { service.events.lock().unwrap().len() == 5 }).await;
    let moves = service.moves();
    let expected = ["trigger", "acknowledge", "resolve", "trigger", "acknowledge"];
    assert_eq!(moves, expected.map(|what| (what.to_owned(), id.clone())));
}

#[tokio::test]
async fn the_link_in_a_page_acknowledges_here_once_and_for_seven_days() {
    let house = TestHouse::start().await;
    let service = Service::default();
    let made = confirmed(&house, "pagerduty", &service.start().await, KEY, json!({})).await;
    let test = service.events.lock().unwrap()[0].clone();
    assert!(!test.to_string().contains("/acknowledge/"), "there is nothing to acknowledge in a test: {test}");
    service.moves();
    let page = async |location: &str, event: &str| {
        let token = house.mint(location).await;
        subscribe(&house, &made, &token).await;
        hit(&house, &token, event).await;
        house.until("it pages", || async { service.events.lock().unwrap().len() == 1 }).await;
        let paged = service.events.lock().unwrap().remove(0);
        let links = paged["links"].as_array().unwrap().clone();
        let link = links.iter().find(|link| link["text"] == "Acknowledge it in Aviary").unwrap();
        text(&link["href"]).strip_prefix(&house.url).unwrap().to_owned()
    };
    let (link, stranger) = (page("laptop", "e-1").await, house.browser());
    assert_eq!(stranger.get(&link).await.status, StatusCode::OK);
    let before = incident(&house).await;
    assert_eq!(text(&before["state"]), "open", "following it changes nothing");
    assert_eq!(stranger.form(&link, &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(text(&incident(&house).await["acknowledged_by"]), "somebody at the pagerduty");
    house.until("PagerDuty is told", || async { !service.events.lock().unwrap().is_empty() }).await;
    assert_eq!(service.moves(), [("acknowledge".to_owned(), text(&before["id"]).to_owned())]);
    assert_eq!(stranger.form(&link, &[]).await.status, StatusCode::CONFLICT, "once");

    let late = page("server", "e-2").await;
    assert_eq!(stranger.get(&late).await.status, StatusCode::OK);
    house.clock.advance(8 * DAY);
    assert_eq!(stranger.form(&late, &[]).await.status, StatusCode::NOT_FOUND, "not for ever");
}

#[tokio::test]
async fn what_people_decide_is_told_only_to_those_who_follow_incidents() {
    let house = TestHouse::start().await;
    let receiver = receiver::Receiver::start().await;
    let made = destination(&house, "webhook", &receiver.url).await;
    let service = Service::default();
    let other = confirmed(&house, "pagerduty", &service.start().await, KEY, json!({})).await;
    let token = house.mint("laptop").await;
    subscribe(&house, &made, &token).await;
    hit(&house, &token, "e-1").await;
    delivered(&house, &made, "sent", 1).await;
    triage(&house, &incident(&house).await, "acknowledge", json!({})).await;
    assert_eq!(deliveries(&house, &made).await.len(), 1);
    assert!(deliveries(&house, &other).await.is_empty(), "it never heard of this incident");
}

#[tokio::test]
async fn a_busy_service_is_asked_again_and_a_wrong_key_is_not() {
    let house = TestHouse::start().await;
    let service = Service::default();
    let url = service.start().await;
    let made = confirmed(&house, "pagerduty", &url, KEY, json!({})).await;
    let token = house.mint("laptop").await;
    subscribe(&house, &made, &token).await;
    service.moves();
    service.script.lock().unwrap().push_back(429);
    hit(&house, &token, "e-1").await;
    delivered(&house, &made, "waiting", 1).await;
    later(&house, 7 * app::model::moment::SECOND);
    delivered(&house, &made, "sent", 2).await;
    assert_eq!(service.moves().len(), 1);

    let wrong = make(&house, "pagerduty", &url, "R999-another", json!({})).await;
    assert_eq!(text(&wrong["state"]), "unconfirmed");
    assert!(text(&wrong["last_error"]).contains("'routing_key' … is invalid"), "{wrong}");
    service.script.lock().unwrap().push_back(400);
    hit(&house, &token, "e-2").await;
    let dead = delivered(&house, &made, "dead", 1).await;
    assert_eq!(dead["attempts"][0]["status"], 400);
}

/// Lets a destination hear of a token once a day, and the token be used.
async fn used_in_a_daily_digest(house: &TestHouse, made: &Value) {
    let token = house.mint("laptop").await;
    let what = json!({ "scope": "token", "token_id": token["id"], "pace": "daily" });
    subscribe_to(house, made, &what).await;
    hit(house, &token, "e-1").await;
}

/// Waits for the digest; its delivery.
async fn digest(house: &TestHouse, made: &Value) -> Value {
    later(house, DAY + HOUR);
    aviary::alerts::digest::work_once(&house.house).await.unwrap();
    let told = delivered(house, made, "sent", 1).await;
    assert_eq!(text(&told["kind"]), "digest");
    told
}

#[tokio::test]
async fn what_a_digest_alone_has_told_is_moved_too() {
    let house = TestHouse::start().await;
    let service = Service::default();
    let made = confirmed(&house, "pagerduty", &service.start().await, KEY, json!({})).await;
    service.moves();
    used_in_a_daily_digest(&house, &made).await;
    digest(&house, &made).await;
    let incident = incident(&house).await;
    assert_eq!(service.events.lock().unwrap()[0]["payload"]["severity"], "info");
    triage(&house, &incident, "resolve", json!({ "resolution": "false_positive" })).await;
    house.until("it was resolved there", || async { service.events.lock().unwrap().len() == 2 }).await;
    let id = text(&incident["id"]).to_owned();
    assert_eq!(service.moves(), ["trigger", "resolve"].map(|what| (what.to_owned(), id.clone())));
}

#[tokio::test]
async fn a_digest_pages_nobody_about_what_somebody_is_on() {
    let house = TestHouse::start().await;
    let service = Service::default();
    let made = confirmed(&house, "pagerduty", &service.start().await, KEY, json!({})).await;
    service.moves();
    used_in_a_daily_digest(&house, &made).await;
    triage(&house, &incident(&house).await, "acknowledge", json!({})).await;
    let told = digest(&house, &made).await;
    assert!(text(&told["attempts"][0]["detail"]).starts_with("Somebody is on each incident"), "{told}");
    assert!(service.moves().is_empty());
}
