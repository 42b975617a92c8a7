//! Whoever asked to hear when deliveries fail, of a token, a label or a team.

use super::{
    again, delivered, deliveries, destination, hit,
    receiver::{Receiver, status},
    subscribe_to, text,
};
use crate::house::{Caller, TestHouse};
use app::model::viewer::{Role, Viewer};
use aviary::people::teams;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

/// Makes a webhook as this caller, and lets it hear of something.
async fn hearing(house: &TestHouse, caller: &Caller, receiver: &Receiver, name: &str, what: &[Value]) -> Value {
    let body = json!({ "kind": "webhook", "address": receiver.url, "name": name });
    let made = caller.json(Method::POST, "/destinations", &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let made = made.body();
    for what in what {
        subscribe_to(house, &made, what).await;
    }
    made
}

/// Lets a destination say that it is gone. Who is told of that is written down with it.
async fn gone(house: &TestHouse, made: &Value, receiver: &Receiver) {
    // What it was told before, such as that it was subscribed, shall not get this answer.
    let over = async || deliveries(house, made).await.iter().all(|one| one["state"] != "waiting");
    house.until("nothing is on its way", over).await;
    receiver.next([status(410)]);
    let test = format!("/destinations/{}/test", text(&made["id"]));
    assert_eq!(house.api().json(Method::POST, &test, &json!({})).await.status, StatusCode::ACCEPTED);
    house.until("it is failing", || async { again(house, made).await["state"] == "failing" }).await;
}

/// It is there again.
async fn mended(house: &TestHouse, made: &Value) {
    let test = format!("/destinations/{}/test", text(&made["id"]));
    assert_eq!(house.api().json(Method::POST, &test, &json!({})).await.status, StatusCode::ACCEPTED);
    house.until("it is confirmed", || async { again(house, made).await["state"] == "confirmed" }).await;
}

fn told(receiver: &Receiver) -> Vec<Value> {
    receiver.seen().iter().map(|one| one.json()).filter(|body| body["type"] == "failing").collect()
}

#[tokio::test]
async fn whoever_asked_about_a_token_is_told_once_each_time_and_not_whose_destination_it_is() {
    let house = TestHouse::start().await;
    let token = house.mint("laptop of ana").await;
    let other = house.mint("laptop of bo").await;
    let about = |token: &Value, kinds: Value| json!({ "scope": "token", "token_id": token["id"], "kinds": kinds });
    let team = house.api_as(&house.key("placer", "Security").await);
    let (failing, asked, strange) = (Receiver::start().await, Receiver::start().await, Receiver::start().await);
    // It asked for such news itself, and must not be told of itself.
    let mut both = about(&token, json!(["hit", "failing"]));
    both["pace"] = json!("every");
    let made = hearing(&house, &house.api(), &failing, "ana's own", &[both]).await;
    let one = hearing(&house, &team, &asked, "one", &[about(&token, json!(["failing"]))]).await;
    let two = hearing(&house, &team, &strange, "two", &[about(&other, json!(["failing"]))]).await;

    failing.next([status(410)]);
    hit(&house, &token, "e-1").await;
    delivered(&house, &made, "held", 1).await;
    house.until("it is told", || async { told(&asked).len() == 1 }).await;
    let body = told(&asked).remove(0);
    assert_eq!((&body["data"]["token"], &body["data"]["destination"]["id"]), (&Value::Null, &made["id"]));
    assert_eq!(
        text(&body["data"]["card"]["sentence"]),
        "Alerts no longer arrive at a destination of somebody else. What is told there is kept. Whoever owns it can mend \
         it. You are told because of the subscription to the key in laptop of ana."
    );
    assert!(!body.to_string().contains("ana's own") && !body.to_string().contains("410"), "{body}");
    assert_eq!(deliveries(&house, &one).await.len(), 1, "once");
    assert!(deliveries(&house, &two).await.is_empty(), "that one hears about another token");
    assert_eq!(deliveries(&house, &made).await.len(), 1, "the failing one has the hit, and nothing about itself");

    // More of the same is no news; another time is, on the same day too.
    hit(&house, &token, "e-2").await;
    delivered(&house, &made, "held", 0).await;
    assert_eq!(deliveries(&house, &one).await.len(), 1);
    mended(&house, &made).await;
    gone(&house, &made, &failing).await;
    assert_eq!(deliveries(&house, &one).await.len(), 2);
    house.until("it is told again", || async { told(&asked).len() == 2 }).await;
}

#[tokio::test]
async fn what_hears_of_the_same_or_of_more_is_what_counts() {
    let house = TestHouse::start().await;
    teams::create(&house.house, &Viewer::system("test"), "Web").await.unwrap();
    let mint = async |team: &str, label: &str| {
        let body = json!({ "location": format!("{label} of {team}"), "team": team, "labels": [label] });
        house.api().json(Method::POST, "/tokens", &body).await.body()["id"].clone()
    };
    let (ours, plain, theirs) = (mint("Security", "ci").await, mint("Security", "CI").await, mint("Web", "ci").await);
    let token = |id: &Value| json!({ "scope": "token", "token_id": id });
    let label = |team: &str| match team {
        "" => json!({ "scope": "label", "label": "ci" }),
        team => json!({ "scope": "label", "label": "ci", "team": team }),
    };
    let team = |team: &str| json!({ "scope": "team", "team": team });
    let everything = json!({ "scope": "everything" });

    // Who asks, and about what.
    let ears = Receiver::start().await;
    let mut asking = Vec::new();
    for (name, what) in [
        ("our token", token(&ours)),
        ("plain token", token(&plain)),
        ("their token", token(&theirs)),
        ("our label", label("Security")),
        ("any label", label("")),
        ("our team", team("Security")),
        ("their team", team("Web")),
        ("everything", everything.clone()),
    ] {
        let mut what = what;
        what["kinds"] = json!(["failing"]);
        asking.push((name, hearing(&house, &house.api(), &ears, name, &[what]).await));
    }

    // What fails, and who is told. Another program made these, so that none of those above belongs to the same people.
    let another = house.api_as(&house.key("admin", "").await);
    let audit = json!({ "scope": "everything", "kinds": ["audit"] });
    for (heard, expected) in [
        (vec![], vec!["everything"]),
        (vec![token(&ours)], vec!["our token", "everything"]),
        (vec![label("Security")], vec!["our token", "our label", "everything"]),
        (vec![label("")], vec!["our token", "their token", "our label", "any label", "everything"]),
        (vec![team("Security")], vec!["our token", "plain token", "our label", "our team", "everything"]),
        (vec![team("Web"), token(&ours)], vec!["our token", "their token", "their team", "everything"]),
        (vec![everything], asking.iter().map(|(name, _)| *name).collect()),
        // It hears of no token.
        (vec![audit], vec!["everything"]),
    ] {
        let mut before = Vec::new();
        for (_, made) in &asking {
            before.push(deliveries(&house, made).await.len());
        }
        let receiver = Receiver::start().await;
        let made = hearing(&house, &another, &receiver, "the failing one", &heard).await;
        gone(&house, &made, &receiver).await;
        let mut told = Vec::new();
        for ((name, made), before) in asking.iter().zip(before) {
            let log = deliveries(&house, made).await;
            assert!(log.len() <= before + 1, "{name} is told once of {heard:?}");
            if log.len() > before {
                told.push(*name);
            }
        }
        assert_eq!(told, expected, "where what fails hears of {heard:?}");
        // What was removed fails no more, and is nobody's of the next one.
        let path = format!("/destinations/{}", text(&made["id"]));
        assert_eq!(another.json(Method::DELETE, &path, &json!({})).await.status, StatusCode::NO_CONTENT);
    }
}

#[tokio::test]
async fn those_who_may_see_the_destination_are_told_its_name_and_those_who_left_are_told_nothing() {
    let house = TestHouse::start().await;
    house.person("root@example.com", "", Role::Admin).await;
    house.person("bo@example.com", "Security", Role::Viewer).await;
    let token = house.mint("laptop").await;
    let bo = house.signed_in("bo@example.com").await;
    let (failing, ear, mates) = (Receiver::start().await, Receiver::start().await, Receiver::start().await);
    let fields = [("kind", "webhook"), ("address", &*ear.url), ("name", "bo's"), ("token", text(&token["id"]))];
    assert_eq!(bo.form("/destinations/new", &fields).await.status, StatusCode::OK);
    let all = house.api().get("/destinations").await.body();
    let own = all["items"].as_array().unwrap().iter().find(|one| one["name"] == "bo's").unwrap().clone();
    let what = json!({ "scope": "token", "token_id": token["id"], "kinds": ["failing"], "pace": "daily" });
    subscribe_to(&house, &own, &what).await;
    let key = house.api_as(&house.key("placer", "Security").await);
    let made = hearing(&house, &key, &failing, "the pager", &[json!({ "scope": "team", "team": "Security" })]).await;
    // It belongs to the same team, and asked besides.
    let mate = hearing(&house, &key, &mates, "the chat", &[what]).await;

    gone(&house, &made, &failing).await;
    house.until("both are told", || async { told(&ear).len() == 1 && told(&mates).len() == 1 }).await;
    for body in [told(&ear).remove(0), told(&mates).remove(0)] {
        let sentence = text(&body["data"]["card"]["sentence"]);
        assert!(sentence.starts_with("Alerts no longer arrive at the pager: it answered 410"), "{sentence}");
        assert!(sentence.ends_with("the subscription to the key in laptop."), "{sentence}");
    }
    assert_eq!(deliveries(&house, &mate).await.len(), 1, "once, for both reasons");

    mended(&house, &made).await;
    let id = house.id_of("bo@example.com").await;
    let system = Viewer::system("test");
    aviary::people::persons::set_role(&house.house, &system, &id, "Security", None).await.unwrap();
    gone(&house, &made, &failing).await;
    assert_eq!(deliveries(&house, &mate).await.len(), 2);
    assert_eq!(deliveries(&house, &own).await.len(), 1, "whoever left the team hears no more of it");
}

#[tokio::test]
async fn a_form_on_the_tokens_page_says_what_delivery_failing_means_there() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let ana = house.signed_in("ana@example.com").await;
    let receiver = Receiver::start().await;
    let made = destination(&house, "webhook", &receiver.url).await;
    let token = house.mint("laptop").await;
    let path = format!("/tokens/{}", text(&token["id"]));
    let page = ana.get(&path).await.text;
    assert!(page.contains("Alerts no longer arrive at another destination that hears about the same."), "{page}");
    let fields = [
        ("destination_id", text(&made["id"])),
        ("scope", "token"),
        ("token_id", text(&token["id"])),
        ("back", &path),
        ("kinds", ""),
        ("kinds", "failing"),
    ];
    assert_eq!(ana.form("/subscriptions/new", &fields).await.status, StatusCode::SEE_OTHER);
    let one = house.api().get("/subscriptions").await.body()["items"][0].clone();
    assert_eq!((&one["scope"], &one["kinds"]), (&json!("token"), &json!(["failing"])));
}
