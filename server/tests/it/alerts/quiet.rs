//! Quiet hours: what happens while somebody sleeps comes in the morning, counted; but not that a key is public.

use super::{again, deliveries, exposure, hit, receiver::Receiver, subscribe_to, text, used};
use crate::house::{Caller, TestHouse};
use app::model::{
    moment::{DAY, HOUR, MINUTE},
    pace::wall,
    viewer::Role,
};
use aviary::alerts::digest;
use axum::http::StatusCode;
use serde_json::{Value, json};

/// Somebody with a destination of their own, and a token that it hears about at once.
async fn sleeper(house: &TestHouse, receiver: &Receiver) -> (Caller, Value, Value) {
    house.person("ana@example.com", "", Role::Admin).await;
    let ana = house.signed_in("ana@example.com").await;
    let made = ana.form("/destinations/new", &[("kind", "webhook"), ("address", &receiver.url)]).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    let made = house.api().get("/destinations").await.body()["items"][0].clone();
    let token = house.mint("laptop").await;
    subscribe_to(house, &made, &json!({ "scope": "token", "token_id": token["id"], "pace": "every" })).await;
    (ana, made, token)
}

/// Begins to sleep an hour ago, for three hours.
async fn sleep(house: &TestHouse, ana: &Caller, exposed: bool) {
    let minute = |hours: i64| wall(house.clock_now().plus(hours * HOUR).0.rem_euclid(DAY) / MINUTE);
    let (from, to) = (minute(-1), minute(2));
    let mut fields = vec![("from", from.as_str()), ("to", to.as_str()), ("zone", "UTC")];
    fields.extend(exposed.then_some(("exposed", "on")));
    let saved = ana.form("/settings/quiet-hours", &fields).await;
    assert_eq!(saved.header("location"), "/settings?done=saved", "{}", saved.text);
    let page = ana.get("/settings").await.text;
    assert!(page.contains(&format!("value=\"{from}\"")) && page.contains("value=\"UTC\""), "{page}");
}

#[tokio::test]
async fn who_sleeps_hears_in_the_morning_and_at_once_that_a_key_is_public() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    let (ana, made, token) = sleeper(&house, &receiver).await;
    sleep(&house, &ana, true).await;
    for n in 0..4 {
        hit(&house, &token, &format!("e-{n}")).await;
    }
    assert!(deliveries(&house, &made).await.is_empty(), "even at the pace of every alert");
    used(&house, &token, "public", &exposure(&token)).await;
    house.until("that the key is public arrives", || async { receiver.seen().len() == 1 }).await;
    assert_eq!(receiver.seen()[0].json()["type"], "exposed");

    house.clock.advance(2 * HOUR - MINUTE);
    digest::work_once(&house.house).await.unwrap();
    assert_eq!(deliveries(&house, &made).await.len(), 1);
    house.clock.advance(MINUTE);
    digest::work_once(&house.house).await.unwrap();
    house.until("the digest arrives", || async { receiver.seen().len() == 2 }).await;
    let body = receiver.seen()[1].json();
    assert_eq!((&body["type"], &body["data"]["digest"]["count"]), (&json!("digest"), &json!(4)));
    hit(&house, &token, "e-9").await;
    house.until("awake, it hears at once", || async { receiver.seen().len() == 3 }).await;
    assert_eq!(again(&house, &made).await["state"], "confirmed");
}

#[tokio::test]
async fn who_wants_to_sleep_through_everything_can_and_who_gets_up_early_hears_at_once() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    let (ana, made, token) = sleeper(&house, &receiver).await;
    sleep(&house, &ana, false).await;
    hit(&house, &token, "e-0").await;
    used(&house, &token, "public", &exposure(&token)).await;
    assert!(deliveries(&house, &made).await.is_empty());
    let off = ana.form("/settings/quiet-hours", &[("from", ""), ("to", ""), ("zone", "UTC")]).await;
    assert_eq!(off.status, StatusCode::SEE_OTHER);
    digest::work_once(&house.house).await.unwrap();
    house.until("what was held arrives", || async { receiver.seen().len() == 1 }).await;
    let items = receiver.seen()[0].json()["data"]["digest"]["items"].clone();
    let mut kinds: Vec<_> = items.as_array().unwrap().iter().map(|item| text(&item["kind"])).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["exposed", "hit"]);
}

#[tokio::test]
async fn a_digest_that_is_due_in_the_night_waits_for_the_morning() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    let (ana, made, token) = sleeper(&house, &receiver).await;
    subscribe_to(&house, &made, &json!({ "scope": "token", "token_id": token["id"], "pace": "incident" })).await;
    hit(&house, &token, "e-0").await;
    hit(&house, &token, "e-1").await;
    house.until("the first one arrives", || async { receiver.seen().len() == 1 }).await;
    sleep(&house, &ana, true).await;
    house.clock.advance(HOUR);
    digest::work_once(&house.house).await.unwrap();
    assert_eq!(deliveries(&house, &made).await.len(), 1);
    house.clock.advance(HOUR);
    digest::work_once(&house.house).await.unwrap();
    assert_eq!(deliveries(&house, &made).await.len(), 2);
}

#[tokio::test]
async fn times_and_zones_that_nobody_knows_are_refused_beside_their_fields() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let ana = house.signed_in("ana@example.com").await;
    for (from, to, zone, says) in [
        ("22:00", "", "UTC", "Expected a time such as 22:00"),
        ("22:00", "22:00", "UTC", "they would never end"),
        ("22:00", "07:00", "Berlin", "Expected the name of a time zone"),
        ("22:00", "07:00", "../../etc/passwd", "Expected the name of a time zone"),
    ] {
        let refused = ana.form("/settings/quiet-hours", &[("from", from), ("to", to), ("zone", zone)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{from} {to} {zone}");
        assert!(refused.text.contains(says) && refused.text.contains("Current password"), "{}", refused.text);
    }
}
