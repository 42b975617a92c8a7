//! Records that are handed in: every shape and oddity of CloudTrail, recorded logs, and what becomes of what is no record.

use crate::{
    house::{Answer, TestHouse},
    logs,
};
use app::model::{hit::Source, viewer::Role};
use aviary::hits::record::Record;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

const KEY: &str = "AKIAWATCHED000000001";
const ARN: &str = "arn:aws:iam::111122223333:user/ci/deploy";

async fn watching() -> TestHouse {
    let house = TestHouse::start().await;
    adopt(&house, KEY, ARN).await;
    house
}

async fn adopt(house: &TestHouse, key: &str, arn: &str) -> Value {
    let form = json!({ "access_key_id": key, "arn": arn, "location": "a test", "owner": "ana" });
    let answer = house.api().json(Method::POST, "/tokens/adopt", &form).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    answer.body()
}

async fn post(house: &TestHouse, body: Vec<u8>) -> Answer {
    let headers = [("content-type", "application/json")];
    house.api().send(Method::POST, "/ingest/cloudtrail", &headers, body).await
}

/// Sends one of our own log files; what was read, matched, new, quarantined.
async fn send(house: &TestHouse, name: &str) -> (i64, i64, i64, i64) {
    let answer = post(house, logs::own(name)).await;
    assert_eq!(answer.status, StatusCode::OK, "{name}: {}", answer.text);
    counts(&answer.body())
}

fn counts(body: &Value) -> (i64, i64, i64, i64) {
    let count = |field: &str| body[field].as_i64().unwrap();
    (count("read"), count("matched"), count("new"), count("quarantined"))
}

async fn hits(house: &TestHouse, query: &str) -> Vec<Value> {
    let page = house.api().get(&format!("/hits?limit=500{query}")).await.body();
    page["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn every_shape_of_a_use_becomes_one_hit() {
    let house = watching().await;
    let shapes = [
        ("plain.json", 1),
        ("access-denied.json", 1),
        ("no-event-id.json", 1),
        ("no-event-time.json", 1),
        ("time-without-zone.json", 1),
        ("ipv6.json", 1),
        ("service-as-source.json", 1),
        ("unknown-version.json", 1),
        ("no-type.json", 1),
        ("parameters-as-text.json", 1),
        ("no-agent-no-address.json", 1),
        ("control-characters.json", 1),
        ("long-agent.json", 1),
        ("session-token.json", 1),
        ("sign-in-by-name.json", 1),
        ("federated.json", 1),
        ("eventbridge.json", 1),
        ("lines.jsonl", 2),
        ("array-of-everything.json", 3),
        ("file.json.gz", 1),
        ("two-members.json.gz", 2),
        ("one-bad-of-three.json", 2),
    ];
    for (name, new) in shapes {
        let (_, matched, found, _) = send(&house, name).await;
        assert_eq!((matched, found), (new, new), "{name}");
    }
    let total: i64 = shapes.iter().map(|(_, new)| new).sum();
    let hits = hits(&house, "").await;
    assert_eq!(hits.len(), usize::try_from(total).unwrap());
    for hit in hits {
        assert_eq!(hit["kind"], "use");
        assert_eq!(hit["sources"][0]["source"], "webhook");
        assert_eq!(hit["sources"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn what_is_about_nobody_we_watch_is_read_and_let_go() {
    let house = watching().await;
    for name in [
        "inventory.json",
        "same-name-elsewhere.json",
        "masked-key.json",
        "no-identity.json",
        "identity-as-text.json",
        "service-event.json",
        "insight.json",
        "digest.json",
    ] {
        assert_eq!(send(&house, name).await, (1, 0, 0, 0), "{name}");
    }
    assert_eq!(hits(&house, "").await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_hit_says_what_the_record_says() {
    let house = watching().await;
    send(&house, "access-denied.json").await;
    let hit = hits(&house, "").await.remove(0);
    for (field, value) in [
        ("event_name", "ListBuckets"),
        ("event_source", "s3.amazonaws.com"),
        ("aws_region", "eu-central-1"),
        ("source_ip", "198.51.100.7"),
        ("user_agent", "aws-cli/2.31.0"),
        ("error_code", "AccessDenied"),
        ("event_time", "2026-03-01T10:02:00Z"),
    ] {
        assert_eq!(hit[field], value);
    }
    assert_eq!(hit["record"], serde_json::from_slice::<Value>(&logs::own("access-denied.json")).unwrap());
    let alone = house.api().get(&format!("/hits/{}", hit["id"].as_str().unwrap())).await.body();
    assert_eq!(alone, hit);
}

#[tokio::test]
async fn odd_fields_are_kept_in_the_record_and_made_harmless_outside_of_it() {
    let house = watching().await;
    send(&house, "control-characters.json").await;
    let hit = hits(&house, "").await.remove(0);
    assert_eq!(hit["user_agent"], "aws-cli\u{fffd}[2J\u{fffd}]0;owned\u{fffd}\u{fffd} end\u{fffd}");
    assert_eq!(hit["record"]["userAgent"], "aws-cli\u{1b}[2J\u{1b}]0;owned\u{7}\u{0} end\u{202e}");
    send(&house, "ipv6.json").await;
    assert_eq!(hits(&house, "&source_ip=2001:db8:85a3::8a2e:370:7334").await.len(), 1);
    send(&house, "no-event-id.json").await;
    let named =
        hits(&house, "").await.iter().filter(|hit| hit["event_id"].as_str().unwrap().starts_with("sha256:")).count();
    assert_eq!(named, 1);
}

#[tokio::test]
async fn a_record_that_does_not_say_when_counts_from_its_arrival() {
    let house = watching().await;
    send(&house, "no-event-time.json").await;
    let hit = hits(&house, "").await.remove(0);
    assert_eq!(hit["event_time"], hit["sources"][0]["received_at"]);
}

#[tokio::test]
async fn a_body_of_256_kib_is_no_error() {
    let house = watching().await;
    let mut record: Value = serde_json::from_slice(&logs::own("plain.json")).unwrap();
    record["requestParameters"] = json!({ "policyDocument": "y".repeat(256 << 10) });
    assert_eq!(counts(&post(&house, record.to_string().into_bytes()).await.body()), (1, 1, 1, 0));
    assert_eq!(hits(&house, "").await[0]["record"], record);
}

#[tokio::test]
async fn an_event_that_is_sent_again_is_no_new_hit() {
    let house = watching().await;
    assert_eq!(send(&house, "file-region-one.json").await, (2, 1, 1, 0));
    assert_eq!(send(&house, "file-region-two.json").await, (2, 1, 0, 0));
    for name in ["no-event-id.json", "no-event-id.json"] {
        send(&house, name).await;
    }
    // The same content in another order of its keys and with other spaces.
    let record: Value = serde_json::from_slice(&logs::own("no-event-id.json")).unwrap();
    let turned: Vec<_> =
        record.as_object().unwrap().iter().rev().map(|(key, value)| format!("{}:{value}", json!(key))).collect();
    let again = post(&house, format!("{{{}}}", turned.join(" ,\n")).into_bytes()).await;
    assert_eq!(counts(&again.body()), (1, 1, 0, 0));
    assert_eq!(hits(&house, "").await.len(), 2);
}

#[tokio::test]
async fn an_event_twice_in_one_body_counts_once() {
    let house = watching().await;
    let record = String::from_utf8(logs::own("plain.json")).unwrap();
    let body = format!("{{\"Records\":[{record},{record},{record}]}}");
    assert_eq!(counts(&post(&house, body.into_bytes()).await.body()), (3, 3, 1, 0));
    let token = house.api().get("/tokens").await.body()["items"][0].clone();
    assert_eq!(token["hit_count"], 1);
}

#[tokio::test]
async fn every_way_that_reported_a_hit_is_listed_once() {
    let house = watching().await;
    let record = || vec![Record::parse(&String::from_utf8(logs::own("plain.json")).unwrap()).unwrap()];
    for source in [Source::Eventbridge, Source::Trail, Source::Eventbridge, Source::Scan] {
        house.clock.advance(1_000);
        aviary::intake::receive(&house.house, source, record()).await.unwrap();
    }
    let hits = hits(&house, "").await;
    assert_eq!(hits.len(), 1);
    let sources: Vec<_> = hits[0]["sources"].as_array().unwrap().iter().map(|one| one["source"].clone()).collect();
    assert_eq!(sources, ["eventbridge", "trail", "scan"]);
    assert!(hits[0]["sources"][0]["received_at"].as_str() < hits[0]["sources"][1]["received_at"].as_str());
}

#[tokio::test]
async fn a_quarantined_key_is_exposed_and_a_changed_one_tampered_with() {
    let house = watching().await;
    send(&house, "key-disabled.json").await;
    assert_eq!(hits(&house, "&kind=tampered").await.len(), 1);
    send(&house, "quarantine.json").await;
    assert_eq!(hits(&house, "&kind=exposed").await.len(), 1);
    assert_eq!(house.api().get("/tokens").await.body()["items"][0]["state"], "exposed");
}

#[tokio::test]
async fn a_user_of_which_only_the_unique_id_is_known_is_matched() {
    let house = TestHouse::start().await;
    let minted = house.mint("a laptop").await;
    let mut connection = house.house.store.read().await.unwrap();
    let id = app::model::ids::TokenId(minted["id"].as_str().unwrap().to_owned());
    let row = aviary::store::tokens::by_id(&mut connection, &id).await.unwrap().unwrap();
    drop(connection);
    let mut record: Value = serde_json::from_slice(&logs::own("principal-only.json")).unwrap();
    record["userIdentity"]["principalId"] = json!(row.unique_id);
    assert_eq!(counts(&post(&house, record.to_string().into_bytes()).await.body()), (1, 1, 1, 0));
}

#[tokio::test]
async fn a_revoked_token_still_hears_late_records() {
    let house = TestHouse::start().await;
    let minted = house.mint("a laptop").await;
    let path = format!("/tokens/{}", minted["id"].as_str().unwrap());
    assert!(house.api().send(Method::DELETE, &path, &[], Vec::new()).await.status.is_success());
    let mut record: Value = serde_json::from_slice(&logs::own("plain.json")).unwrap();
    record["userIdentity"]["accessKeyId"] = minted["access_key_id"].clone();
    assert_eq!(counts(&post(&house, record.to_string().into_bytes()).await.body()), (1, 1, 1, 0));
    let token = house.api().get(&path).await.body();
    assert_eq!((token["state"].as_str(), token["hit_count"].as_i64()), (Some("revoked"), Some(1)));
}

#[tokio::test]
async fn one_bad_record_is_kept_for_an_admin_and_does_not_lose_the_others() {
    let house = watching().await;
    assert_eq!(send(&house, "one-bad-of-three.json").await, (3, 2, 2, 1));
    house.person("ana@example.com", "", Role::Admin).await;
    let page = house.signed_in("ana@example.com").await.get("/health").await.text;
    assert!(page.contains("not a record") && page.contains("expected a CloudTrail record, found a text"), "{page}");
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused_with_the_place_and_keeps_nothing() {
    let house = watching().await;
    for (name, place) in [("not-json.txt", "line 1, column 5"), ("cut-off.json", "line 1, column 1748")] {
        let answer = post(&house, logs::own(name)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{name}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let detail = answer.body()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(place) && detail.contains("Expected a CloudTrail record"), "{name}: {detail}");
    }
    for body in [Vec::new(), b"\x1f\x8b\x08 no gzip".to_vec()] {
        assert_eq!(post(&house, body).await.status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(hits(&house, "").await.len(), 0);
}

#[tokio::test]
async fn only_keys_of_the_role_ingest_hand_in_records() {
    let house = watching().await;
    let post = async |role: &str| {
        let key = house.key(role, "").await;
        house.api_as(&key).send(Method::POST, "/ingest/cloudtrail", &[], logs::own("plain.json")).await.status
    };
    assert_eq!(post("viewer").await, StatusCode::FORBIDDEN);
    assert_eq!(post("reviewer").await, StatusCode::FORBIDDEN);
    assert_eq!(post("ingest").await, StatusCode::OK);
    let key = house.key("ingest", "").await;
    assert_eq!(house.api_as(&key).get("/hits").await.status, StatusCode::FORBIDDEN, "it may hand in, not look");
}

#[tokio::test]
async fn the_recorded_oddities_say_what_they_should() {
    let Some(cases) = logs::shared("variety.jsonl") else { return };
    let cases = String::from_utf8(cases).unwrap();
    let mut seen = 0;
    for case in cases.lines() {
        let case: Value = serde_json::from_str(case).unwrap();
        let batch = aviary::intake::read::read(case["rec"].to_string().as_bytes()).unwrap();
        assert_eq!(batch.unreadable, [], "{}", case["id"]);
        seen += 1;
        let expect = &case["expect"];
        let Some(record) = batch.records.first() else {
            assert!(matches!(case["kind"].as_str(), Some("insight" | "digest")), "{}", case["id"]);
            continue;
        };
        // What is no text there (patterns of EventBridge hold lists) is no text here.
        let text = |field: &str| expect[field].as_str().map(str::to_owned);
        assert_eq!(record.event_name, text("eventName").unwrap_or_default(), "{}", case["id"]);
        assert_eq!(record.source_ip, text("sourceIPAddress").unwrap_or_default(), "{}", case["id"]);
        assert_eq!(record.error_code, text("errorCode"), "{}", case["id"]);
        // The plain look-up does not go into the detail of an event; the actor stands there.
        if case["kind"] == "record" {
            assert_eq!(record.actor.access_key_id, text("accessKeyId"), "{}", case["id"]);
            assert_eq!(record.actor.kind, text("userType").unwrap_or_default(), "{}", case["id"]);
        }
        match text("eventID") {
            Some(id) => assert_eq!(record.event_id, id),
            None => assert!(record.event_id.starts_with("sha256:"), "{}", case["id"]),
        }
    }
    assert_eq!(seen, 139);
}

#[tokio::test]
async fn every_key_of_the_recorded_logs_has_exactly_its_events_whatever_the_order() {
    let Some(recorded) = logs::recorded() else { return };
    let house = TestHouse::start().await;
    recorded.adopt_all(&house).await;
    let mut files: Vec<_> = recorded.files.iter().collect();
    files.reverse();
    let (mut new, mut first) = (0, 0);
    for round in 0..2 {
        for (name, content) in &files {
            let (_, _, found, quarantined) = counts(&post(&house, content.clone()).await.body());
            assert_eq!(quarantined, 0, "{name}");
            new += found;
        }
        if round == 0 {
            first = new;
        }
        files.reverse();
    }
    assert_eq!(new, first, "sent again, nothing is new");
    recorded.assert_in(&house).await;
}
