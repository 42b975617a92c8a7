//! Alerts: from a hit to whoever is to hear of it, over real HTTP and real SMTP.

mod acknowledge;
mod audited;
mod card;
mod chat;
mod failing;
mod held_back;
mod hosts;
mod killed;
mod leave;
mod machines;
pub mod mail;
mod pace;
mod queue;
mod quiet;
mod quiet_time;
pub mod receiver;
mod rights;
mod rotation;
mod runs;
mod schema;
mod subscriptions;
mod webhook;
mod witnesses;

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

/// Lets a destination hear about a token: of each hit at once.
async fn subscribe(house: &TestHouse, destination: &Value, token: &Value) {
    subscribe_to(house, destination, &json!({ "scope": "token", "token_id": token["id"], "pace": "every" })).await;
}

/// Lets a destination hear about something.
async fn subscribe_to(house: &TestHouse, destination: &Value, what: &Value) -> Value {
    let mut body = what.clone();
    body["destination_id"] = destination["id"].clone();
    let answer = house.api().json(Method::POST, "/subscriptions", &body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    answer.body()
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
    used(house, token, event, &json!({})).await;
}

/// Somebody who says that they are this uses a token's key.
async fn hit_by(house: &TestHouse, token: &Value, event: &str, agent: &str) {
    used(house, token, event, &json!({ "userAgent": agent })).await;
}

/// Somebody uses a token's key, in a way of their own.
async fn used(house: &TestHouse, token: &Value, event: &str, how: &Value) {
    let body = record(token, event, how).to_string();
    let system = Viewer::system("test");
    let received = aviary::intake::ingest(&house.house, &system, Source::Webhook, body.as_bytes()).await.unwrap();
    assert_eq!(received.new, 1);
}

/// The record of a use.
fn record(token: &Value, event: &str, how: &Value) -> Value {
    let mut record = json!({
        "eventVersion": "1.11",
        "eventID": event,
        "eventTime": "2026-11-21T14:03:09Z",
        "eventSource": "sts.amazonaws.com",
        "eventName": "GetCallerIdentity",
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "203.0.113.7",
        "userAgent": "aws-cli/2.15",
        "errorCode": "AccessDenied",
        "userIdentity": { "type": "IAMUser", "accessKeyId": token["access_key_id"], "arn": token["arn"] },
    });
    for (field, value) in how.as_object().unwrap() {
        record[field] = value.clone();
    }
    record
}

/// AWS says that a token's key is public.
fn exposure(token: &Value) -> Value {
    json!({
        "eventSource": "iam.amazonaws.com",
        "eventName": "AttachUserPolicy",
        "recipientAccountId": text(&token["arn"]).split(':').nth(4).unwrap(),
        "requestParameters": {
            "userName": token["user_name"],
            "policyArn": "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3",
        },
    })
}

/// Moves the clock, and lets the worker look.
fn later(house: &TestHouse, milliseconds: i64) {
    house.clock.advance(milliseconds);
    house.house.bell.look();
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
