//! What Jira calls back with: signed, and without any consequence that nobody named.

use super::{
    super::*,
    confirmed, incident,
    jira_site::{Jira, TOKEN, USER},
    try_make,
};
use app::model::viewer::Role;
use hmac::{Hmac, KeyInit as _, Mac as _};

/// A house in which a hit has made an issue, by a destination with these settings; the destination and the token.
async fn with_issue(settings: Value) -> (TestHouse, Value, Value) {
    let house = TestHouse::start().await;
    let mut all = json!({ "user": USER, "project": "SEC" });
    all.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    let jira = Jira::default();
    let made = confirmed(&house, "jira", &jira.start().await, TOKEN, all).await;
    let token = house.mint("laptop").await;
    subscribe(&house, &made, &token).await;
    hit(&house, &token, "e-1").await;
    delivered(&house, &made, "sent", 1).await;
    (house, made, token)
}

/// What Jira says of the issue SEC-1.
fn changed(house: &TestHouse, items: Value) -> String {
    json!({
        "timestamp": house.clock_now().0, "webhookEvent": "jira:issue_updated", "user": { "displayName": "Ana" },
        "issue": { "id": "10001", "key": "SEC-1", "fields": {} }, "changelog": { "id": "1", "items": items },
    })
    .to_string()
}

fn status(to: &str) -> Value {
    json!([{ "field": "status", "fromString": "To Do", "toString": to }])
}

fn label(label: &str) -> Value {
    json!([{ "field": "labels", "fromString": "aviary", "toString": format!("aviary {label}") }])
}

/// Calls back, as a service whose way out says where it comes from.
async fn call(house: &TestHouse, made: &Value, secret: &str, body: &str) -> crate::house::Answer {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
    let headers = [("x-hub-signature", signature.as_str()), ("origin", "https://jira.example.com")];
    let path = format!("/api/v1/hooks/jira/{}", text(&made["id"]));
    house.browser().send(Method::POST, &path, &headers, body.as_bytes().to_vec()).await
}

#[tokio::test]
async fn a_wrong_signature_is_turned_away() {
    let (house, made, _) = with_issue(json!({ "acknowledge_status": "In Progress" })).await;
    let body = changed(&house, status("In Progress"));
    let answer = call(&house, &made, "another", &body).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.text);
    let path = format!("/api/v1/hooks/jira/{}", text(&made["id"]));
    for path in [path.clone(), format!("{path}/another"), "/api/v1/hooks/jira/nobody".to_owned()] {
        let answer = house.browser().send(Method::POST, &path, &[], body.clone().into_bytes()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}: {}", answer.text);
    }
    assert_eq!(incident(&house).await["state"], "open");
}

#[tokio::test]
async fn nothing_follows_from_what_nobody_named() {
    let (house, made, token) = with_issue(json!({})).await;
    for items in [status("In Progress"), status("Done"), label("disable")] {
        let answer = call(&house, &made, text(&made["secret"]), &changed(&house, items)).await;
        assert_eq!((answer.status, &answer.body()["done"]), (StatusCode::OK, &json!([])), "{}", answer.text);
    }
    assert_eq!(incident(&house).await["state"], "open");
    let token = house.api().get(&format!("/tokens/{}", text(&token["id"]))).await.body();
    assert_eq!(token["key_active"], true);
}

#[tokio::test]
async fn a_status_that_was_named_acknowledges_and_resolves_once() {
    let named = json!({ "acknowledge_status": "In Progress", "resolve_status": "Done" });
    let (house, made, _) = with_issue(named).await;
    let secret = text(&made["secret"]);
    let body = changed(&house, status("in progress"));
    let answer = call(&house, &made, secret, &body).await;
    assert_eq!(answer.body()["done"], json!(["acknowledged"]), "{}", answer.text);
    let now = incident(&house).await;
    assert_eq!((text(&now["state"]), text(&now["acknowledged_by"])), ("acknowledged", "Ana in Jira (SEC-1)"));
    // Jira may say it twice.
    let again = call(&house, &made, secret, &body).await;
    assert_eq!((again.status, &again.body()["done"]), (StatusCode::OK, &json!([])), "{}", again.text);
    // Without a signature, by the secret address.
    let path = format!("/api/v1/hooks/jira/{}/{secret}", text(&made["id"]));
    let body = changed(&house, status("Done")).into_bytes();
    let answer = house.browser().send(Method::POST, &path, &[], body).await;
    assert_eq!(answer.body()["done"], json!(["resolved"]), "{}", answer.text);
    let read = aviary::audit::list(&house.house, &Viewer::system("test"), &Default::default()).await.unwrap();
    let by_jira: Vec<_> = read.items.iter().filter(|entry| entry.actor == "Ana in Jira (SEC-1)").collect();
    let acts: Vec<_> = by_jira.iter().map(|entry| entry.act.as_str()).collect();
    assert_eq!(acts, ["incident.resolve", "incident.acknowledge"], "newest first");
}

#[tokio::test]
async fn a_label_that_was_named_disables_the_key_and_an_old_call_does_not() {
    let (house, made, token) = with_issue(json!({ "disable_label": "burn" })).await;
    let path = format!("/tokens/{}", text(&token["id"]));
    let body = changed(&house, label("burn"));
    house.clock.advance(2 * app::model::moment::DAY);
    let old = call(&house, &made, text(&made["secret"]), &body).await;
    assert_eq!(old.body()["done"], json!([]), "{}", old.text);
    assert_eq!(house.api().get(&path).await.body()["key_active"], true);
    let answer = call(&house, &made, text(&made["secret"]), &changed(&house, label("burn"))).await;
    assert_eq!(answer.body()["done"], json!(["disabled"]), "{}", answer.text);
    assert_eq!(house.api().get(&path).await.body()["key_active"], false);
    // A destination that was removed hears nothing more.
    let removed = house.api().json(Method::DELETE, &format!("/destinations/{}", text(&made["id"])), &json!({})).await;
    assert!(removed.status.is_success(), "{}", removed.text);
    let answer = call(&house, &made, text(&made["secret"]), &changed(&house, label("burn"))).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn only_admins_let_jira_or_a_role_act() {
    let house = TestHouse::start().await;
    let key = house.key(Role::Placer.word(), "Security").await;
    let url = Jira::default().start().await;
    let plain = json!({ "user": USER, "project": "SEC" });
    let acting = json!({ "user": USER, "project": "SEC", "disable_label": "burn" });
    let topic = "arn:aws:sns:us-east-1:123456789012:alerts";
    let made = try_make(&house, &key, "jira", &url, TOKEN, plain).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let refused = try_make(&house, &key, "jira", &url, TOKEN, acting).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
    let refused = try_make(&house, &key, "sns", topic, "", json!({ "account": "Workloads" })).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
}
