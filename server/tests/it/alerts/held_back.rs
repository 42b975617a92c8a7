//! A secret that is shown only once somebody would hear of its use.

use super::{destination, receiver::Receiver, subscribe, text};
use crate::house::{Caller, TestHouse};
use app::model::{
    audit::AuditQuery,
    viewer::{Role, Viewer},
};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

const ON: &[(&str, &str)] = &[("AVIARY_REQUIRE_CONFIRMED", "on")];

async fn reveal(caller: &Caller, token: &Value, body: &Value) -> (StatusCode, Value) {
    let answer = caller.json(Method::POST, &format!("/tokens/{}/reveal", text(&token["id"])), body).await;
    (answer.status, answer.body())
}

#[tokio::test]
async fn a_secret_waits_until_a_confirmed_destination_hears_about_its_token() {
    let house = TestHouse::with(ON).await;
    let placer = house.api_as(&house.key("placer", "Security").await);
    let minted = placer.json(Method::POST, "/tokens", &json!({ "location": "laptop" })).await;
    assert_eq!(minted.status, StatusCode::CREATED);
    let token = minted.body();
    assert!(token.get("secret_access_key").is_none());
    assert!(text(&token["held_back"]).starts_with("No confirmed destination hears about this token"), "{token}");
    assert_eq!(reveal(&placer, &token, &json!({})).await.0, StatusCode::CONFLICT);
    let anyway = json!({ "override": true });
    assert_eq!(reveal(&placer, &token, &anyway).await.0, StatusCode::FORBIDDEN);
    let rotate = format!("/tokens/{}/rotate", text(&token["id"]));
    assert_eq!(placer.json(Method::POST, &rotate, &json!({})).await.status, StatusCode::CONFLICT);

    // An admin may, and it is written down that nobody would have heard.
    assert_eq!(reveal(&house.api(), &token, &json!({})).await.0, StatusCode::CONFLICT);
    let (status, shown) = reveal(&house.api(), &token, &anyway).await;
    assert_eq!((status, text(&shown["secret_access_key"]).len()), (StatusCode::OK, 40));
    let log = aviary::audit::list(&house.house, &Viewer::system("test"), &AuditQuery::default()).await.unwrap().items;
    let entry = log.iter().find(|entry| entry.act == "token.reveal").unwrap();
    assert_eq!(entry.detail, "by API, although no confirmed destination hears about it");

    // An address that nobody confirmed does not count; a webhook that answered does.
    let mail = destination(&house, "email", "ops@example.com").await;
    subscribe(&house, &mail, &token).await;
    assert_eq!(reveal(&placer, &token, &json!({})).await.0, StatusCode::CONFLICT);
    let receiver = Receiver::start().await;
    let hook = destination(&house, "webhook", &receiver.url).await;
    subscribe(&house, &hook, &token).await;
    let (status, now) = reveal(&placer, &token, &json!({})).await;
    assert_eq!((status, &now["secret_access_key"]), (StatusCode::OK, &shown["secret_access_key"]));

    let body = json!({ "location": "server", "destinations": [hook["id"]] });
    let heard = house.api().json(Method::POST, "/tokens", &body).await.body();
    assert_eq!(text(&heard["secret_access_key"]).len(), 40, "{heard}");
}

#[tokio::test]
async fn the_page_says_what_is_missing() {
    let house = TestHouse::with(ON).await;
    house.person("ana@example.com", "", Role::Admin).await;
    let browser = house.signed_in("ana@example.com").await;
    let fields = [("location", "laptop"), ("team", "Security"), ("owner", "ana")];
    let page = browser.form("/tokens/new", &fields).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(page.text.contains("The secret is held back") && page.text.contains("/destinations/new?token="));
    assert!(!page.text.contains("secret-access-key"));
    let token = house.api().get("/tokens").await.body()["items"][0].clone();
    let path = format!("/tokens/{}/secret", text(&token["id"]));
    let refused = browser.form(&path, &[]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text.contains("Show it although nobody would hear of its use"), "{}", refused.text);
    let shown = browser.form(&path, &[("anyway", "on")]).await;
    assert!(shown.text.contains("secret-access-key"), "{}", shown.text);
}
