//! The audit log as news: for a SIEM, in its own form, and for admins alone.

use super::{deliveries, destination, receiver::Receiver, subscribe_to, text};
use crate::house::TestHouse;
use app::model::viewer::{Role, Viewer};
use aviary::people::{persons, teams};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

fn acts(receiver: &Receiver) -> Vec<String> {
    receiver.seen().iter().map(|seen| text(&seen.json()["data"]["audit"]["act"]).to_owned()).collect()
}

#[tokio::test]
async fn each_entry_is_told_at_once_with_its_place_and_its_hash() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    let made = destination(&house, "webhook", &receiver.url).await;
    let subscribed = subscribe_to(&house, &made, &json!({ "scope": "everything", "kinds": ["audit"] })).await;
    assert_eq!(subscribed["pace"], "every", "what comes from it comes at once");
    let token = house.mint("laptop").await;
    house.until("both are told", || async { receiver.seen().len() == 2 }).await;
    assert_eq!(acts(&receiver), ["subscription.create", "token.mint"]);
    let told = receiver.seen()[1].json();
    assert_eq!((&told["type"], &told["data"]["token"]), (&json!("audit"), &Value::Null));
    let log = house.api().get("/audit?act=token.mint").await.body();
    assert_eq!(told["data"]["audit"], log["items"][0], "as the log has it, hash and all");
    assert_eq!(told["data"]["audit"]["after"]["access_key_id"], token["access_key_id"]);
    assert_eq!(told["data"]["links"]["audit"], format!("{}/settings/audit", house.url));
    let sentence = text(&told["data"]["card"]["sentence"]);
    assert!(sentence.starts_with("A token was minted by test: "), "{sentence}");
    assert!(!receiver.seen()[1].body.contains(text(&token["secret_access_key"])));

    // To tell causes no entry, so that nothing goes round in a circle.
    let before = house.api().get("/audit?limit=500").await.body()["items"].as_array().unwrap().len();
    house
        .until("all is handed over", || async {
            deliveries(&house, &made).await.iter().all(|delivery| delivery["state"] == "sent")
        })
        .await;
    let after = house.api().get("/audit?limit=500").await.body()["items"].as_array().unwrap().len();
    assert_eq!((before, receiver.seen().len()), (after, 2));
}

#[tokio::test]
async fn only_an_admin_subscribes_to_it_and_only_with_everything() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    let made = destination(&house, "webhook", &receiver.url).await;
    let reviewer = house.api_as(&house.key("reviewer", "").await);
    let own = json!({ "kind": "webhook", "address": receiver.url });
    let own = reviewer.json(Method::POST, "/destinations", &own).await.body();
    let body = json!({ "destination_id": own["id"], "scope": "everything", "kinds": ["audit"] });
    assert_eq!(reviewer.json(Method::POST, "/subscriptions", &body).await.status, StatusCode::FORBIDDEN);
    let body = json!({ "destination_id": own["id"], "scope": "everything", "kinds": ["hit"] });
    let hits = reviewer.json(Method::POST, "/subscriptions", &body).await.body();
    let path = format!("/subscriptions/{}", text(&hits["id"]));
    let more = json!({ "kinds": ["hit", "audit"] });
    assert_eq!(reviewer.json(Method::PATCH, &path, &more).await.status, StatusCode::FORBIDDEN);
    assert_eq!(house.api().json(Method::PATCH, &path, &more).await.status, StatusCode::OK);

    let body = json!({ "destination_id": made["id"], "scope": "team", "team": "Security", "kinds": ["audit"] });
    let refused = house.api().json(Method::POST, "/subscriptions", &body).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
    assert_eq!(refused.body()["errors"][0]["field"], "kinds");
    house.person("ana@example.com", "", Role::Admin).await;
    let ana = house.signed_in("ana@example.com").await;
    let fields = [("location", "laptop"), ("destinations", text(&made["id"])), ("kinds", ""), ("kinds", "audit")];
    let refused = ana.form("/tokens/new", &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "nor with a token: {}", refused.text);
}

#[tokio::test]
async fn whoever_is_made_deaf_hears_of_that_and_of_nothing_after_it() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    for email in ["ana@example.com", "ben@example.com"] {
        house.person(email, "", Role::Admin).await;
    }
    let ana = house.signed_in("ana@example.com").await;
    ana.form("/destinations/new", &[("kind", "webhook"), ("address", &receiver.url), ("name", "mine")]).await;
    let made = house.api().get("/destinations").await.body()["items"][0].clone();
    assert_eq!((&made["name"], &made["state"]), (&json!("mine"), &json!("confirmed")));
    let id = text(&made["id"]);
    let fields = [("destination_id", id), ("scope", "everything"), ("kinds", ""), ("kinds", "audit"), ("back", "/")];
    let done = ana.form("/subscriptions/new", &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);

    let system = Viewer::system("test");
    let ana = house.id_of("ana@example.com").await;
    persons::set_role(&house.house, &system, &ana, "", Some(Role::Reviewer)).await.unwrap();
    teams::create(&house.house, &system, "Blue").await.unwrap();
    house.until("the end is told", || async { receiver.seen().len() == 2 }).await;
    assert_eq!(acts(&receiver), ["subscription.create", "person.role"]);
    assert_eq!(deliveries(&house, &made).await.len(), 2, "nor is anything on its way");
    let log = house.api().get("/audit?act=team.create&subject=Blue").await.body();
    assert_eq!(log["items"].as_array().unwrap().len(), 1, "it is in the log, and ana does not hear of it");
}
