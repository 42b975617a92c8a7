//! Destinations that are machines: each test plays the other end as its vendor documents it.

mod aws;
mod hook;
mod jira;
mod jira_site;
mod pagerduty;
mod splunk;
mod syslog;

use super::text;
use crate::house::{Answer, TestHouse};
use axum::{
    Router,
    http::{Method, StatusCode},
};
use serde_json::{Value, json};

/// Serves this on a free port; its address.
async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

/// Asks for a destination as this key.
async fn try_make(house: &TestHouse, key: &str, kind: &str, address: &str, secret: &str, settings: Value) -> Answer {
    let mut body = json!({ "kind": kind, "address": address, "name": format!("the {kind}"), "settings": settings });
    if !secret.is_empty() {
        body["secret"] = secret.into();
    }
    house.api_as(key).json(Method::POST, "/destinations", &body).await
}

/// Makes a destination.
async fn make(house: &TestHouse, kind: &str, address: &str, secret: &str, settings: Value) -> Value {
    let answer = try_make(house, &house.admin_key, kind, address, secret, settings).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    answer.body()
}

/// Makes one, and expects that it proved itself.
async fn confirmed(house: &TestHouse, kind: &str, address: &str, secret: &str, settings: Value) -> Value {
    let made = make(house, kind, address, secret, settings).await;
    assert_eq!(text(&made["state"]), "confirmed", "{made}");
    made
}

/// The only incident that is open.
async fn incident(house: &TestHouse) -> Value {
    let items = house.api().get("/incidents").await.body()["items"].clone();
    assert_eq!(items.as_array().unwrap().len(), 1, "{items}");
    items[0].clone()
}

/// Acknowledges or resolves an incident.
async fn triage(house: &TestHouse, incident: &Value, what: &str, body: Value) {
    let path = format!("/incidents/{}/{what}", text(&incident["id"]));
    let answer = house.api().json(Method::POST, &path, &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
}
