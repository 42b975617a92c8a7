//! The quiet time after an alert, which each subscription chooses for itself.

use super::{deliveries, destination, hit, receiver::Receiver, subscribe_to, text};
use crate::house::TestHouse;
use app::model::{
    moment::{HOUR, MINUTE},
    viewer::Role,
};
use aviary::alerts::digest;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

/// How many alerts there are for a destination after the digests that are due now.
async fn told(house: &TestHouse, made: &Value) -> usize {
    digest::work_once(&house.house).await.unwrap();
    deliveries(house, made).await.len()
}

#[tokio::test]
async fn it_is_quiet_for_as_long_as_each_subscription_says() {
    let house = TestHouse::start().await;
    let token = house.mint("laptop").await;
    let mut made = Vec::new();
    for minutes in [json!(null), json!(5), json!(240)] {
        let receiver = Receiver::start().await;
        let one = destination(&house, "webhook", &receiver.url).await;
        let what = json!({ "scope": "token", "token_id": token["id"], "quiet_minutes": minutes });
        let subscribed = subscribe_to(&house, &one, &what).await;
        assert_eq!(subscribed["quiet_minutes"], if minutes.is_null() { json!(15) } else { minutes });
        made.push((one, receiver));
    }
    let all = async |house: &TestHouse| {
        let mut all = Vec::new();
        for (one, _) in &made {
            all.push(told(house, one).await);
        }
        all
    };
    hit(&house, &token, "e-0").await;
    hit(&house, &token, "e-1").await;
    assert_eq!(all(&house).await, [1, 1, 1]);
    for (later, expected) in [
        (5 * MINUTE - 1, [1, 1, 1]),
        (1, [1, 2, 1]),
        (10 * MINUTE - 1, [1, 2, 1]),
        (1, [2, 2, 1]),
        (4 * HOUR - 15 * MINUTE - 1, [2, 2, 1]),
        (1, [2, 2, 2]),
    ] {
        house.clock.advance(later);
        assert_eq!(all(&house).await, expected, "{later} later");
    }
    let last = deliveries(&house, &made[2].0).await.pop().unwrap();
    assert_eq!((text(&last["kind"]), text(&last["summary"])), ("digest", "The key in laptop: 1 use"));
    // Those whose quiet time brought nothing hear the next one at once; the third has just had a digest.
    hit(&house, &token, "e-2").await;
    assert_eq!(all(&house).await, [3, 3, 2]);
}

#[tokio::test]
async fn of_several_the_shortest_counts_and_a_change_counts_from_the_next_alert_on() {
    let house = TestHouse::start().await;
    let token = house.mint("laptop").await;
    let receiver = Receiver::start().await;
    let made = destination(&house, "webhook", &receiver.url).await;
    let team = json!({ "scope": "team", "team": "Security", "quiet_minutes": 240 });
    subscribe_to(&house, &made, &team).await;
    let what = json!({ "scope": "token", "token_id": token["id"], "quiet_minutes": 30 });
    let narrow = subscribe_to(&house, &made, &what).await;
    for n in 0..3 {
        hit(&house, &token, &format!("e-{n}")).await;
    }
    house.clock.advance(30 * MINUTE);
    assert_eq!(told(&house, &made).await, 2);

    let path = format!("/subscriptions/{}", text(&narrow["id"]));
    let changed = house.api().json(Method::PATCH, &path, &json!({ "quiet_minutes": 1 })).await;
    assert_eq!((changed.status, &changed.body()["quiet_minutes"]), (StatusCode::OK, &json!(1)));
    assert_eq!(changed.body()["pace"], "incident", "what is left out stays");
    hit(&house, &token, "e-3").await;
    assert_eq!(told(&house, &made).await, 2, "the digest was a moment ago");
    house.clock.advance(MINUTE);
    assert_eq!(told(&house, &made).await, 3);
    // Where it ends, the wider one goes on.
    assert_eq!(house.api().json(Method::DELETE, &path, &json!({})).await.status, StatusCode::NO_CONTENT);
    hit(&house, &token, "e-4").await;
    house.clock.advance(4 * HOUR - 1 - MINUTE);
    assert_eq!(told(&house, &made).await, 3);
    house.clock.advance(1 + MINUTE);
    assert_eq!(told(&house, &made).await, 4);
}

#[tokio::test]
async fn only_whole_minutes_of_a_day_are_taken_and_asking_again_keeps_them() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    let made = destination(&house, "webhook", &receiver.url).await;
    let team = json!({ "destination_id": made["id"], "scope": "team", "team": "Security" });
    let with = |minutes: Value| {
        let mut body = team.clone();
        body["quiet_minutes"] = minutes;
        body
    };
    for minutes in [json!(0), json!(-5), json!(1_441), json!(1.5), json!("15"), json!(1e30)] {
        let refused = house.api().json(Method::POST, "/subscriptions", &with(minutes.clone())).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{minutes}: {}", refused.text);
        assert!(refused.text.contains("quiet_minutes"), "{minutes}: {}", refused.text);
    }
    for minutes in [1, 1_440] {
        let taken = house.api().json(Method::POST, "/subscriptions", &with(json!(minutes))).await;
        assert_eq!((taken.status, &taken.body()["quiet_minutes"]), (StatusCode::CREATED, &json!(minutes)));
    }
    let again = subscribe_to(&house, &made, &json!({ "scope": "team", "team": "Security", "pace": "daily" })).await;
    assert_eq!((&again["pace"], &again["quiet_minutes"]), (&json!("daily"), &json!(1_440)));
    let listed = house.api().get("/subscriptions").await.body()["items"][0].clone();
    assert_eq!(listed["quiet_minutes"], 1_440);
    let path = format!("/subscriptions/{}", text(&again["id"]));
    let refused = house.api().json(Method::PATCH, &path, &json!({ "quiet_minutes": 0 })).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);

    let document = house.api().get("/openapi.json").await.body();
    let schema = &document["components"]["schemas"]["SubscriptionChange"]["properties"]["quiet_minutes"];
    assert_eq!((&schema["minimum"], &schema["maximum"]), (&json!(1), &json!(1_440)), "{schema}");
}

#[tokio::test]
async fn forms_choose_it_and_lists_say_it_in_words() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let ana = house.signed_in("ana@example.com").await;
    let made = destination(&house, "webhook", &receiver.url).await;
    let back = format!("/destinations/{}", text(&made["id"]));
    let fields =
        [("destination_id", text(&made["id"])), ("back", &back), ("scope", "everything"), ("pace", "incident")];
    let wrong = ana.form("/subscriptions/new", &[&fields[..], &[("quiet_minutes", "0")]].concat()).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("Expected a whole number of minutes from 1 to 1440"), "{}", wrong.text);

    let done = ana.form("/subscriptions/new", &[&fields[..], &[("quiet_minutes", "60")]].concat()).await;
    assert_eq!(done.header("location"), format!("{back}?done=subscribed"), "{}", done.text);
    let page = ana.get(&back).await.text;
    assert!(page.contains("First, then digests every hour; the usual ones."), "{page}");
    assert!(page.contains("Quiet time") && page.contains("<option value=\"60\" selected"), "{page}");

    let one = house.api().get("/subscriptions").await.body()["items"][0].clone();
    let path = format!("/subscriptions/{}", text(&one["id"]));
    assert_eq!(house.api().json(Method::PATCH, &path, &json!({ "quiet_minutes": 45 })).await.status, StatusCode::OK);
    let page = ana.get(&back).await.text;
    assert!(page.contains("First, then digests every 45 minutes"), "{page}");
    assert!(page.contains("<option value=\"45\" selected"), "what a program chose can stay: {page}");
    let change = [("back", &*back), ("pace", "incident"), ("quiet_minutes", "5"), ("kinds", ""), ("kinds", "hit")];
    let done = ana.form(&format!("{path}/change"), &change).await;
    assert_eq!(done.header("location"), format!("{back}?done=saved"), "{}", done.text);
    assert!(ana.get(&back).await.text.contains("First, then digests every 5 minutes; hit."));

    // A new token takes the same choice, and its page says it.
    let fields = [("location", "laptop"), ("destinations", text(&made["id"])), ("quiet_minutes", "30")];
    assert_eq!(ana.form("/tokens/new", &fields).await.status, StatusCode::OK);
    let all = house.api().get("/subscriptions?scope=token").await.body();
    assert_eq!(all["items"][0]["quiet_minutes"], 30);
    let page = ana.get(&format!("/tokens/{}", text(&all["items"][0]["token_id"]))).await.text;
    assert!(page.contains("This token · first, then digests every 30 minutes"), "{page}");

    let log = ana.get("/settings/audit").await.text;
    assert!(log.contains("at the pace incident, quiet for 5 minutes"), "{log}");
}
