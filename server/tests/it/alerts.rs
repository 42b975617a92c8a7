//! Alerts: from a hit to whoever is to hear of it, over real HTTP and real SMTP.

mod chat;
mod machines;
mod mail;
mod queue;
mod receiver;
mod rights;
mod rotation;
mod runs;
mod schema;
mod webhook;

use crate::house::TestHouse;
use app::model::{hit::Source, viewer::Viewer};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

/// Makes a destination through the API.
async fn destination(house: &TestHouse, kind: &str, address: &str) -> Value {
    let body = json!({ "kind": kind, "address": address, "name": format!("the {kind}") });
    let answer = house.api().json(Method::POST, "/destinations", &body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    answer.body()
}

/// Lets a destination hear about a token.
async fn subscribe(house: &TestHouse, destination: &Value, token: &Value) {
    let body = json!({ "destination_id": destination["id"], "scope": "token", "token_id": token["id"] });
    let answer = house.api().json(Method::POST, "/subscriptions", &body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
}

/// The destination as it is now.
async fn again(house: &TestHouse, destination: &Value) -> Value {
    house.api().get(&format!("/destinations/{}", text(&destination["id"]))).await.body()
}

/// The deliveries to a destination, the oldest first.
async fn deliveries(house: &TestHouse, destination: &Value) -> Vec<Value> {
    let path = format!("/deliveries?destination_id={}", text(&destination["id"]));
    let mut items = house.api().get(&path).await.body()["items"].as_array().unwrap().clone();
    items.reverse();
    items
}

/// Waits until the newest delivery to a destination is in this state after so many attempts, and gives it.
async fn delivered(house: &TestHouse, destination: &Value, state: &str, attempts: usize) -> Value {
    house
        .until(&format!("{state} after {attempts} attempts"), || async {
            deliveries(house, destination).await.last().is_some_and(|delivery| {
                delivery["state"] == state && delivery["attempts"].as_array().unwrap().len() == attempts
            })
        })
        .await;
    deliveries(house, destination).await.pop().unwrap()
}

/// Somebody uses a token's key.
async fn hit(house: &TestHouse, token: &Value, event: &str) {
    hit_by(house, token, event, "aws-cli/2.15").await;
}

/// Somebody who says that they are this uses a token's key.
async fn hit_by(house: &TestHouse, token: &Value, event: &str, agent: &str) {
    let record = json!({
        "eventVersion": "1.11",
        "eventID": event,
        "eventTime": "2026-11-21T14:03:09Z",
        "eventSource": "sts.amazonaws.com",
        "eventName": "GetCallerIdentity",
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "203.0.113.7",
        "userAgent": agent,
        "errorCode": "AccessDenied",
        "userIdentity": { "type": "IAMUser", "accessKeyId": token["access_key_id"], "arn": token["arn"] },
    });
    let system = Viewer::system("test");
    let body = record.to_string();
    let received = aviary::intake::ingest(&house.house, &system, Source::Webhook, body.as_bytes()).await.unwrap();
    assert_eq!(received.new, 1);
}

/// Moves the clock, and lets the worker look.
fn later(house: &TestHouse, milliseconds: i64) {
    house.clock.advance(milliseconds);
    house.house.bell.deliveries();
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
