//! The link in each mail that ends all of it, in one click.

use super::{
    delivered, deliveries, destination, hit,
    mail::{confirm, mails},
    receiver::Receiver,
    subscribe, subscribe_to, text,
};
use crate::house::TestHouse;
use app::model::audit::AuditQuery;
use app::model::viewer::{Role, Viewer};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

/// A mailbox that got an alert, and the path of the link in it.
async fn alerted(house: &TestHouse) -> (Value, Value, String) {
    let made = destination(house, "email", "ops@example.com").await;
    alerted_at(house, made).await
}

/// The same, of a mailbox of the team's.
async fn team_alerted(house: &TestHouse) -> (Value, Value, String) {
    let body = json!({ "kind": "email", "address": "ops@example.com", "name": "On-call", "team": "Security" });
    let made = house.api().json(Method::POST, "/destinations", &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    alerted_at(house, made.body()).await
}

async fn alerted_at(house: &TestHouse, made: Value) -> (Value, Value, String) {
    confirm(house, &made).await;
    let token = house.mint("laptop").await;
    subscribe(house, &made, &token).await;
    hit(house, &token, "e-0").await;
    let folder = house.folder.path().join("mail");
    house.until("the alert arrives", || async { mails(&folder).len() == 2 }).await;
    let [question, alert] = &mails(&folder)[..] else { panic!("a question and an alert") };
    assert!(!question.contains("List-Unsubscribe"), "a question is no list");
    assert!(alert.contains("\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n"), "{alert}");
    // A long header may be folded.
    let unfolded = alert.replace("\n ", " ");
    let value = unfolded.lines().find_map(|line| line.strip_prefix("List-Unsubscribe: ")).unwrap();
    let link = value.trim().strip_prefix('<').and_then(|value| value.strip_suffix('>')).unwrap();
    assert_eq!(alert.matches(link).count(), 3, "the header, the text and the HTML have the same link");
    let path = link.strip_prefix(&house.url).expect("it leads to the console").to_owned();
    (made, token, path)
}

async fn subscriptions(house: &TestHouse) -> usize {
    house.api().get("/subscriptions").await.body()["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_mail_program_ends_all_of_it_by_one_click() {
    let house = TestHouse::start().await;
    let (made, token, path) = alerted(&house).await;
    subscribe_to(&house, &made, &json!({ "scope": "team", "team": "Security", "pace": "daily", "kinds": ["exposed"] }))
        .await;
    // As a web mail program does it: from another site, without a cookie.
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://mail.example.net"),
    ];
    let stranger = house.browser();
    let body = || b"List-Unsubscribe=One-Click".to_vec();
    let done = stranger.send(Method::POST, &path, &headers, body()).await;
    assert_eq!((done.status, subscriptions(&house).await), (StatusCode::OK, 0), "{}", done.text);
    assert_eq!(stranger.send(Method::POST, &path, &headers, body()).await.status, StatusCode::OK, "twice is once");
    hit(&house, &token, "e-1").await;
    assert_eq!(deliveries(&house, &made).await.len(), 1);

    let audit = aviary::audit::list(&house.house, &Viewer::system("test"), &AuditQuery::default()).await.unwrap();
    let entries: Vec<_> = audit.items.iter().filter(|entry| entry.act == "destination.unsubscribe").collect();
    assert_eq!(entries.len(), 1);
    assert!(entries[0].detail.contains("2 subscriptions ended"), "{}", entries[0].detail);

    // Nothing else takes what other sites post.
    let other = stranger.send(Method::POST, "/sign-in", &headers, b"email=a".to_vec()).await;
    assert_eq!(other.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_person_reads_what_will_end_and_presses_a_button() {
    let house = TestHouse::start().await;
    let (_, token, path) = alerted(&house).await;
    let stranger = house.browser();
    let page = stranger.get(&path).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(page.text.contains("o…@example.com") && page.text.contains("1 token"), "{}", page.text);
    assert_eq!(subscriptions(&house).await, 1, "looking changes nothing: scanners of mail do that");
    let done = stranger.form(&path, &[]).await;
    assert_eq!(done.header("location"), format!("{path}?done=unsubscribed"));
    assert_eq!(subscriptions(&house).await, 0);
    for path in [format!("{path}?done=unsubscribed"), path] {
        assert!(stranger.get(&path).await.text.contains("No more alerts go to this address"));
    }
    hit(&house, &token, "e-1").await;
}

#[tokio::test]
async fn what_was_held_is_not_sent_after_somebody_left() {
    let house = TestHouse::start().await;
    let (made, token, path) = alerted(&house).await;
    subscribe_to(&house, &made, &json!({ "scope": "token", "token_id": token["id"], "pace": "daily" })).await;
    hit(&house, &token, "e-1").await;
    house.browser().form(&path, &[]).await;
    house.clock.advance(2 * app::model::moment::DAY);
    assert_eq!(aviary::alerts::digest::work_once(&house.house).await.unwrap(), 0);
    assert_eq!(deliveries(&house, &made).await.len(), 1);
}

#[tokio::test]
async fn that_a_teams_destination_was_left_is_told_at_its_other_one() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    let body = json!({ "kind": "webhook", "address": receiver.url, "team": "Security" });
    let other = house.api().json(Method::POST, "/destinations", &body).await.body();
    let (made, _, path) = team_alerted(&house).await;
    for _ in 0..2 {
        house.browser().form(&path, &[]).await;
    }
    let told = delivered(&house, &other, "sent", 1).await;
    assert_eq!((text(&told["kind"]), deliveries(&house, &other).await.len()), ("failing", 1), "told once");
    let body = receiver.seen()[0].json();
    let sentence = text(&body["data"]["card"]["sentence"]);
    assert!(sentence.contains("On-call") && sentence.contains("subscribe it anew"), "{sentence}");
    assert_eq!(body["data"]["destination"]["id"], made["id"]);
}

#[tokio::test]
async fn where_a_team_has_no_other_destination_its_admins_get_a_mail() {
    let house = TestHouse::start().await;
    house.person("lee@example.com", "Security", Role::Admin).await;
    house.person("bo@example.com", "Security", Role::Placer).await;
    house.person("root@example.com", "", Role::Admin).await;
    let (_, _, path) = team_alerted(&house).await;
    house.browser().form(&path, &[]).await;
    let folder = house.folder.path().join("mail");
    house.until("somebody got a mail", || async { mails(&folder).len() == 3 }).await;
    let mails = mails(&folder);
    let told: Vec<_> = mails.iter().filter(|mail| mail.contains("Nothing more goes to On-call")).collect();
    assert!(told.len() == 1 && told[0].contains("lee@example.com"), "{told:?}");
}

#[tokio::test]
async fn a_link_that_we_did_not_sign_ends_nothing() {
    let house = TestHouse::start().await;
    let (made, _, path) = alerted(&house).await;
    let (start, signature) = path.rsplit_once('.').unwrap();
    let other: String = signature.chars().rev().collect();
    for wrong in [
        format!("{start}.{other}"),
        start.to_owned(),
        format!("{start}."),
        format!("/unsubscribe/{}", text(&made["id"])),
    ] {
        let answer = house.browser().form(&wrong, &[("List-Unsubscribe", "One-Click")]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{wrong}");
        assert!(house.browser().get(&wrong).await.text.contains("not one of ours"), "{wrong}");
    }
    assert_eq!(subscriptions(&house).await, 1);
    let destination = format!("/destinations/{}", text(&made["id"]));
    assert_eq!(house.api().json(Method::DELETE, &destination, &json!({})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(house.browser().form(&path, &[]).await.status, StatusCode::NOT_FOUND);
}
