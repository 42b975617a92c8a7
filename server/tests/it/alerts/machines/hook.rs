//! What Jira calls back with: signed, and without any consequence that nobody named.

use super::{
    super::*,
    confirmed, incident,
    jira_site::{Jira, TOKEN, USER},
    try_make,
};
use app::model::{
    moment::{DAY, HOUR, MINUTE, SECOND},
    viewer::Role,
};
use aviary::people::teams;
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
    call_as(house, made, secret, body, "").await
}

/// Calls back under this identifier.
async fn call_as(house: &TestHouse, made: &Value, secret: &str, body: &str, identifier: &str) -> crate::house::Answer {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
    let headers = [
        ("x-hub-signature", signature.as_str()),
        ("origin", "https://jira.example.com"),
        ("x-atlassian-webhook-identifier", identifier),
    ];
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
    house.clock.advance(2 * HOUR + SECOND);
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

/// Opens the only incident again.
async fn reopen(house: &TestHouse) {
    let page = format!("/incidents/{}/reopen", text(&incident_of_any_state(house).await["id"]));
    let answer = house.api().json(Method::POST, &page, &json!({})).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
}

async fn incident_of_any_state(house: &TestHouse) -> Value {
    let items = house.api().get("/incidents?state=resolved").await.body()["items"].clone();
    assert_eq!(items.as_array().unwrap().len(), 1, "{items}");
    items[0].clone()
}

#[tokio::test]
async fn a_captured_call_has_no_second_consequence() {
    let (house, made, _) = with_issue(json!({ "resolve_status": "Done" })).await;
    let secret = text(&made["secret"]);
    let body = changed(&house, status("Done"));
    let first = call_as(&house, &made, secret, &body, "delivery-1").await;
    assert_eq!(first.body()["done"], json!(["resolved"]), "{}", first.text);
    reopen(&house).await;
    // Nobody signs the identifier, so that another one makes no other call of it; nor does none.
    for identifier in ["delivery-1", "delivery-2", ""] {
        let again = call_as(&house, &made, secret, &body, identifier).await;
        assert_eq!((again.status, &again.body()["done"]), (StatusCode::OK, &json!([])), "{}", again.text);
        assert_eq!(text(&again.body()["reason"]), "It was told before.");
    }
    assert_eq!(incident(&house).await["state"], "open");
    // A repetition that Jira has written anew is known by its identifier.
    house.clock.advance(SECOND);
    let anew = changed(&house, status("Done"));
    assert_eq!(call_as(&house, &made, secret, &anew, "delivery-1").await.body()["done"], json!([]));
    // As long as it is accepted at all, it is remembered; afterwards it is too old.
    house.clock.advance(2 * HOUR - MINUTE);
    aviary::sweep::run_once(&house.house, false).await.unwrap();
    assert_eq!(text(&call(&house, &made, secret, &body).await.body()["reason"]), "It was told before.");
    house.clock.advance(MINUTE);
    assert!(text(&call(&house, &made, secret, &body).await.body()["reason"]).contains("two hours"));
    assert_eq!(incident(&house).await["state"], "open");
    // Another one, which somebody meant, counts.
    let meant = call_as(&house, &made, secret, &changed(&house, status("Done")), "delivery-3").await;
    assert_eq!(meant.body()["done"], json!(["resolved"]), "{}", meant.text);
}

#[tokio::test]
async fn a_call_without_a_time_or_from_the_future_does_nothing() {
    let (house, made, _) = with_issue(json!({ "resolve_status": "Done" })).await;
    let secret = text(&made["secret"]);
    let mut timeless: Value = serde_json::from_str(&changed(&house, status("Done"))).unwrap();
    timeless.as_object_mut().unwrap().remove("timestamp");
    let mut early: Value = serde_json::from_str(&changed(&house, status("Done"))).unwrap();
    early["timestamp"] = (house.clock_now().0 + 6 * MINUTE).into();
    for body in [timeless, early] {
        let answer = call(&house, &made, secret, &body.to_string()).await;
        assert_eq!((answer.status, &answer.body()["done"]), (StatusCode::OK, &json!([])), "{}", answer.text);
    }
    assert_eq!(incident(&house).await["state"], "open");
}

#[tokio::test]
async fn for_a_day_the_old_secret_counts_too() {
    let (house, made, _) = with_issue(json!({ "acknowledge_status": "In Progress" })).await;
    let old = text(&made["secret"]).to_owned();
    let path = format!("/destinations/{}/rotate-secret", text(&made["id"]));
    let rotated = house.api().json(Method::POST, &path, &json!({})).await;
    assert_eq!(rotated.status, StatusCode::OK, "{}", rotated.text);
    let new = text(&rotated.body()["secret"]).to_owned();
    assert!(new != old && again(&house, &made).await["old_secret_until"].is_string());
    let called = async |secret: &str| {
        let body = changed(&house, status("To Do"));
        call(&house, &made, secret, &body).await.status
    };
    assert_eq!((called(&old).await, called(&new).await), (StatusCode::OK, StatusCode::OK));
    house.clock.advance(DAY);
    assert_eq!((called(&old).await, called(&new).await), (StatusCode::UNAUTHORIZED, StatusCode::OK));
    // What no longer counts is forgotten, and what counts still does.
    aviary::sweep::run_once(&house.house, false).await.unwrap();
    assert_eq!((called(&old).await, called(&new).await), (StatusCode::UNAUTHORIZED, StatusCode::OK));
    // Of an address that is the password, the part that is the password changes with it.
    let address = format!("/api/v1/hooks/jira/{}/{new}", text(&made["id"]));
    let body = changed(&house, status("In Progress")).into_bytes();
    let answer = house.browser().send(Method::POST, &address, &[], body).await;
    assert_eq!(answer.body()["done"], json!(["acknowledged"]), "{}", answer.text);
}

#[tokio::test]
async fn nobody_lets_jira_do_to_tokens_what_they_may_not_do() {
    let house = TestHouse::start().await;
    teams::create(&house.house, &Viewer::system("test"), "Web").await.unwrap();
    let url = Jira::default().start().await;
    let make = async |settings: Value| {
        let mut all = json!({ "user": USER, "project": "SEC" });
        all.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        let body = json!({ "kind": "jira", "address": url, "secret": TOKEN, "settings": all, "team": "Security" });
        let made = house.api().json(Method::POST, "/destinations", &body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        made.body()
    };
    let (quiet, burns) = (make(json!({})).await, make(json!({ "disable_label": "burn" })).await);
    let resolves = make(json!({ "resolve_status": "Done" })).await;
    let in_web = json!({ "location": "laptop", "owner": "bo", "team": "Web" });
    let token = house.api().json(Method::POST, "/tokens", &in_web).await.body();
    house.person("root@example.com", "", Role::Admin).await;
    // Somebody who sees the tokens of both teams, and manages those of one.
    house.person("bo@example.com", "Web", Role::Viewer).await;
    let bo = house.id_of("bo@example.com").await;
    aviary::people::persons::set_role(&house.house, &Viewer::system("test"), &bo, "Security", Some(Role::Placer))
        .await
        .unwrap();
    let bo = house.signed_in("bo@example.com").await;
    let subscribe = async |made: &Value, fields: &[(&str, &str)]| {
        let fields: Vec<_> = [("destination_id", text(&made["id"])), ("back", "/destinations")]
            .into_iter()
            .chain(fields.iter().copied())
            .collect();
        bo.form("/subscriptions/new", &fields).await.status
    };
    let of_token = [("scope", "token"), ("token_id", text(&token["id"]))];
    let (of_web, of_security) = ([("scope", "team"), ("team", "Web")], [("scope", "team"), ("team", "Security")]);
    for (made, what, status) in [
        (&quiet, of_token, StatusCode::SEE_OTHER),
        (&burns, of_token, StatusCode::FORBIDDEN),
        (&burns, of_web, StatusCode::FORBIDDEN),
        (&burns, of_security, StatusCode::SEE_OTHER),
        (&resolves, of_security, StatusCode::FORBIDDEN),
    ] {
        assert_eq!(subscribe(made, &what).await, status, "{what:?} at {}", made["settings"]);
    }
    // Nor does somebody who owns the destination's team get at what signs for it.
    let admin = house.api_as(&house.key("admin", "Security").await);
    let path = |made: &Value| format!("/destinations/{}/rotate-secret", text(&made["id"]));
    assert_eq!(admin.json(Method::POST, &path(&burns), &json!({})).await.status, StatusCode::FORBIDDEN);
    assert_eq!(admin.json(Method::POST, &path(&quiet), &json!({})).await.status, StatusCode::OK);
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
