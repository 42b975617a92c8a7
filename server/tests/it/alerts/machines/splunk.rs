//! Splunk's HTTP Event Collector.

use super::{super::*, confirmed, make, serve};
use axum::{
    Json, Router,
    extract::State,
    http::HeaderMap,
    routing::{get, post},
};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

const TOKEN: &str = "b1f0e2d3-0000-4000-8000-123456789abc";

#[derive(Clone, Default)]
struct Collector {
    events: Arc<Mutex<Vec<Value>>>,
    script: Arc<Mutex<VecDeque<(u16, i64)>>>,
}

impl Collector {
    async fn start(&self, health: StatusCode) -> String {
        let health = async move || (health, Json(json!({ "text": "HEC health", "code": 17 })));
        let router = Router::new()
            .route("/services/collector/health", get(health))
            .route("/services/collector/event", post(take))
            .with_state(self.clone());
        serve(router).await
    }
}

async fn take(State(it): State<Collector>, headers: HeaderMap, Json(event): Json<Value>) -> (StatusCode, Json<Value>) {
    let said = |status: u16, text: &str, code: i64| {
        (StatusCode::from_u16(status).unwrap(), Json(json!({ "text": text, "code": code })))
    };
    if headers.get("authorization").is_none_or(|value| value != format!("Splunk {TOKEN}").as_str()) {
        return said(403, "Invalid token", 4);
    }
    if let Some((status, code)) = it.script.lock().unwrap().pop_front() {
        return said(status, "Server is busy", code);
    }
    if event["index"] == "nowhere" {
        return said(400, "Incorrect index", 7);
    }
    it.events.lock().unwrap().push(event);
    said(200, "Success", 0)
}

#[tokio::test]
async fn every_hit_is_an_event_and_a_busy_collector_gets_it_later() {
    let house = TestHouse::start().await;
    let collector = Collector::default();
    let url = collector.start(StatusCode::OK).await;
    let made = confirmed(&house, "splunk", &url, TOKEN, json!({ "index": "security" })).await;
    assert_eq!(collector.events.lock().unwrap()[0]["event"]["type"], "test");
    let token = house.mint("laptop").await;
    subscribe(&house, &made, &token).await;
    collector.script.lock().unwrap().push_back((503, 9));
    hit(&house, &token, "e-1").await;
    let waiting = delivered(&house, &made, "waiting", 1).await;
    later(&house, 7 * app::model::moment::SECOND);
    delivered(&house, &made, "sent", 2).await;
    let events = collector.events.lock().unwrap().clone();
    assert_eq!(events.len(), 2);
    let event = &events[1];
    assert_eq!((text(&event["sourcetype"]), text(&event["index"])), ("aviary:alert", "security"));
    assert_eq!(text(&event["time"]), "1795269789.000", "the time of the call");
    assert_eq!(event["event"]["id"], waiting["id"]);
    assert_eq!(event["event"]["data"]["hit"]["source_ip"], "203.0.113.7");
}

#[tokio::test]
async fn a_collector_that_does_not_want_us_is_not_confirmed_and_says_why() {
    let house = TestHouse::start().await;
    let collector = Collector::default();
    let url = collector.start(StatusCode::OK).await;
    let sick = collector.start(StatusCode::SERVICE_UNAVAILABLE).await;
    for (url, token, settings, why) in [
        (&url, "another", json!({}), "Invalid token"),
        (&url, TOKEN, json!({ "index": "nowhere" }), "Incorrect index"),
        (&sick, TOKEN, json!({}), "health page answered 503"),
    ] {
        let made = make(&house, "splunk", url, token, settings).await;
        assert_eq!(text(&made["state"]), "unconfirmed");
        assert!(text(&made["last_error"]).contains(why), "{made}");
        assert!(!made.to_string().contains(TOKEN), "what is hidden stays hidden");
    }
    assert!(collector.events.lock().unwrap().is_empty());
}
