//! Webhooks: the challenge, signatures, and what goes wrong out there.

use super::{
    again, delivered, deliveries, destination, hit, later,
    receiver::{Answer, Echo, Receiver, Seen, ok, status},
    subscribe, text,
};
use crate::{house::TestHouse, skipped::skipped};
use app::model::{
    moment::{HOUR, MINUTE, Moment, SECOND},
    secret::Secret,
};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use std::{io::Write as _, process::Stdio};

fn verify(seen: &Seen, secret: &str) {
    let signature = aviary::alerts::signature(&Secret::new(secret.into()), &seen.id, seen.timestamp, &seen.body);
    assert_eq!(Some(&seen.signature), signature.as_ref());
}

/// Verifies with the specification's own library for Python, where the tests have it.
fn verify_independently(seen: &Seen, secret: &str) {
    let Ok(venv) = std::env::var("AVIARY_TEST_VENV") else {
        skipped("the check of a signature by another program needs AVIARY_TEST_VENV");
        return;
    };
    let python = format!("{venv}/bin/python");
    let has =
        std::process::Command::new(&python).args(["-c", "import standardwebhooks"]).stderr(Stdio::null()).status();
    if !has.is_ok_and(|status| status.success()) {
        skipped(&format!("the check of a signature by another program needs PyPI's standardwebhooks in {venv}"));
        return;
    }
    let script = "import sys,json; from standardwebhooks import Webhook; a=json.load(sys.stdin); \
                  Webhook(a['secret']).verify(a['body'], a['headers'])";
    let mut child = std::process::Command::new(&python)
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let given = json!({
        "secret": secret,
        "body": seen.body,
        "headers": {
            "webhook-id": seen.id,
            "webhook-timestamp": seen.timestamp.to_string(),
            "webhook-signature": seen.signature,
        },
    });
    child.stdin.take().unwrap().write_all(given.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn a_hit_reaches_a_webhook_that_echoed_the_challenge_signed_and_once() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    let made = destination(&house, "webhook", &receiver.url).await;
    assert_eq!((text(&made["state"]), receiver.challenges()), ("confirmed", 1), "{made}");
    assert!(text(&made["secret"]).starts_with("whsec_"));
    assert!(again(&house, &made).await.get("secret").is_none(), "a secret is shown once");

    let token = house.mint("laptop of ana").await;
    subscribe(&house, &made, &token).await;
    // Hears of it twice over, and is told once.
    let team = json!({ "destination_id": made["id"], "scope": "team", "team": "Security" });
    assert_eq!(house.api().json(Method::POST, "/subscriptions", &team).await.status, StatusCode::CREATED);
    hit(&house, &token, "e-1").await;
    let delivery = delivered(&house, &made, "sent", 1).await;

    let seen = receiver.seen();
    assert_eq!(seen.len(), 1);
    verify(&seen[0], text(&made["secret"]));
    verify_independently(&seen[0], text(&made["secret"]));
    assert_eq!(seen[0].id, text(&delivery["id"]));
    let body = seen[0].json();
    assert_eq!((text(&body["type"]), text(&body["data"]["token"]["id"])), ("hit", text(&token["id"])));
    assert_eq!(body["data"]["hit"]["source_ip"], "203.0.113.7");
    assert_eq!(body["data"]["hit"]["record"]["eventID"], "e-1");
    assert_eq!(body["data"]["incident"]["hit_count"], 1);
    assert_eq!(body["data"]["links"]["token"], format!("{}/tokens/{}", house.url, text(&token["id"])));
    assert!(!seen[0].body.contains(text(&token["secret_access_key"])));
    assert_eq!(text(&delivery["summary"]), "The key in laptop of ana was used: GetCallerIdentity from 203.0.113.7");
    assert_eq!(
        (&delivery["attempts"][0]["status"], &delivery["attempts"][0]["detail"]),
        (&json!(200), &json!("thanks"))
    );
}

#[tokio::test]
async fn what_fails_is_tried_again_by_the_plan_under_the_same_identifier() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    let made = destination(&house, "webhook", &receiver.url).await;
    let token = house.mint("laptop").await;
    subscribe(&house, &made, &token).await;
    receiver.next([
        status(500),
        Answer::Close,
        Answer::Status(302, "location: /elsewhere\r\n", String::new()),
        Answer::Status(503, "retry-after: 3600\r\n", "a\0b".repeat(5_000)),
    ]);
    hit(&house, &token, "e-1").await;
    let first = delivered(&house, &made, "waiting", 1).await;
    assert_eq!(again(&house, &made).await["last_error"], "It answered 500.");
    assert_eq!(again(&house, &made).await["state"], "confirmed", "one failure is none yet");
    let due = Moment::parse(text(&first["next_attempt_at"])).unwrap().since(house.clock_now());
    assert!((4 * SECOND..=6 * SECOND).contains(&due), "{due}");

    later(&house, SECOND);
    later(&house, 6 * SECOND);
    let second = delivered(&house, &made, "waiting", 2).await;
    assert_eq!(second["attempts"][1]["status"], Value::Null);
    later(&house, 40 * SECOND);
    let third = delivered(&house, &made, "waiting", 3).await;
    assert!(text(&third["attempts"][2]["detail"]).starts_with("Redirects are not followed."), "{third}");
    let now = again(&house, &made).await;
    assert_eq!(now["state"], "confirmed", "some failures are not five days of them");
    assert!(text(&now["last_error"]).starts_with("It answered 302"), "{now}");
    later(&house, 3 * MINUTE);
    let fourth = delivered(&house, &made, "waiting", 4).await;
    assert!(text(&fourth["attempts"][3]["detail"]).len() <= 4_096);
    let due = Moment::parse(text(&fourth["next_attempt_at"])).unwrap().since(house.clock_now());
    assert_eq!(due, HOUR, "it asked for an hour");

    later(&house, HOUR);
    delivered(&house, &made, "sent", 5).await;
    let now = again(&house, &made).await;
    assert_eq!((&now["state"], &now["last_error"]), (&json!("confirmed"), &Value::Null));
    let seen = receiver.seen();
    assert_eq!(seen.len(), 5);
    for one in &seen {
        assert_eq!((&one.id, &one.body), (&seen[0].id, &seen[0].body));
        verify(one, text(&made["secret"]));
    }
    assert!(seen[4].timestamp > seen[0].timestamp, "the time is that of the attempt");
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_believed() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    let made = destination(&house, "webhook", &receiver.url).await;
    receiver.next([status(410)]);
    let test = format!("/destinations/{}/test", text(&made["id"]));
    assert_eq!(house.api().json(Method::POST, &test, &json!({})).await.status, StatusCode::ACCEPTED);
    delivered(&house, &made, "dead", 1).await;
    assert_eq!(again(&house, &made).await["state"], "failing");
}

#[tokio::test]
async fn who_does_not_echo_the_challenge_is_told_why_and_hears_nothing() {
    let house = TestHouse::start().await;
    for (echo, why) in [(Echo::Wrong, "another challenge"), (Echo::Nothing, "was not the JSON")] {
        let receiver = Receiver::that(echo).await;
        let made = destination(&house, "webhook", &receiver.url).await;
        assert_eq!(text(&made["state"]), "unconfirmed");
        assert!(text(&made["last_error"]).contains(why), "{made}");
        let token = house.mint(why).await;
        subscribe(&house, &made, &token).await;
        hit(&house, &token, why).await;
        assert!(deliveries(&house, &made).await.is_empty());
        let test = format!("/destinations/{}/test", text(&made["id"]));
        assert_eq!(house.api().json(Method::POST, &test, &json!({})).await.status, StatusCode::CONFLICT);
    }
}

#[tokio::test]
async fn a_webhook_can_be_asked_again_once_it_is_mended() {
    let house = TestHouse::start().await;
    // A port that nobody listens on yet.
    let port = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let made = destination(&house, "webhook", &format!("http://127.0.0.1:{port}/")).await;
    assert!(text(&made["last_error"]).starts_with("Cannot connect to 127.0.0.1"), "{made}");
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let echo = axum::Router::new().fallback(async |body: axum::Json<Value>| body);
    tokio::spawn(async move { axum::serve(listener, echo).await });
    let again = format!("/destinations/{}/confirm", text(&made["id"]));
    let answer = house.api().json(Method::POST, &again, &json!({})).await.body();
    assert_eq!((&answer["state"], &answer["last_error"]), (&json!("confirmed"), &Value::Null));
}

#[tokio::test]
async fn private_addresses_are_refused_where_the_operator_did_not_allow_them() {
    let house = TestHouse::with(&[("AVIARY_ALLOW_PRIVATE_WEBHOOKS", "")]).await;
    let receiver = Receiver::start().await;
    let port = url::Url::parse(&receiver.url).unwrap().port().unwrap();
    for host in ["127.0.0.1", "localhost", "0x7f000001", "[::ffff:127.0.0.1]", "169.254.169.254"] {
        let made = destination(&house, "webhook", &format!("http://{host}:{port}/")).await;
        assert_eq!(text(&made["state"]), "unconfirmed", "{host}");
        assert!(text(&made["last_error"]).contains("AVIARY_ALLOW_PRIVATE_WEBHOOKS="), "{made}");
    }
    assert_eq!(receiver.challenges(), 0);
}

#[tokio::test]
async fn of_a_huge_answer_a_little_is_kept() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    let made = destination(&house, "webhook", &receiver.url).await;
    receiver.next([ok("é".repeat(4_000_000))]);
    let test = format!("/destinations/{}/test", text(&made["id"]));
    house.api().json(Method::POST, &test, &json!({})).await;
    let sent = delivered(&house, &made, "sent", 1).await;
    assert!(text(&sent["attempts"][0]["detail"]).len() <= 4_096);
    assert_eq!(receiver.seen()[0].json()["type"], "test");
}

#[tokio::test]
async fn a_webhook_that_cannot_echo_is_confirmed_by_the_code_that_it_got() {
    let house = TestHouse::start().await;
    let receiver = Receiver::that(Echo::Nothing).await;
    let made = destination(&house, "webhook", &receiver.url).await;
    assert_eq!((text(&made["state"]), &made["awaits_code"]), ("unconfirmed", &json!(true)));
    let confirm = format!("/destinations/{}/confirm", text(&made["id"]));
    let answer = house.api().json(Method::POST, &confirm, &json!({ "code": receiver.code() })).await.body();
    assert_eq!((&answer["state"], &answer["last_error"]), (&json!("confirmed"), &Value::Null));
    // One that refuses the challenge was sent no code that counts.
    let refusing = axum::Router::new().fallback(async || StatusCode::FORBIDDEN);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, refusing).await });
    let made = destination(&house, "webhook", &url).await;
    assert_eq!(&made["awaits_code"], &json!(false), "{made}");
}

/// What the database keeps of a webhook's address: what stands in the open, and what is sealed.
async fn kept(house: &TestHouse, made: &Value) -> (String, Option<String>) {
    use sqlx::Row as _;
    let mut session = house.house.store.read().await.unwrap();
    let row = sqlx::query("SELECT address, sealed_address FROM destinations WHERE id = $1")
        .bind(text(&made["id"]).to_owned())
        .fetch_one(&mut *session)
        .await
        .unwrap();
    (row.get("address"), row.get("sealed_address"))
}

#[tokio::test]
async fn an_address_is_sealed_and_one_from_before_is_sealed_at_the_next_start() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    let made = destination(&house, "webhook", &receiver.url).await;
    let gone = destination(&house, "webhook", &receiver.url).await;
    let removed = house.api().json(Method::DELETE, &format!("/destinations/{}", text(&gone["id"])), &json!({})).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT, "{}", removed.text);
    assert_eq!(text(&made["address"]), receiver.url, "who owns it sees it");
    let mask = format!("{}/…", receiver.url.split("/hook").next().unwrap());
    let (address, sealed) = kept(&house, &made).await;
    assert!(address == mask && !sealed.unwrap().contains("s3cret"), "{address}");
    assert_eq!(kept(&house, &gone).await, (mask.clone(), None));

    // As it was before addresses were sealed.
    let mut tx = house.house.store.begin().await.unwrap();
    for one in [&made, &gone] {
        sqlx::query("UPDATE destinations SET address = $2, sealed_address = NULL WHERE id = $1")
            .bind(text(&one["id"]).to_owned())
            .bind(receiver.url.clone())
            .execute(&mut *tx)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(text(&again(&house, &made).await["address"]), receiver.url);
    assert_eq!(aviary::alerts::seal_addresses(&house.house).await.unwrap(), 2);
    assert_eq!(aviary::alerts::seal_addresses(&house.house).await.unwrap(), 0, "twice is once");
    let (address, sealed) = kept(&house, &made).await;
    assert!(address == mask && sealed.is_some(), "{address}");
    assert_eq!(kept(&house, &gone).await, (mask, None), "of what was removed the mask is enough");

    assert_eq!(text(&again(&house, &made).await["address"]), receiver.url);
    let token = house.mint("laptop").await;
    subscribe(&house, &made, &token).await;
    receiver.next([Answer::Status(200, "", format!("you posted to {} with s3cret", receiver.url))]);
    hit(&house, &token, "e-1").await;
    let sent = delivered(&house, &made, "sent", 1).await;
    assert_eq!(receiver.seen().len(), 1, "alerts go to the whole address");
    assert!(!text(&sent["attempts"][0]["detail"]).contains("s3cret"), "{sent}");
}

#[tokio::test]
async fn a_receiver_that_dies_in_the_middle_of_a_body_gets_the_alert_again_unless_it_had_accepted_it() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    let made = destination(&house, "webhook", &receiver.url).await;
    let token = house.mint("laptop").await;
    subscribe(&house, &made, &token).await;

    // Of what was sent it read half.
    receiver.die_reading();
    hit(&house, &token, "e-1").await;
    let waiting = delivered(&house, &made, "waiting", 1).await;
    assert_eq!((&waiting["attempts"][0]["ok"], receiver.seen().len()), (&json!(false), 0), "{waiting}");
    let why = text(&waiting["attempts"][0]["detail"]);
    assert!(why.starts_with("The connection broke: "), "{why}");
    assert!(text(&again(&house, &made).await["last_error"]).starts_with("The connection broke"), "it says why");
    later(&house, 7 * SECOND);
    delivered(&house, &made, "sent", 2).await;
    assert_eq!(receiver.seen().len(), 1);

    // Of its answer it sent half: the status has decided.
    receiver.next([Answer::Half(500)]);
    hit(&house, &token, "e-2").await;
    let waiting = delivered(&house, &made, "waiting", 1).await;
    assert_eq!(waiting["attempts"][0]["status"], 500, "{waiting}");
    later(&house, 7 * SECOND);
    delivered(&house, &made, "sent", 2).await;
    receiver.next([Answer::Half(200)]);
    hit(&house, &token, "e-3").await;
    let sent = delivered(&house, &made, "sent", 1).await;
    assert!(text(&sent["attempts"][0]["detail"]).starts_with("xxx"), "{sent}");

    let ids: Vec<_> = receiver.seen().into_iter().map(|seen| seen.id).collect();
    assert_eq!(ids.len(), 4, "the first once, the second twice, the third once: {ids:?}");
    assert!(ids[1] == ids[2] && ids[0] != ids[1] && ids[2] != ids[3], "each keeps its identifier: {ids:?}");
}
