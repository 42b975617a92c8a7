//! Hits and incidents: grouping, paging, charts, triage, and who may see what.

use crate::{house::TestHouse, logs};
use app::model::{
    ids::TokenId,
    moment::{DAY, HOUR, MINUTE, Moment},
    viewer::{Role, Viewer},
};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

const KEY: &str = "AKIAWATCHED000000001";

async fn adopt(house: &TestHouse, key: &str, team: &str) -> Value {
    let form = json!({ "access_key_id": key, "location": "a build server", "owner": "ana", "notes": "rotate all", "team": team });
    let answer = house.api().json(Method::POST, "/tokens/adopt", &form).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    answer.body()
}

/// A use of the key at this moment.
fn used(key: &str, at: Moment, event: u32) -> Value {
    let mut record: Value = serde_json::from_slice(&logs::own("plain.json")).unwrap();
    record["userIdentity"] = json!({ "type": "IAMUser", "accessKeyId": key });
    record["eventTime"] = json!(at);
    record["eventID"] = json!(format!("20000000-0000-4000-8000-{event:012}"));
    record
}

async fn send(house: &TestHouse, records: &[Value]) -> i64 {
    let answer = house.api().json(Method::POST, "/ingest/cloudtrail", &json!({ "Records": records })).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.body()["new"].as_i64().unwrap()
}

async fn incidents(house: &TestHouse) -> Vec<Value> {
    house.api().get("/incidents").await.body()["items"].as_array().unwrap().clone()
}

fn start() -> Moment {
    Moment::parse("2026-03-01T12:00:00Z").unwrap()
}

#[tokio::test]
async fn hits_that_are_close_in_time_are_one_incident() {
    let house = TestHouse::start().await;
    adopt(&house, KEY, "").await;
    let at = |hours: i64| start().plus(hours * HOUR);
    send(&house, &[used(KEY, at(0), 1), used(KEY, at(5), 2), used(KEY, at(11), 3), used(KEY, at(18), 4)]).await;
    let found = incidents(&house).await;
    let counts: Vec<_> = found.iter().map(|incident| incident["hit_count"].as_i64().unwrap()).collect();
    assert_eq!(counts, [1, 3], "the latest first");
    assert_eq!((found[1]["opened_at"].clone(), found[1]["last_hit_at"].clone()), (json!(at(0)), json!(at(11))));
    assert_eq!(found[0]["location"], "a build server");
    let path = format!("/hits?incident_id={}", found[1]["id"].as_str().unwrap());
    assert_eq!(house.api().get(&path).await.body()["items"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_late_record_joins_by_the_time_of_its_event() {
    let house = TestHouse::start().await;
    let token = adopt(&house, KEY, "").await;
    send(&house, &[used(KEY, start(), 1)]).await;
    send(&house, &[used(KEY, start().plus(-2 * HOUR), 2)]).await;
    send(&house, &[used(KEY, start().plus(-20 * DAY), 3)]).await;
    let found = incidents(&house).await;
    assert_eq!(found.len(), 2);
    assert_eq!(found[0]["opened_at"], json!(start().plus(-2 * HOUR)));
    assert_eq!(found[0]["last_hit_at"], json!(start()));
    let token = house.api().get(&format!("/tokens/{}", token["id"].as_str().unwrap())).await.body();
    assert_eq!((token["last_hit_at"].clone(), token["hit_count"].clone()), (json!(start()), json!(3)));
    assert_eq!(token["state"], "triggered");
}

#[tokio::test]
async fn after_a_resolution_the_next_hit_opens_a_new_incident() {
    let house = TestHouse::start().await;
    adopt(&house, KEY, "").await;
    send(&house, &[used(KEY, start(), 1)]).await;
    let id = incidents(&house).await[0]["id"].as_str().unwrap().to_owned();
    let call = async |verb: &str, body: Value| {
        house.clock.advance(1_000);
        house.api().json(Method::POST, &format!("/incidents/{id}/{verb}"), &body).await
    };
    let acknowledged = call("acknowledge", json!({})).await.body();
    assert_eq!(
        (acknowledged["state"].as_str(), acknowledged["acknowledged_by"].as_str()),
        (Some("acknowledged"), Some("test"))
    );
    assert_eq!(call("acknowledge", json!({})).await.status, StatusCode::CONFLICT);
    send(&house, &[used(KEY, start().plus(MINUTE), 2)]).await;
    assert_eq!(incidents(&house).await.len(), 1, "still the same one");

    assert_eq!(call("resolve", json!({ "resolution": "whatever" })).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let resolved = call("resolve", json!({ "resolution": "drill", "comment": "  a test  " })).await.body();
    assert_eq!((resolved["state"].as_str(), resolved["resolution"].as_str()), (Some("resolved"), Some("drill")));
    assert_eq!(resolved["comment"], "a test");
    assert_eq!(call("resolve", json!({ "resolution": "drill" })).await.status, StatusCode::CONFLICT);
    send(&house, &[used(KEY, start().plus(2 * MINUTE), 3)]).await;
    assert_eq!(incidents(&house).await.len(), 2);

    let reopened = call("reopen", json!({})).await.body();
    assert_eq!((reopened["state"].as_str(), reopened["resolution"].is_null()), (Some("acknowledged"), true));
    assert_eq!(call("reopen", json!({})).await.status, StatusCode::CONFLICT);
    let log = aviary::audit::list(&house.house, &Viewer::system("test"), &Default::default()).await.unwrap().items;
    let acts: Vec<_> =
        log.iter().filter(|entry| entry.act.starts_with("incident.")).map(|entry| entry.act.as_str()).collect();
    assert_eq!(acts, ["incident.reopen", "incident.resolve", "incident.acknowledge"]);
}

#[tokio::test]
async fn triage_works_with_plain_forms() {
    let house = TestHouse::start().await;
    adopt(&house, KEY, "").await;
    send(&house, &[used(KEY, start(), 1)]).await;
    let id = incidents(&house).await[0]["id"].as_str().unwrap().to_owned();
    house.person("ana@example.com", "", Role::Reviewer).await;
    let browser = house.signed_in("ana@example.com").await;
    let answer = browser.form(&format!("/incidents/{id}/acknowledge"), &[]).await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (StatusCode::SEE_OTHER, &*format!("/incidents/{id}?done=acknowledged"))
    );
    let answer =
        browser.form(&format!("/incidents/{id}/resolve"), &[("resolution", ""), ("comment", "my words")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("my words"), "what was typed is kept");
    let answer =
        browser.form(&format!("/incidents/{id}/resolve"), &[("resolution", "expected"), ("comment", "")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(incidents(&house).await[0]["resolved_by"], "ana@example.com");
}

#[tokio::test]
async fn lists_of_hits_are_paged_and_filtered() {
    let house = TestHouse::start().await;
    let token = adopt(&house, KEY, "").await;
    let records: Vec<_> = (0..7).map(|n| used(KEY, start().plus(i64::from(n / 2) * MINUTE), n)).collect();
    assert_eq!(send(&house, &records).await, 7);
    let path = format!("/tokens/{}/hits", token["id"].as_str().unwrap());
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = house.api().get(&format!("{path}?limit=3&after={after}")).await.body();
        seen.extend(page["items"].as_array().unwrap().iter().map(|hit| hit["event_id"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => next.clone_into(&mut after),
            None => break,
        }
    }
    assert_eq!(seen.len(), 7);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 7, "each once, though some have the same time");
    assert_eq!(house.api().get("/hits?event_name=Nothing").await.body()["items"], json!([]));
    assert_eq!(house.api().get("/hits?after=nonsense").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(house.api().get("/tokens/nobody/hits").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_chart_counts_every_hit_in_at_most_sixty_bars() {
    let house = TestHouse::start().await;
    let token = adopt(&house, KEY, "").await;
    let id = TokenId(token["id"].as_str().unwrap().to_owned());
    let viewer = Viewer::system("test");
    let chart = async || aviary::hits::chart(&house.house, &viewer, &id).await.unwrap();
    assert_eq!(chart().await.bars, []);
    send(&house, &[used(KEY, start(), 1), used(KEY, start().plus(MINUTE), 2)]).await;
    let burst = chart().await;
    assert_eq!((burst.step, burst.bars.len(), burst.bars.last().unwrap().count), (HOUR, 24, 2));
    send(&house, &[used(KEY, start().plus(-90 * DAY), 3)]).await;
    let long = chart().await;
    assert!(long.bars.len() <= 60 && long.step >= DAY);
    assert_eq!(long.bars.iter().map(|bar| bar.count).sum::<i64>(), 3);
    assert_eq!((long.bars[0].count, long.bars.last().unwrap().count), (1, 2));
    let recent = used(KEY, house.house.now(), 4);
    send(&house, &[recent]).await;
    let all = aviary::hits::chart_of_everything(&house.house, &viewer).await.unwrap();
    assert_eq!((all.bars.len(), all.bars.last().unwrap().count), (30, 1));
}

#[tokio::test]
async fn people_of_one_team_see_nothing_of_another() {
    let house = TestHouse::start().await;
    aviary::people::teams::create(&house.house, &Viewer::system("test"), "Payments").await.unwrap();
    let ours = adopt(&house, KEY, "Security").await;
    let theirs = adopt(&house, "AKIAWATCHED000000002", "Payments").await;
    send(&house, &[used(KEY, start(), 1), used("AKIAWATCHED000000002", start(), 2)]).await;
    let all = incidents(&house).await;
    let foreign = all.iter().find(|incident| incident["team"] == "Payments").unwrap()["id"].as_str().unwrap();
    let api = house.api_as(&house.key("reviewer", "Security").await);
    for list in ["/hits", "/incidents"] {
        let items = api.get(list).await.body()["items"].as_array().unwrap().clone();
        assert_eq!(items.len(), 1, "{list}");
        assert_eq!(items[0]["token_id"], ours["id"]);
    }
    let their_id = theirs["id"].as_str().unwrap();
    assert_eq!(api.get(&format!("/tokens/{their_id}/hits")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(api.get(&format!("/hits?token_id={their_id}")).await.body()["items"], json!([]));
    assert_eq!(api.get(&format!("/hits?incident_id={foreign}")).await.body()["items"], json!([]));
    let hit = house.api().get(&format!("/tokens/{their_id}/hits")).await.body()["items"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(api.get(&format!("/hits/{hit}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(api.get(&format!("/incidents/{foreign}")).await.status, StatusCode::NOT_FOUND);
    let answer = api.json(Method::POST, &format!("/incidents/{foreign}/acknowledge"), &json!({})).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);

    let viewer = house.api_as(&house.key("viewer", "Payments").await);
    let answer = viewer.json(Method::POST, &format!("/incidents/{foreign}/acknowledge"), &json!({})).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "a viewer sees it, and may not triage it");
}

#[tokio::test]
async fn a_hit_rings_and_the_key_is_disabled_where_that_was_chosen() {
    let house = TestHouse::start().await;
    let mut bell = house.house.bell.listen();
    let form = json!({ "location": "a laptop", "owner": "ana", "on_hit": "disable_after:2" });
    let minted = house.api().json(Method::POST, "/tokens", &form).await.body();
    let key = minted["access_key_id"].as_str().unwrap();
    let active = async || {
        house.api().get(&format!("/tokens/{}", minted["id"].as_str().unwrap())).await.body()["key_active"].clone()
    };
    send(&house, &[used(key, start(), 1)]).await;
    assert_eq!(bell.try_recv().unwrap().token_id.0, minted["id"].as_str().unwrap());
    assert_eq!(active().await, true);
    send(&house, &[used(key, start(), 2)]).await;
    assert_eq!(active().await, false);
}

#[tokio::test]
async fn the_same_events_sent_by_many_at_once_are_kept_once() {
    let house = TestHouse::start().await;
    let token = adopt(&house, KEY, "").await;
    adopt(&house, "AKIAWATCHED000000002", "").await;
    let records: Vec<_> = (0..40)
        .map(|n| used(if n % 2 == 0 { KEY } else { "AKIAWATCHED000000002" }, start().plus(i64::from(n) * MINUTE), n))
        .collect();
    let mut turned = records.clone();
    turned.reverse();
    let sent = futures::future::join_all((0..8).map(|n| {
        let (house, records) = (&house, if n % 2 == 0 { &records } else { &turned });
        async move { send(house, records).await }
    }))
    .await;
    assert_eq!(sent.iter().sum::<i64>(), 40);
    let token = house.api().get(&format!("/tokens/{}", token["id"].as_str().unwrap())).await.body();
    assert_eq!(token["hit_count"], 20);
    let found = incidents(&house).await;
    assert_eq!(found.iter().map(|incident| incident["hit_count"].as_i64().unwrap()).collect::<Vec<_>>(), [20, 20]);
}
