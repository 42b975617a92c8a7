//! Records that try to become part of a page.

use super::forged;
use crate::{alerts::receiver::Receiver, house::TestHouse};
use app::model::viewer::Role;
use axum::http::{Method, StatusCode};
use serde_json::json;

/// Closes an attribute and an element, and begins others.
const EVIL: &str = "\"'></textarea></title><script>alert(1)</script><img src=x onerror=alert(1)>";

#[tokio::test]
async fn html_in_a_record_is_text_on_every_page_that_shows_it() {
    let (house, receiver) = (TestHouse::start().await, Receiver::start().await);
    house.person("ana@example.com", "", Role::Admin).await;
    let api = house.api();
    let made = json!({ "location": EVIL, "owner": "ana", "notes": EVIL });
    let made = api.json(Method::POST, "/tokens", &made).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let token = made.body();
    let hook = json!({ "kind": "webhook", "address": receiver.url, "name": EVIL });
    let hook = api.json(Method::POST, "/destinations", &hook).await;
    assert_eq!(hook.status, StatusCode::CREATED, "{}", hook.text);
    let hears = json!({ "destination_id": hook.body()["id"], "scope": "everything", "pace": "every" });
    let hears = api.json(Method::POST, "/subscriptions", &hears).await;
    assert_eq!(hears.status, StatusCode::CREATED, "{}", hears.text);
    let record = forged(token["access_key_id"].as_str().unwrap(), &format!("e-{EVIL}"), EVIL);
    // The second one is no record, and is put aside.
    let taken = api.json(Method::POST, "/ingest/cloudtrail", &json!([record, EVIL])).await.body();
    assert_eq!((taken["new"].as_i64(), taken["quarantined"].as_i64()), (Some(1), Some(1)));
    house.until("the alert arrived", async || !receiver.seen().is_empty()).await;

    let id = token["id"].as_str().unwrap();
    let first = async |list: &str| api.get(list).await.body()["items"][0]["id"].as_str().unwrap().to_owned();
    let (incident, delivery) = (first("/incidents").await, first("/deliveries").await);
    let destination = hook.body()["id"].as_str().unwrap().to_owned();
    let ana = house.signed_in("ana@example.com").await;
    for (path, shows) in [
        ("/".to_owned(), false),
        ("/tokens".to_owned(), true),
        (format!("/tokens/{id}"), true),
        (format!("/tokens/{id}/edit"), false),
        (format!("/tokens/{id}/revoke"), false),
        ("/incidents?state=all".to_owned(), false),
        (format!("/incidents/{incident}"), true),
        ("/destinations".to_owned(), true),
        (format!("/destinations/{destination}"), false),
        ("/deliveries".to_owned(), false),
        (format!("/deliveries/{delivery}"), false),
        ("/health".to_owned(), true),
        ("/settings/audit".to_owned(), false),
    ] {
        let page = ana.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        for live in ["<script>alert", "<img src=x", "</title><script"] {
            assert!(!page.text.contains(live), "{path} has `{live}`: {}", page.text);
        }
        if shows {
            assert!(page.text.contains("&lt;script&gt;alert(1)"), "{path} does not show it at all: {}", page.text);
        }
        assert!(!page.header("content-security-policy").contains("unsafe-inline"), "{path}");
    }
    // What programs get says that it is JSON, and browsers are told to believe that.
    let raw = api.get(&format!("/tokens/{id}/hits")).await;
    assert_eq!(raw.header("content-type"), "application/json");
    assert_eq!(raw.header("x-content-type-options"), "nosniff");
}
