//! Destinations that fail: what is kept, who is told, and how it goes on once they are mended.

use super::{
    again, delivered, deliveries, destination, hit, later,
    receiver::{Answer, Receiver, status},
    subscribe, text,
};
use crate::house::TestHouse;
use app::model::{moment::HOUR, viewer::Role};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

/// A house with a token, a destination that hears about it, and another one of the same owner that does not.
async fn scene(house: &TestHouse) -> (Value, Receiver, Value, Receiver, Value) {
    let (receiver, other) = (Receiver::start().await, Receiver::start().await);
    let made = destination(house, "webhook", &receiver.url).await;
    let second = destination(house, "webhook", &other.url).await;
    let token = house.mint("laptop").await;
    subscribe(house, &made, &token).await;
    (token, receiver, made, other, second)
}

/// Lets a destination fail for five days.
async fn five_days(house: &TestHouse, token: &Value, receiver: &Receiver, made: &Value) {
    receiver.next(std::iter::repeat_n(status(500), 9));
    hit(house, token, "e-1").await;
    for attempts in 1..9 {
        delivered(house, made, "waiting", attempts).await;
        assert_eq!(again(house, made).await["state"], "confirmed", "{attempts}");
        later(house, 15 * HOUR);
    }
    delivered(house, made, "held", 9).await;
}

async fn act(house: &TestHouse, made: &Value, verb: &str, body: &Value) -> Value {
    let answer = house.api().json(Method::POST, &format!("/destinations/{}/{verb}", text(&made["id"])), body).await;
    assert!(answer.status.is_success(), "{}", answer.text);
    answer.body()
}

#[tokio::test]
async fn after_five_days_alerts_are_kept_others_are_told_and_all_of_it_can_be_sent_again() {
    let house = TestHouse::start().await;
    let (token, receiver, made, other, _) = scene(&house).await;
    let from = house.clock_text(0);
    five_days(&house, &token, &receiver, &made).await;
    assert_eq!(again(&house, &made).await["state"], "failing");

    house.until("the others are told", || async { other.seen().len() == 1 }).await;
    let told = other.seen()[0].json();
    assert_eq!((text(&told["type"]), &told["data"]["destination"]["id"]), ("failing", &made["id"]));
    let sentence = text(&told["data"]["card"]["sentence"]);
    assert!(sentence.starts_with("Alerts no longer arrive at the webhook: it answered 500"), "{sentence}");
    assert_eq!(told["data"]["links"]["destination"], format!("{}/destinations/{}", house.url, text(&made["id"])));

    // What comes now is kept and not tried; nobody is told a second time.
    hit(&house, &token, "e-2").await;
    delivered(&house, &made, "held", 0).await;
    assert_eq!((receiver.seen().len(), other.seen().len()), (9, 1));
    house.person("ana@example.com", "", Role::Admin).await;
    let browser = house.signed_in("ana@example.com").await;
    let page = browser.get("/").await.text;
    assert!(page.contains("1 is failing"), "{page}");
    let path = format!("/destinations/{}", text(&made["id"]));
    let page = browser.get(&path).await.text;
    assert!(page.contains("2 alerts are kept") && page.contains("Send again"), "{page}");

    // It is mended: what is kept goes out, in order and under the same identifiers.
    let replay = format!("{path}/replay");
    let refused = browser.form(&replay, &[("from", "yesterday")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = browser.form(&replay, &[("from", &from)]).await;
    assert_eq!(done.header("location"), format!("{path}?done=replayed"));
    house.until("both arrive", || async { receiver.seen().len() == 11 }).await;
    delivered(&house, &made, "sent", 1).await;
    let seen = receiver.seen();
    let log = deliveries(&house, &made).await;
    let ids: Vec<_> = log.iter().map(|one| text(&one["id"])).collect();
    assert_eq!([&seen[9].id, &seen[10].id], [ids[0], ids[1]]);
    assert_eq!(seen[0].body, seen[9].body);
    assert_eq!(again(&house, &made).await["state"], "confirmed");
    let asked = json!({ "from": from });
    assert_eq!(act(&house, &made, "replay", &asked).await, json!({ "queued": 0, "left": 0 }));
    let asked = json!({ "from": from, "all": true });
    assert_eq!(act(&house, &made, "replay", &asked).await, json!({ "queued": 2, "left": 0 }));
    house.until("they come once more", || async { receiver.seen().len() == 13 }).await;
    assert_eq!(receiver.seen()[11].id, ids[0]);
}

#[tokio::test]
async fn one_that_says_it_is_gone_is_left_alone_until_somebody_asks() {
    let house = TestHouse::start().await;
    let (token, receiver, made, other, second) = scene(&house).await;
    receiver.next([status(410), status(410)]);
    hit(&house, &token, "e-1").await;
    let held = delivered(&house, &made, "held", 1).await;
    house.until("the others are told", || async { other.seen().len() == 1 }).await;
    // Written down too: who lets days pass before that ends its lease, and it is sent once more.
    delivered(&house, &second, "sent", 1).await;
    assert!(text(&other.seen()[0].json()["data"]["card"]["sentence"]).contains("it answered 410"));
    later(&house, 100 * HOUR);
    hit(&house, &token, "e-2").await;
    delivered(&house, &made, "held", 0).await;
    assert_eq!(receiver.seen().len(), 1, "nothing is tried by itself");

    // By hand it is tried, fails again, and is kept again; that is no news to the others.
    let retry = format!("/deliveries/{}/retry", text(&held["id"]));
    assert_eq!(house.api().json(Method::POST, &retry, &json!({})).await.status, StatusCode::OK);
    house.until("it is tried", || async { receiver.seen().len() == 2 }).await;
    house
        .until("it is kept", || async {
            let first = deliveries(&house, &made).await.remove(0);
            first["state"] == "held" && first["attempts"].as_array().unwrap().len() == 2
        })
        .await;
    assert_eq!(other.seen().iter().map(|one| one.json()["type"].clone()).collect::<Vec<_>>(), ["failing"]);

    // It is there again: a test shows that, and from then on alerts go there.
    let sent = act(&house, &made, "test", &json!({})).await;
    house.until("it is confirmed", || async { again(&house, &made).await["state"] == "confirmed" }).await;
    let path = format!("/deliveries/{}", text(&sent["delivery_id"]));
    let delivery = house.api().get(&path).await.body();
    assert_eq!((text(&delivery["kind"]), text(&delivery["state"])), ("test", "sent"));
    hit(&house, &token, "e-3").await;
    delivered(&house, &made, "sent", 1).await;

    // It fails another time: that is told again.
    receiver.next([status(410)]);
    hit(&house, &token, "e-4").await;
    delivered(&house, &made, "held", 1).await;
    house.until("the others are told again", || async { other.seen().len() == 2 }).await;
}

#[tokio::test]
async fn programs_are_not_told_and_people_are_once_a_day() {
    let house = TestHouse::start().await;
    let (token, receiver, made, other, _) = scene(&house).await;
    let program = Receiver::start().await;
    let machine = destination(&house, "canarytokens", &program.url).await;
    super::mail::confirm(&house, &machine).await;
    for event in ["e-1", "e-2"] {
        receiver.next([status(410)]);
        hit(&house, &token, event).await;
        delivered(&house, &made, "held", 1).await;
        house.until("the others are told", || async { other.seen().len() == 1 }).await;
        act(&house, &made, "test", &json!({})).await;
        house.until("it is confirmed", || async { again(&house, &made).await["state"] == "confirmed" }).await;
    }
    assert_eq!(other.seen().len(), 1);
    assert!(deliveries(&house, &machine).await.is_empty());
}

#[tokio::test]
async fn one_that_was_only_away_is_tried_again_by_itself() {
    let house = TestHouse::start().await;
    let (token, receiver, made, _, _) = scene(&house).await;
    five_days(&house, &token, &receiver, &made).await;
    later(&house, 13 * HOUR);
    hit(&house, &token, "e-2").await;
    delivered(&house, &made, "sent", 1).await;
    assert_eq!(again(&house, &made).await["state"], "confirmed");
}

#[tokio::test]
async fn a_team_hears_of_it_at_its_other_destinations() {
    let house = TestHouse::start().await;
    let (receiver, other, strange) = (Receiver::start().await, Receiver::start().await, Receiver::start().await);
    let make = async |url: &str, team: &str, key: &str| {
        let body = json!({ "kind": "webhook", "address": url, "team": team });
        house.api_as(key).json(Method::POST, "/destinations", &body).await.body()
    };
    let key = house.key("placer", "Security").await;
    let made = make(&receiver.url, "Security", &key).await;
    make(&other.url, "Security", &house.admin_key).await;
    make(&strange.url, "", &house.admin_key).await;
    receiver.next([status(410)]);
    act(&house, &made, "test", &json!({})).await;
    house.until("the team is told", || async { other.seen().len() == 1 }).await;
    assert!(strange.seen().is_empty(), "nobody else is");
}

#[tokio::test]
async fn secrets_that_a_receiver_says_back_are_not_kept() {
    let house = TestHouse::start().await;
    let (token, receiver, made, other, _) = scene(&house).await;
    let secret = text(&made["secret"]);
    let said = format!("no: {secret}; /hook?key=s3cret; Authorization: Bearer abcdef123456; AKIAIOSFODNN7EXAMPLE");
    receiver.next([Answer::Status(410, "", said)]);
    hit(&house, &token, "e-1").await;
    let held = delivered(&house, &made, "held", 1).await;
    assert_eq!(held["attempts"][0]["detail"], "no: …; /hook?key=…; Authorization: Bearer …; …");
    let error = text(&again(&house, &made).await["last_error"]).to_owned();
    house.until("the others are told", || async { other.seen().len() == 1 }).await;
    for kept in [error, other.seen()[0].body.clone()] {
        assert!(!kept.contains(secret) && !kept.contains("s3cret") && !kept.contains("abcdef123456"), "{kept}");
    }
}

#[tokio::test]
async fn the_test_button_leads_to_what_was_answered() {
    let house = TestHouse::start().await;
    let (_, receiver, made, _, _) = scene(&house).await;
    house.person("ana@example.com", "", Role::Admin).await;
    let browser = house.signed_in("ana@example.com").await;
    receiver.next([Answer::Status(503, "", "closed for <lunch>".into())]);
    let pressed = browser.form(&format!("/destinations/{}/test", text(&made["id"])), &[]).await;
    assert_eq!(pressed.status, StatusCode::SEE_OTHER, "{}", pressed.text);
    let page = browser.get(pressed.header("location")).await;
    assert_eq!(page.status, StatusCode::OK);
    for needed in ["Refused, 503", "closed for &lt;lunch", "took", "the webhook"] {
        assert!(page.text.contains(needed), "{needed} is not in {}", page.text);
    }
}

#[tokio::test]
async fn one_that_stumbles_at_that_moment_is_told_all_the_same() {
    let house = TestHouse::start().await;
    let (token, receiver, made, other, second) = scene(&house).await;
    subscribe(&house, &second, &token).await;
    other.next([status(500)]);
    receiver.next([status(410)]);
    hit(&house, &token, "e-1").await;
    delivered(&house, &made, "held", 1).await;
    house
        .until("it stumbled, and that is written down", || async {
            deliveries(&house, &second).await[0]["attempts"].as_array().unwrap().len() == 1
        })
        .await;
    later(&house, HOUR);
    let told = || other.seen().iter().filter(|one| one.json()["type"] == "failing").count();
    house.until("it is told once it is well again", || async { told() == 1 }).await;
}
