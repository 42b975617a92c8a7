//! The link in an alert by which somebody says that they are on it.

use super::{destination, hit, receiver::Receiver, subscribe, text};
use crate::house::TestHouse;
use app::model::{
    audit::AuditQuery,
    moment::DAY,
    viewer::{Role, Viewer},
};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

/// A house in which a hit reached these destinations, and the path of the link that each got.
async fn alerted(names: &[&str]) -> (TestHouse, Vec<String>, Value) {
    let house = TestHouse::start().await;
    let token = house.mint("laptop of ana").await;
    let mut receivers = Vec::new();
    for name in names {
        let receiver = Receiver::start().await;
        let made = destination(&house, "webhook", &receiver.url).await;
        assert_eq!(text(&made["state"]), "confirmed", "{name}");
        subscribe(&house, &made, &token).await;
        receivers.push(receiver);
    }
    hit(&house, &token, "e-1").await;
    let mut links = Vec::new();
    for receiver in &receivers {
        house.until("the alert arrives", || async { receiver.seen().len() == 1 }).await;
        let card = receiver.seen()[0].json()["data"]["card"].clone();
        let action =
            card["actions"].as_array().unwrap().iter().find(|action| action["label"] == "Acknowledge").unwrap();
        links.push(text(&action["url"]).strip_prefix(&house.url).unwrap().to_owned());
    }
    let incident = incident(&house).await;
    (house, links, incident)
}

async fn incident(house: &TestHouse) -> Value {
    house.api().get("/incidents").await.body()["items"][0].clone()
}

#[tokio::test]
async fn following_the_link_changes_nothing_and_pressing_the_button_acknowledges_once() {
    let (house, links, before) = alerted(&["pager"]).await;
    let (link, stranger) = (&links[0], house.browser());
    let page = stranger.get(link).await;
    assert_eq!((page.status, text(&before["state"])), (StatusCode::OK, "open"));
    assert!(page.text.contains("Are you on it?") && page.text.contains("laptop of ana"), "{}", page.text);
    assert_eq!(stranger.send(Method::HEAD, link, &[], Vec::new()).await.status, StatusCode::OK);
    assert_eq!(incident(&house).await["state"], "open", "scanners of mail follow links");

    let mut bell = house.house.bell.listen();
    let done = stranger.form(link, &[]).await;
    assert_eq!(done.header("location"), format!("{link}?done=acknowledged"), "{}", done.text);
    let after = incident(&house).await;
    assert_eq!((text(&after["state"]), text(&after["acknowledged_by"])), ("acknowledged", "somebody at the webhook"));
    let ring = bell.try_recv().unwrap();
    assert!(ring.drill && ring.hit_id.is_none(), "open pages look again, and nobody is told of a hit");
    assert!(stranger.get(done.header("location")).await.text.contains("That is all"));
    let log = aviary::audit::list(&house.house, &Viewer::system("test"), &AuditQuery::default()).await.unwrap().items;
    let entry = log.iter().find(|entry| entry.act == "incident.acknowledge").unwrap();
    assert_eq!(entry.detail, "by a link sent to the webhook");

    let twice = stranger.form(link, &[]).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    assert!(stranger.get(link).await.text.contains("Used already"));
    let triage = format!("/incidents/{}", text(&after["id"]));
    let body = json!({ "resolution": "drill", "comment": "" });
    assert_eq!(house.api().json(Method::POST, &format!("{triage}/resolve"), &body).await.status, StatusCode::OK);
    assert!(stranger.get(link).await.text.contains("It is closed"));
}

#[tokio::test]
async fn whoever_comes_second_is_told_who_was_first() {
    let (house, links, _) = alerted(&["pager", "chat"]).await;
    let stranger = house.browser();
    assert_eq!(stranger.form(&links[0], &[]).await.status, StatusCode::SEE_OTHER);
    let page = stranger.get(&links[1]).await.text;
    assert!(page.contains("Somebody is on it") && !page.contains("<button"), "{page}");
    assert_eq!(stranger.form(&links[1], &[]).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_link_that_is_old_made_up_or_of_a_destination_that_is_gone_does_nothing() {
    let (house, links, _) = alerted(&["pager", "chat"]).await;
    let stranger = house.browser();
    let code = links[0].strip_prefix("/acknowledge/").unwrap();
    let mut other = code.to_owned();
    let last = if other.ends_with('A') { "B" } else { "A" };
    other.replace_range(50..51, if &code[50..51] == "A" { "B" } else { "A" });
    for wrong in [other, format!("{}{last}", &code[..code.len() - 1]), "x".to_owned(), format!("{code}A")] {
        let path = format!("/acknowledge/{wrong}");
        assert_eq!(stranger.form(&path, &[]).await.status, StatusCode::NOT_FOUND, "{wrong}");
    }
    let first = house.api().get("/destinations").await.body();
    let all = first["items"].as_array().or(first.as_array()).unwrap().clone();
    let path = format!("/destinations/{}", text(&all[0]["id"]));
    assert_eq!(house.api().json(Method::DELETE, &path, &json!({})).await.status, StatusCode::NO_CONTENT);
    let open = stranger.get(&links[0]).await.status.as_u16() + stranger.get(&links[1]).await.status.as_u16();
    assert_eq!(open, 200 + 404, "the link of the one that is gone is gone");
    house.clock.advance(8 * DAY);
    for link in &links {
        assert_eq!(stranger.form(link, &[]).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(incident(&house).await["state"], "open");
}

#[tokio::test]
async fn what_is_kept_of_an_alert_opens_nothing() {
    let (house, links, _) = alerted(&["pager"]).await;
    assert_eq!(house.browser().form(&links[0], &[]).await.status, StatusCode::SEE_OTHER);
    let mut dump = Vec::new();
    aviary::store::dump::write(&house.house.store, &mut dump).await.unwrap();
    let dump = String::from_utf8(dump).unwrap();
    let code = links[0].strip_prefix("/acknowledge/").unwrap();
    assert!(!dump.contains(code) && !dump.contains("/acknowledge/"));
    assert!(dump.contains("\"table\":\"used_links\""), "its hash is");
}

#[tokio::test]
async fn a_link_lets_nobody_do_what_their_role_does_not() {
    let house = TestHouse::start().await;
    let token = house.mint("laptop of ana").await;
    for (email, role) in [("viewer@example.com", Role::Viewer), ("reviewer@example.com", Role::Reviewer)] {
        house.person(email, "Security", role).await;
        let receiver = Receiver::start().await;
        let browser = house.signed_in(email).await;
        let made = browser
            .form("/destinations/new", &[("kind", "webhook"), ("address", &receiver.url), ("name", email)])
            .await;
        assert_eq!(made.status, StatusCode::OK, "{}", made.text);
        let all = house.api().get("/destinations").await.body();
        let made = all["items"].as_array().unwrap().iter().find(|one| one["name"] == email).unwrap().clone();
        subscribe(&house, &made, &token).await;
        hit(&house, &token, email).await;
        house.until("the alert arrives", || async { receiver.seen().len() == 1 }).await;
        let alert = receiver.seen()[0].json();
        let actions = alert["data"]["card"]["actions"].as_array().unwrap();
        let action = actions.iter().find(|action| action["label"] == "Acknowledge").unwrap();
        let link = text(&action["url"]).strip_prefix(&house.url).unwrap().to_owned();
        let done = house.browser().form(&link, &[]).await;
        if role == Role::Viewer {
            assert_eq!(done.status, StatusCode::FORBIDDEN, "{}", done.text);
            assert_eq!(incident(&house).await["state"], "open");
        } else {
            assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
            assert_eq!(incident(&house).await["state"], "acknowledged");
        }
    }
}
