//! Drills: Aviary uses a key, and the very call comes back.

use super::{
    emulator::{ACCOUNT, Emulator, form, house_with, mint},
    proxy::{Proxy, Spoil},
};
use crate::house::TestHouse;
use app::model::{
    account::AccountForm,
    drill::DrillState,
    fault::FaultKind,
    hit::{HitKind, HitQuery, Source},
    ids::TokenId,
    moment::{HOUR, MINUTE},
    token::TokenState,
    viewer::Viewer,
};
use aviary::{drills, hits, intake, store, tokens};
use serde_json::{Value, json};

fn id_of(token: &Value) -> TokenId {
    TokenId(token["id"].as_str().unwrap().to_owned())
}

/// The record that CloudTrail would write of a drill's call.
async fn record_of(house: &TestHouse, token: &Value, event: &str, mark: &str) -> Value {
    json!({
        "eventVersion": "1.11", "eventID": event, "eventTime": house.clock_text(0), "eventSource": "sts.amazonaws.com",
        "eventName": "GetCallerIdentity", "awsRegion": "us-east-1", "sourceIPAddress": "198.51.100.9",
        "userAgent": format!("aws-sdk-rust/1.3 os/linux lang/rust/1.95 app/{mark}"), "requestParameters": null,
        "recipientAccountId": ACCOUNT, "userIdentity": {"type": "IAMUser", "arn": token["arn"], "accountId": ACCOUNT,
            "accessKeyId": token["access_key_id"], "userName": token["user_name"], "principalId": "AIDAEXAMPLE"},
    })
}

async fn mark_of(house: &TestHouse, token: &Value) -> String {
    let mut session = house.house.store.read().await.unwrap();
    let all = store::drills::of_token(&mut session, &id_of(token), app::model::moment::Moment(0), 10).await.unwrap();
    all[0].mark.clone()
}

async fn called(house: &TestHouse, token: &Value) {
    let viewer = Viewer::system("test");
    let id = id_of(token);
    house
        .until("the call is made", async || {
            let proof = drills::proof(&house.house, &viewer, &id).await.unwrap();
            proof.drills.iter().any(|drill| drill.called_at.is_some())
        })
        .await;
}

async fn hear(house: &TestHouse, source: Source, record: &Value) {
    let batch = intake::read::read(record.to_string().as_bytes()).unwrap();
    intake::receive(&house.house, source, batch.records).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_token_is_armed_when_its_drill_comes_back() {
    let Some(aws) = Emulator::start("drills").await else { return };
    let house = house_with(&aws, None, &form()).await;
    let (viewer, token) = (Viewer::system("test"), mint(&house, "laptop").await);
    let id = id_of(&token);
    called(&house, &token).await;
    let state = tokens::list::get(&house.house, &viewer, &id).await.unwrap().token.state;
    assert_eq!(state, TokenState::Arming, "a call that was made proves nothing yet");

    let record = record_of(&house, &token, "drill-1", &mark_of(&house, &token).await).await;
    house.clock.advance(1_500);
    hear(&house, Source::Eventbridge, &record).await;
    house.clock.advance(5 * MINUTE);
    hear(&house, Source::Trail, &record).await;

    let shown = tokens::list::get(&house.house, &viewer, &id).await.unwrap().token;
    assert_eq!((shown.state, shown.hit_count, shown.last_hit_at), (TokenState::Armed, 0, None), "it is no use");
    assert!(shown.proven_at.is_some());
    let proof = drills::proof(&house.house, &viewer, &id).await.unwrap();
    let ways: Vec<_> = proof.ways.iter().map(|way| (way.source, way.lag_ms / 1_000)).collect();
    assert_eq!(ways, [(Source::Eventbridge, 1), (Source::Trail, 301)]);
    assert_eq!((proof.drills[0].state, proof.missing.len()), (DrillState::Heard, 0));
    house.person("ana@example.com", "", app::model::viewer::Role::Admin).await;
    let list = house.signed_in("ana@example.com").await.get("/tokens").await.text;
    assert!(
        list.contains("by EventBridge, 1.5 s after the call") && !list.contains("latest drill not heard"),
        "{list}"
    );
    let filed = hits::of_token(&house.house, &viewer, &id, HitQuery::default()).await.unwrap().items;
    assert_eq!((filed.len(), filed[0].kind, filed[0].sources.len()), (1, HitKind::Drill, 2));
    assert_eq!(filed[0].incident_id, None);
    assert_eq!(hits::count_unresolved(&house.house, &viewer).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_can_hide_behind_a_drill() {
    let Some(aws) = Emulator::start("drills that are imitated").await else { return };
    let house = house_with(&aws, None, &form()).await;
    let (viewer, token) = (Viewer::system("test"), mint(&house, "laptop").await);
    let id = id_of(&token);
    called(&house, &token).await;
    let mark = mark_of(&house, &token).await;
    let record = record_of(&house, &token, "drill-1", &mark).await;
    hear(&house, Source::Eventbridge, &record).await;
    // The same mark again, another call under the mark, and the mark long after the drill.
    let again = record_of(&house, &token, "thief-1", &mark).await;
    hear(&house, Source::Eventbridge, &again).await;
    let mut other = record_of(&house, &token, "thief-2", &mark).await;
    other["eventName"] = json!("ListBuckets");
    hear(&house, Source::Eventbridge, &other).await;
    house.clock.advance(2 * HOUR);
    let late = record_of(&house, &token, "thief-3", &mark).await;
    hear(&house, Source::Eventbridge, &late).await;
    let filed = hits::of_token(&house.house, &viewer, &id, HitQuery::default()).await.unwrap().items;
    let uses = filed.iter().filter(|hit| hit.kind == HitKind::Use).count();
    assert_eq!((filed.len(), uses), (4, 3));
    assert_eq!(tokens::list::get(&house.house, &viewer, &id).await.unwrap().token.state, TokenState::Triggered);
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_said_and_an_old_file_proves_nothing() {
    let Some(aws) = Emulator::start("silent drills").await else { return };
    let wanted = AccountForm { regions: "us-east-1\neu-west-1".into(), ..form() };
    let house = house_with(&aws, None, &wanted).await;
    let (viewer, token) = (Viewer::system("test"), mint(&house, "laptop").await);
    let id = id_of(&token);
    house
        .until("both calls are made", async || {
            let proof = drills::proof(&house.house, &viewer, &id).await.unwrap();
            proof.drills.iter().filter(|drill| drill.called_at.is_some()).count() == 2
        })
        .await;
    let record = record_of(&house, &token, "drill-1", &mark_of(&house, &token).await).await;
    hear(&house, Source::Scan, &record).await;
    house.clock.advance(2 * HOUR);
    drills::run_once(&house.house).await.unwrap();
    let proof = drills::proof(&house.house, &viewer, &id).await.unwrap();
    assert!(proof.drills.iter().all(|drill| drill.state == DrillState::Silent), "{:?}", proof.drills);
    assert_eq!(proof.missing.len(), 2, "{:?}", proof.missing);
    house.person("ana@example.com", "", app::model::viewer::Role::Admin).await;
    let list = house.signed_in("ana@example.com").await.get("/tokens").await.text;
    assert!(list.contains("latest drill not heard") && list.contains("in eu-west-1, us-east-1"), "{list}");
    let stranger = Viewer { grants: Vec::new(), ..viewer.clone() };
    let refused = drills::latest_runs(&house.house, &stranger, std::slice::from_ref(&id)).await.unwrap_err();
    assert_eq!(refused.kind, FaultKind::Forbidden, "who may not see the token hears nothing of its drills");
    assert_eq!(tokens::list::get(&house.house, &viewer, &id).await.unwrap().token.state, TokenState::Arming);
    // The mark of the call that was found hides no other one.
    let mut other = record_of(&house, &token, "thief-1", &mark_of(&house, &token).await).await;
    other["eventTime"] = json!(house.clock_text(-2 * HOUR));
    hear(&house, Source::Scan, &other).await;
    let filed = hits::of_token(&house.house, &viewer, &id, HitQuery::default()).await.unwrap().items;
    let kind = |event: &str| filed.iter().find(|hit| hit.event_id == event).map(|hit| hit.kind);
    assert_eq!((kind("drill-1"), kind("thief-1")), (Some(HitKind::Drill), Some(HitKind::Use)));
    // What comes late still proves it.
    hear(&house, Source::Trail, &record).await;
    let proof = drills::proof(&house.house, &viewer, &id).await.unwrap();
    assert_eq!(proof.ways.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_region_must_be_heard_by_each_way_of_the_latest_run() {
    let Some(aws) = Emulator::start("drills by region").await else { return };
    let form = AccountForm {
        regions: "us-east-1\neu-west-1".into(),
        events_queue: format!("{}/{ACCOUNT}/none", aws.url),
        ..form()
    };
    let house = house_with(&aws, None, &form).await;
    let (viewer, token) = (Viewer::system("test"), mint(&house, "laptop").await);
    let id = id_of(&token);
    let proof = async || drills::proof(&house.house, &viewer, &id).await.unwrap();
    let all_called = async |runs: usize| {
        let called = async || proof().await.drills.iter().filter(|drill| drill.called_at.is_some()).count();
        house.until("all calls are made", async || called().await == 2 * runs).await;
    };
    // What came back in a region, by a way.
    let come = async |region: &str, source: Source, event: &str| {
        let mut session = house.house.store.read().await.unwrap();
        let all = store::drills::of_token(&mut session, &id, app::model::moment::Moment(0), 10).await.unwrap();
        let mark = all.iter().find(|row| row.drill.region == region).unwrap().mark.clone();
        drop(session);
        let mut record = record_of(&house, &token, event, &mark).await;
        record["awsRegion"] = json!(region);
        hear(&house, source, &record).await;
    };
    all_called(1).await;
    for region in ["us-east-1", "eu-west-1"] {
        come(region, Source::Eventbridge, &format!("first-{region}")).await;
    }
    // Something posts records of one region besides.
    come("us-east-1", Source::Webhook, "first-us-east-1").await;
    house.clock.advance(30 * MINUTE);
    assert_eq!(proof().await.missing, [""; 0]);
    // The next run: one region comes back by files alone.
    drills::ask(&house.house, &viewer, &id, None).await.unwrap();
    all_called(2).await;
    come("us-east-1", Source::Eventbridge, "second-us-east-1").await;
    come("eu-west-1", Source::Trail, "second-eu-west-1").await;
    assert_eq!(proof().await.missing, [""; 0], "it may still come");
    house.clock.advance(30 * MINUTE);
    let mut missing = proof().await.missing;
    missing.sort();
    assert_eq!(missing.len(), 2, "{missing:?}");
    assert!(missing[0].starts_with("eu-west-1") && missing[0].contains("the queue of events"), "{missing:?}");
    assert!(missing[1].starts_with("us-east-1") && missing[1].contains("posts"), "{missing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_answer_got_lost_is_a_drill_as_well() {
    let Some(aws) = Emulator::start("drills whose answer gets lost").await else { return };
    let proxy = Proxy::before(&aws.url).await;
    let house = house_with(&aws, Some(&proxy.url), &form()).await;
    // The house itself asks as whom it acts, once, at any time: not with this answer.
    aviary::accounts::learn_callers(&house.house).await.unwrap();
    proxy.spoil("GetCallerIdentity", Spoil::LoseAnswer);
    let (viewer, token) = (Viewer::system("test"), mint(&house, "laptop").await);
    let id = id_of(&token);
    proxy.spoiled_again("GetCallerIdentity").await;
    house
        .until("the call is made again", async || {
            house.clock.advance(11_000);
            drills::run_once(&house.house).await.unwrap();
            let proof = drills::proof(&house.house, &viewer, &id).await.unwrap();
            proof.drills.iter().any(|drill| drill.called_at.is_some())
        })
        .await;
    let marks: Vec<_> = proxy
        .agents("GetCallerIdentity")
        .iter()
        .filter_map(|agent| Some(agent.get(agent.find("app/svc-")? + 4..)?.split_whitespace().next()?.to_owned()))
        .collect();
    assert!(marks.len() == 2 && marks[0] != marks[1], "each call has a mark of its own: {marks:?}");
    for (n, mark) in marks.iter().enumerate() {
        let record = record_of(&house, &token, &format!("drill-{n}"), mark).await;
        hear(&house, Source::Eventbridge, &record).await;
    }
    let filed = hits::of_token(&house.house, &viewer, &id, HitQuery::default()).await.unwrap().items;
    assert_eq!(filed.iter().map(|hit| hit.kind).collect::<Vec<_>>(), [HitKind::Drill, HitKind::Drill]);
    assert_eq!(hits::count_unresolved(&house.house, &viewer).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_late_is_known_after_however_many_drills() {
    let Some(aws) = Emulator::start("many drills").await else { return };
    let house = house_with(&aws, None, &form()).await;
    let (viewer, token) = (Viewer::system("test"), mint(&house, "laptop").await);
    let id = id_of(&token);
    called(&house, &token).await;
    let record = record_of(&house, &token, "drill-1", &mark_of(&house, &token).await).await;
    let known = drills::proof(&house.house, &viewer, &id).await.unwrap().drills.remove(0);
    let mut tx = house.house.store.begin().await.unwrap();
    for _ in 0..600 {
        let drill = app::model::drill::Drill {
            id: house.house.new_id(),
            // Later ones, which are not due yet.
            asked_at: house.clock_now().plus(HOUR),
            state: DrillState::Due,
            ..known.clone()
        };
        let row =
            store::drills::DrillRow { drill, mark: String::new(), event_id: None, through: String::new(), tries: 0 };
        store::drills::insert(&mut tx, &row).await.unwrap();
    }
    tx.commit().await.unwrap();
    hear(&house, Source::Trail, &record).await;
    let filed = hits::of_token(&house.house, &viewer, &id, HitQuery::default()).await.unwrap().items;
    assert_eq!(filed.iter().map(|hit| hit.kind).collect::<Vec<_>>(), [HitKind::Drill]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drill_that_an_old_file_told_of_first_arms_the_token_when_it_comes_by_itself() {
    let Some(aws) = Emulator::start("drills in old files").await else { return };
    let house = house_with(&aws, None, &form()).await;
    let (viewer, token) = (Viewer::system("test"), mint(&house, "laptop").await);
    called(&house, &token).await;
    let record = record_of(&house, &token, "drill-1", &mark_of(&house, &token).await).await;
    let state = async || tokens::list::get(&house.house, &viewer, &id_of(&token)).await.unwrap().token.state;
    hear(&house, Source::Scan, &record).await;
    assert_eq!(state().await, TokenState::Arming);
    hear(&house, Source::Trail, &record).await;
    assert_eq!(state().await, TokenState::Armed);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sandbox_can_be_drilled_for_real() {
    let house = TestHouse::start().await;
    let (viewer, token) = (Viewer::system("test"), house.mint("laptop").await);
    let id = id_of(&token);
    drills::ask(&house.house, &viewer, &id, None).await.unwrap();
    house
        .until("the call came back", async || {
            drills::proof(&house.house, &viewer, &id).await.unwrap().proven_at.is_some()
        })
        .await;
    let proof = drills::proof(&house.house, &viewer, &id).await.unwrap();
    assert_eq!((proof.ways[0].source, proof.drills[0].state), (Source::Sandbox, DrillState::Heard));
    let filed = hits::of_token(&house.house, &viewer, &id, HitQuery::default()).await.unwrap().items;
    assert_eq!(filed.iter().map(|hit| hit.kind).collect::<Vec<_>>(), [HitKind::Drill]);
}
