//! The sweep: warns, disables, deletes, keeps what happened, and stops itself.

use crate::house::TestHouse;
use app::model::{
    ids::TokenId,
    moment::{DAY, HOUR},
    token::TokenForm,
    viewer::Viewer,
};
use aviary::sweep::{self, Step};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

async fn mint(house: &TestHouse, days: u32) -> String {
    let body = json!({ "location": format!("for {days} days"), "expires_in_days": days });
    let answer = house.api().json(Method::POST, "/tokens", &body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    answer.body()["id"].as_str().unwrap().to_owned()
}

async fn token(house: &TestHouse, id: &str) -> Value {
    house.api().get(&format!("/tokens/{id}")).await.body()
}

#[tokio::test]
async fn a_token_is_warned_about_then_disabled_then_deleted_and_its_row_stays() {
    let house = TestHouse::start().await;
    let id = mint(&house, 30).await;
    assert_eq!(sweep::run_once(&house.house, false).await.unwrap().warned, 0);

    house.clock.advance(24 * DAY);
    let planned = sweep::plan(&house.house).await.unwrap();
    assert_eq!(planned.iter().map(|plan| plan.step).collect::<Vec<_>>(), [Step::Warn]);
    assert_eq!(token(&house, &id).await["state"], "armed", "a plan changes nothing");
    assert_eq!(sweep::run_once(&house.house, false).await.unwrap().warned, 1);
    assert_eq!(token(&house, &id).await["state"], "expiring");
    assert_eq!(sweep::run_once(&house.house, false).await.unwrap().warned, 0, "once is enough");

    house.clock.advance(6 * DAY);
    assert_eq!(sweep::run_once(&house.house, false).await.unwrap().disabled, 1);
    let expired = token(&house, &id).await;
    assert_eq!((expired["state"].as_str(), expired["key_active"].as_bool()), (Some("expired"), Some(false)));

    house.clock.advance(23 * HOUR);
    assert_eq!(sweep::run_once(&house.house, false).await.unwrap().deleted, 0, "the grace is a day");
    house.clock.advance(HOUR);
    assert_eq!(sweep::run_once(&house.house, false).await.unwrap().deleted, 1);
    assert_eq!(token(&house, &id).await["state"], "revoked");
    assert_eq!(sweep::run_once(&house.house, false).await.unwrap().deleted, 0);
}

#[tokio::test]
async fn a_later_expiry_saves_a_token() {
    let house = TestHouse::start().await;
    let id = mint(&house, 10).await;
    house.clock.advance(5 * DAY);
    sweep::run_once(&house.house, false).await.unwrap();
    assert_eq!(token(&house, &id).await["state"], "expiring");
    let patch = json!({ "expires_at": house.clock_text(60 * DAY) });
    assert_eq!(house.api().json(Method::PATCH, &format!("/tokens/{id}"), &patch).await.body()["state"], "armed");
    house.clock.advance(6 * DAY);
    assert_eq!(sweep::run_once(&house.house, false).await.unwrap().disabled, 0);
}

#[tokio::test]
async fn an_unusual_number_stops_the_sweep_until_it_is_forced() {
    let house = TestHouse::start().await;
    for _ in 0..26 {
        mint(&house, 2).await;
    }
    house.clock.advance(3 * DAY);
    let report = sweep::run_once(&house.house, false).await.unwrap();
    assert_eq!(report.disabled, 0);
    assert!(report.stopped.unwrap().contains("26 of 26"));
    assert!(sweep::last(&house.house).await.unwrap().unwrap().stopped.is_some(), "and the health page says so");
    assert_eq!(sweep::run_once(&house.house, true).await.unwrap().disabled, 26);
}

#[tokio::test]
async fn tokens_that_need_nothing_do_not_hide_those_that_do() {
    let house = TestHouse::start().await;
    // More than the sweep looks at in one run: adopted keys that are over stay as they are for ever.
    let form =
        TokenForm { access_key_id: "AKIAIOSFODNN7EXAMPLE".into(), location: "wiki".into(), ..TokenForm::default() };
    let one = aviary::tokens::adopt::adopt(&house.house, &Viewer::system("test"), &form).await.unwrap();
    let mut tx = house.house.store.begin().await.unwrap();
    let mut row = aviary::store::tokens::by_id(&mut tx, &one.id).await.unwrap().unwrap();
    for n in 0..1_001_u64 {
        row.token.id = TokenId(format!("adopted-{n:04}"));
        row.token.access_key_id = app::model::key::key_id_for(123_456_789_012, n << 8 | n << 40);
        row.token.expires_at = Some(house.clock_now().plus(-DAY));
        aviary::store::tokens::insert(&mut tx, &row).await.unwrap();
        row.token.expired_at = row.token.expires_at;
        row.warned_at = row.token.expires_at;
        aviary::store::tokens::update(&mut tx, &row).await.unwrap();
        (row.token.expired_at, row.warned_at) = (None, None);
    }
    tx.commit().await.unwrap();
    let id = mint(&house, 2).await;
    house.clock.advance(3 * DAY);
    let report = sweep::run_once(&house.house, false).await.unwrap();
    assert_eq!((report.disabled, report.failed), (1, 0));
    assert_eq!(token(&house, &id).await["state"], "expired");
}
