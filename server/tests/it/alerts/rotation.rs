//! A webhook's signing secret is changed, and nobody misses an alert meanwhile.

use super::{
    again, delivered, destination,
    receiver::{Receiver, Seen},
    text,
};
use crate::{house::TestHouse, skipped::skipped};
use app::model::{
    moment::{HOUR, MINUTE},
    secret::Secret,
    viewer::Role,
};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use std::{io::Write as _, process::Stdio};

async fn post(house: &TestHouse, destination: &Value, verb: &str) -> crate::house::Answer {
    let path = format!("/destinations/{}/{verb}", text(&destination["id"]));
    house.api().json(Method::POST, &path, &json!({})).await
}

/// What a test of it brings.
async fn tried(house: &TestHouse, destination: &Value, receiver: &Receiver) -> Seen {
    assert_eq!(post(house, destination, "test").await.status, StatusCode::ACCEPTED);
    delivered(house, destination, "sent", 1).await;
    receiver.seen().pop().unwrap()
}

fn signed(seen: &Seen, secrets: &[&str]) -> String {
    let one = |secret: &&str| {
        aviary::alerts::signature(&Secret::new((*secret).into()), &seen.id, seen.timestamp, &seen.body).unwrap()
    };
    secrets.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// Whether the specification's own library for Python accepts a request with this secret; `None` where it is not there.
fn accepted_elsewhere(seen: &Seen, secret: &str) -> Option<bool> {
    let python = format!("{}/bin/python", std::env::var("AVIARY_TEST_VENV").ok()?);
    let script = "import sys,json; from standardwebhooks import Webhook; a=json.load(sys.stdin); \
                  Webhook(a['secret']).verify(a['body'], a['headers']); print('yes')";
    let mut child = std::process::Command::new(python)
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    let headers = json!({
        "webhook-id": seen.id, "webhook-timestamp": seen.timestamp.to_string(), "webhook-signature": seen.signature,
    });
    let given = json!({ "secret": secret, "body": seen.body, "headers": headers });
    child.stdin.take()?.write_all(given.to_string().as_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    let missing = String::from_utf8_lossy(&output.stderr).contains("ModuleNotFoundError");
    (!missing).then(|| output.stdout.starts_with(b"yes"))
}

#[tokio::test]
async fn for_a_day_both_secrets_sign_and_then_the_new_one_alone() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    let made = destination(&house, "webhook", &receiver.url).await;
    let old = text(&made["secret"]).to_owned();

    let rotated = post(&house, &made, "rotate-secret").await.body();
    let new = text(&rotated["secret"]).to_owned();
    assert!(new.starts_with("whsec_") && new != old);
    assert!(again(&house, &made).await.get("secret").is_none(), "a secret is shown once");
    assert!(again(&house, &made).await["old_secret_until"].is_string());

    let seen = tried(&house, &made, &receiver).await;
    assert_eq!(seen.signature, signed(&seen, &[&new, &old]));
    match (accepted_elsewhere(&seen, &new), accepted_elsewhere(&seen, &old)) {
        (Some(new), Some(old)) => assert!(new && old),
        _ => {
            skipped("the check of two signatures by another program needs PyPI's standardwebhooks in AVIARY_TEST_VENV")
        }
    }

    house.clock.advance(24 * HOUR - MINUTE);
    let seen = tried(&house, &made, &receiver).await;
    assert_eq!(seen.signature, signed(&seen, &[&new, &old]));
    house.clock.advance(MINUTE);
    let seen = tried(&house, &made, &receiver).await;
    assert_eq!(seen.signature, signed(&seen, &[&new]));
    assert_eq!(again(&house, &made).await["old_secret_until"], Value::Null);
    aviary::sweep::run_once(&house.house, false).await.unwrap();
    let seen = tried(&house, &made, &receiver).await;
    assert_eq!(seen.signature, signed(&seen, &[&new]));
}

#[tokio::test]
async fn an_alert_right_after_the_change_is_signed_with_the_new_secret() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    let made = destination(&house, "webhook", &receiver.url).await;
    let old = text(&made["secret"]).to_owned();
    let before = tried(&house, &made, &receiver).await;
    assert_eq!(before.signature, signed(&before, &[&old]));
    // The worker still has the destination as it was, in case that more comes.
    let rotated = post(&house, &made, "rotate-secret").await.body();
    assert_eq!(post(&house, &made, "test").await.status, StatusCode::ACCEPTED);
    house.until("the second test arrives", || async { receiver.seen().len() == 2 }).await;
    let after = receiver.seen().pop().unwrap();
    assert_eq!(after.signature, signed(&after, &[text(&rotated["secret"]), &old]));
}

#[tokio::test]
async fn of_two_rotations_in_a_day_the_first_secret_is_forgotten() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    let made = destination(&house, "webhook", &receiver.url).await;
    let second = post(&house, &made, "rotate-secret").await.body();
    let third = post(&house, &made, "rotate-secret").await.body();
    let seen = tried(&house, &made, &receiver).await;
    assert_eq!(seen.signature, signed(&seen, &[text(&third["secret"]), text(&second["secret"])]));
}

#[tokio::test]
async fn only_owners_and_admins_rotate_and_only_what_signs() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    let owner = house.api_as(&house.key("placer", "Security").await);
    let mate = house.api_as(&house.key("viewer", "Security").await);
    let body = json!({ "kind": "webhook", "address": receiver.url });
    let made = owner.json(Method::POST, "/destinations", &body).await.body();
    let path = format!("/destinations/{}/rotate-secret", text(&made["id"]));
    assert_eq!(mate.json(Method::POST, &path, &json!({})).await.status, StatusCode::FORBIDDEN);
    assert_eq!(owner.json(Method::POST, &path, &json!({})).await.status, StatusCode::OK);
    let mail = destination(&house, "email", "ana@example.com").await;
    assert_eq!(post(&house, &mail, "rotate-secret").await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn the_button_shows_the_new_secret_once() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let ana = house.signed_in("ana@example.com").await;
    let made = destination(&house, "webhook", &receiver.url).await;
    let page = format!("/destinations/{}", text(&made["id"]));
    let shown = ana.form(&format!("{page}/rotate"), &[]).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text);
    assert!(shown.text.contains("whsec_") && shown.text.contains("Old secret"));
    assert!(!ana.get(&page).await.text.contains("whsec_M"), "a secret is shown once");
}
