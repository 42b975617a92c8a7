//! Messages on queues: every shape, repetition, poison, and a queue that goes away.

use super::{ARN, KEY, Listening, event, eventually, hits, record, ways};
use crate::{
    aws::emulator::{ACCOUNT, Emulator},
    house::{TestHouse, free_port},
    logs,
};
use app::model::{health::Light, moment::MINUTE};
use axum::http::Method;
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::net::{TcpListener, TcpStream};

fn in_envelope(message: &str) -> String {
    json!({ "Type": "Notification", "MessageId": "m-1", "TopicArn": "arn:aws:sns:us-east-1:123456789012:t",
        "Message": message, "Timestamp": "2026-03-01T10:02:00.000Z", "SignatureVersion": "1" })
    .to_string()
}

#[tokio::test]
async fn records_come_in_every_wrapping_and_chatter_goes_away() {
    let Some(aws) = Emulator::start("messages on queues").await else { return };
    let listening = Listening::new(&aws).await;
    let id = |n: u32| record(&format!("event-{n}"), KEY);
    let chatter = [
        json!({ "Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "trail" }).to_string(),
        in_envelope("CloudTrail validation message."),
        json!({ "Type": "SubscriptionConfirmation", "TopicArn": "arn:aws:sns:us-east-1:1:t", "Token": "t" })
            .to_string(),
    ];
    listening.events.send_all(&[event(&id(1)), id(2).to_string(), in_envelope(&event(&id(3)))]).await;
    listening.events.send_all(&chatter).await;
    listening.files.send_all(&chatter).await;
    listening.files.send(&event(&id(4))).await;
    listening.quiet().await;
    let hits = listening.hits().await;
    assert_eq!(hits.len(), 4);
    assert!(hits.iter().all(|hit| ways(hit) == ["eventbridge"]), "{hits:?}");
    assert_eq!(listening.events.dead_depth().await + listening.files.dead_depth().await, 0);
    assert_eq!(listening.quarantine().await, Vec::<String>::new());
}

#[tokio::test]
async fn ten_deliveries_out_of_order_are_one_hit_each() {
    let Some(aws) = Emulator::start("repeated messages").await else { return };
    let listening = Listening::new(&aws).await;
    let at = |n: u32| {
        let mut record = record(&format!("event-{n}"), KEY);
        record["eventTime"] = json!(format!("2026-03-01T10:{n:02}:00Z"));
        event(&record)
    };
    let mut bodies = Vec::new();
    for _ in 0..10 {
        bodies.extend((0..5).rev().map(at));
    }
    listening.events.send_all(&bodies).await;
    listening.quiet().await;
    let hits = listening.hits().await;
    let times: Vec<_> = hits.iter().map(|hit| hit["event_time"].as_str().unwrap()).collect();
    let expected: Vec<_> = (0..5).rev().map(|n| format!("2026-03-01T10:{n:02}:00Z")).collect();
    assert_eq!(times, expected);
    let incidents = listening.house.api().get("/incidents").await.body();
    assert_eq!(incidents["items"].as_array().unwrap().len(), 1);
    assert_eq!(incidents["items"][0]["hit_count"], 5);
}

#[tokio::test]
async fn a_message_that_cannot_be_understood_is_put_aside_and_kept_once() {
    let Some(aws) = Emulator::start("a poison message").await else { return };
    let listening = Listening::new(&aws).await;
    let good = |n: u32| event(&record(&format!("event-{n}"), KEY));
    listening.events.send_all(&[good(1), "no JSON at all".to_owned(), good(2)]).await;
    eventually("it is put aside", async || listening.events.dead_depth().await == 1).await;
    listening.quiet().await;
    assert_eq!(listening.hits().await.len(), 2);
    let kept = listening.quarantine().await;
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert!(kept[0].contains("no JSON"), "{kept:?}");
}

#[tokio::test]
async fn a_record_thirty_days_late_is_a_hit_of_a_revoked_token_at_its_true_time() {
    let Some(aws) = Emulator::start("a late record").await else { return };
    let listening = Listening::new(&aws).await;
    let form = json!({ "account": "sandbox", "location": "a laptop", "owner": "ana" });
    let minted = listening.house.api().json(Method::POST, "/tokens", &form).await.body();
    let path = format!("/tokens/{}", minted["id"].as_str().unwrap());
    assert!(listening.house.api().send(Method::DELETE, &path, &[], Vec::new()).await.status.is_success());
    let mut late = record("late", minted["access_key_id"].as_str().unwrap());
    let called = listening.house.clock_text(-30 * 86_400_000);
    late["eventTime"] = json!(called);
    listening.events.send(&event(&late)).await;
    listening.quiet().await;
    assert_eq!(listening.hits().await[0]["event_time"], json!(called));
    assert_eq!(listening.house.api().get(&path).await.body()["state"], "revoked");
}

async fn until(open: &AtomicBool, wanted: bool) {
    while open.load(Ordering::Relaxed) != wanted {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// Something in front of ministack that can be shut: then nobody listens there.
async fn door(aws: &Emulator) -> (String, Arc<AtomicBool>) {
    let behind = aws.url.strip_prefix("http://").unwrap().to_owned();
    let address = ("127.0.0.1", free_port());
    let mut listener = TcpListener::bind(address).await.unwrap();
    let open = Arc::new(AtomicBool::new(true));
    let is_open = Arc::clone(&open);
    tokio::spawn(async move {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = until(&is_open, false) => {
                    drop(listener);
                    until(&is_open, true).await;
                    listener = TcpListener::bind(address).await.unwrap();
                    continue;
                }
            };
            let (Ok((mut outside, _)), behind, is_open) = (accepted, behind.clone(), Arc::clone(&is_open)) else {
                return;
            };
            tokio::spawn(async move {
                let Ok(mut inside) = TcpStream::connect(&behind).await else { return };
                let both = tokio::io::copy_bidirectional(&mut outside, &mut inside);
                tokio::select! { _ = both => {}, () = until(&is_open, false) => {} }
            });
        }
    });
    (format!("http://127.0.0.1:{}", address.1), open)
}

#[tokio::test]
async fn a_queue_that_is_away_is_said_to_be_and_heard_when_it_is_back() {
    let Some(aws) = Emulator::start("a queue that is away").await else { return };
    let (url, open) = door(&aws).await;
    open.store(false, Ordering::Relaxed);
    let listening = Listening::with(&aws, aws.clients(Some(&url)), 3).await;
    let queues = || listening.house.house.ears.queues.checks();
    let away = || queues().iter().filter(|check| check.says.contains("It has not answered since")).count();
    eventually("both are away", async || away() == 2).await;
    assert!(!listening.house.house.ears.queues.all_answer(ACCOUNT));
    listening.events.send(&event(&record("meanwhile", KEY))).await;
    open.store(true, Ordering::Relaxed);
    listening.quiet().await;
    assert_eq!(listening.hits().await.len(), 1);
    eventually("none is away", async || away() == 0).await;
    open.store(false, Ordering::Relaxed);
    eventually("both are away again", async || away() == 2).await;
}

#[tokio::test]
async fn what_came_in_the_minute_in_which_a_queue_was_away_is_one_hit_each() {
    let Some(aws) = Emulator::start("a queue that is away for a minute").await else { return };
    let (url, open) = door(&aws).await;
    // From the beginning: a poll that is cut off would still be given a message, which is hidden then for a minute that no
    // test can hurry.
    open.store(false, Ordering::Relaxed);
    let listening = Listening::with(&aws, aws.clients(Some(&url)), 3).await;
    let gone = listening.house.clock_now();
    let away = format!("It has not answered since {}", gone.exact());
    let checks = || listening.house.house.ears.queues.checks();
    let told = || checks().iter().filter(|check| check.light == Light::Bad && check.says.contains(&away)).count();
    eventually("both are away", async || told() == 2).await;
    let names: Vec<String> = (0..13).map(|n| format!("meanwhile-{n:02}")).collect();
    for name in &names {
        listening.house.clock.advance(5_000);
        listening.events.send(&event(&record(name, KEY))).await;
    }
    assert!(listening.house.clock_now().since(gone) > MINUTE);
    assert_eq!((told(), listening.hits().await.len()), (2, 0), "{:?}", checks());

    open.store(true, Ordering::Relaxed);
    eventually("all are hits", async || listening.hits().await.len() >= names.len()).await;
    listening.quiet().await;
    eventually("none is away", async || checks().iter().all(|check| check.light == Light::Good)).await;
    let hits = listening.hits().await;
    let mut heard: Vec<_> = hits.iter().map(|hit| hit["event_id"].as_str().unwrap()).collect();
    heard.sort_unstable();
    assert_eq!(heard, names);
    assert!(hits.iter().all(|hit| ways(hit) == ["eventbridge"]), "{hits:?}");
    assert_eq!(listening.events.dead_depth().await, 0);
    assert_eq!(listening.quarantine().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_queue_is_listened_to_from_when_it_is_set_until_it_is_not() {
    let Some(aws) = Emulator::start("a changed account").await else { return };
    let listening = Listening::new(&aws).await;
    let system = app::model::viewer::Viewer::system("test");
    let queues = || listening.house.house.ears.queues.checks().len();
    eventually("both are listened to", async || queues() == 2).await;
    let form = app::model::account::AccountForm { files_queue: listening.files.url.clone(), ..super::account() };
    aviary::accounts::edit(&listening.house.house, &system, ACCOUNT, &form).await.unwrap();
    eventually("one is let go", async || queues() == 1).await;
    listening.files.send(&event(&record("after", KEY))).await;
    eventually("the other is heard", async || listening.hits().await.len() == 1).await;
    let form = app::model::account::AccountForm { events_queue: listening.events.url.clone(), ..form };
    aviary::accounts::edit(&listening.house.house, &system, ACCOUNT, &form).await.unwrap();
    listening.events.send(&event(&record("again", KEY))).await;
    eventually("the one is heard again", async || listening.hits().await.len() == 2).await;
    aviary::accounts::remove(&listening.house.house, &system, ACCOUNT).await.unwrap();
    eventually("none is listened to", async || queues() == 0).await;
}

#[tokio::test]
async fn every_recorded_event_on_the_queue_becomes_exactly_its_hit() {
    let Some(recorded) = logs::recorded() else { return };
    let Some(aws) = Emulator::start("recorded events on a queue").await else { return };
    let listening = Listening::new(&aws).await;
    recorded.adopt_all(&listening.house).await;
    // Some of the recorded ones are events already.
    let as_event = |one: &Value| if one.get("detail").is_some() { one.to_string() } else { event(one) };
    let mut bodies: Vec<_> = recorded.records().iter().map(as_event).collect();
    bodies.reverse();
    for some in bodies.chunks(2_000) {
        listening.events.send_all(some).await;
        listening.quiet().await;
    }
    assert_eq!(listening.quarantine().await, Vec::<String>::new());
    // The tests' own key is watched too, and has no event there.
    recorded.assert_in(&listening.house).await;
}

#[tokio::test]
async fn aviarys_own_changes_of_its_users_are_no_tampering_and_its_uses_are_uses() {
    let house = TestHouse::start().await;
    super::adopt(&house, KEY, ARN).await;
    let role = "arn:aws:iam::123456789012:role/service/automation";
    let form = app::model::account::AccountForm { role_arn: role.into(), ..super::account() };
    aviary::accounts::add(&house.house, &app::model::viewer::Viewer::system("test"), &form).await.unwrap();
    let by = |who: &str, id: &str, key: &str| {
        let mut change = record(id, key);
        change["eventSource"] = json!("iam.amazonaws.com");
        change["eventName"] = json!("UpdateAccessKey");
        change["requestParameters"] = json!({ "userName": "deploy", "accessKeyId": KEY, "status": "Inactive" });
        change["userIdentity"] = json!({ "type": "AssumedRole", "accountId": "123456789012", "accessKeyId": key,
            "arn": "arn:aws:sts::123456789012:assumed-role/automation/automation",
            "sessionContext": { "sessionIssuer": { "type": "Role", "arn": who } } });
        change
    };
    let send = async |record: Value| {
        house.api().send(Method::POST, "/ingest/cloudtrail", &[], record.to_string().into_bytes()).await.body()
    };
    assert_eq!(send(by(role, "own", "ASIAOWN0000000000000")).await["matched"], 0);
    assert_eq!(hits(&house).await.len(), 0);
    send(by("arn:aws:iam::123456789012:role/admin", "other", "ASIAOTHER00000000000")).await;
    assert_eq!(hits(&house).await[0]["kind"], "tampered");
    // Whoever it is: the use of a key is a use.
    send(by(role, "use", KEY)).await;
    let kinds: Vec<_> = hits(&house).await.iter().map(|hit| hit["kind"].as_str().unwrap().to_owned()).collect();
    assert!(kinds.contains(&"use".to_owned()), "{kinds:?}");
}
