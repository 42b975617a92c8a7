//! Jira: one issue for each incident, whatever goes wrong in between.

use super::{
    super::*,
    confirmed, incident,
    jira_site::{Jira, TOKEN, USER},
    make, triage,
};
use app::model::moment::{DAY, SECOND};

/// Whoever signs in to Cloud, and where to.
fn cloud() -> Value {
    json!({ "user": USER, "project": "sec", "issue_type": "incident" })
}

#[tokio::test]
async fn the_second_hit_is_a_comment_on_the_issue_of_the_first() {
    let house = TestHouse::start().await;
    let jira = Jira::default();
    let made = confirmed(&house, "jira", &jira.start().await, TOKEN, cloud()).await;
    assert!(jira.issues().is_empty(), "the proof makes nothing");
    assert!(!text(&made["secret"]).is_empty() && !made.to_string().contains(TOKEN));
    let token = house.mint("laptop").await;
    subscribe(&house, &made, &token).await;
    hit(&house, &token, "e-1").await;
    let first = delivered(&house, &made, "sent", 1).await;
    assert_eq!(text(&first["attempts"][0]["detail"]), "It is SEC-1.");
    hit(&house, &token, "e-2").await;
    house.until("it was commented", || async { jira.issues()[0].comments.len() == 1 }).await;
    triage(&house, &incident(&house).await, "resolve", json!({ "resolution": "expected" })).await;
    house.until("so was the decision", || async { jira.issues()[0].comments.len() == 2 }).await;

    let issues = jira.issues();
    assert_eq!(issues.len(), 1);
    let fields = &issues[0].fields;
    assert_eq!((text(&fields["project"]["key"]), text(&fields["issuetype"]["name"])), ("SEC", "incident"));
    assert_eq!(text(&fields["summary"]), "The key in laptop was used: GetCallerIdentity from 203.0.113.7");
    assert_eq!(fields["description"]["type"], "doc", "Cloud takes documents");
    assert!(fields["description"].to_string().contains("203.0.113.7"));
    assert!(issues[0].comments[1].to_string().contains("resolved by"), "{:?}", issues[0].comments);
    // A new incident is a new issue.
    house.clock.advance(SECOND);
    hit(&house, &token, "e-3").await;
    house.until("another issue", || async { jira.issues().len() == 2 }).await;
}

#[tokio::test]
async fn an_issue_whose_making_nobody_heard_of_is_found_again() {
    let house = TestHouse::start().await;
    let jira = Jira::default();
    let made = confirmed(&house, "jira", &jira.start().await, TOKEN, cloud()).await;
    let token = house.mint("laptop").await;
    subscribe(&house, &made, &token).await;
    {
        let mut site = jira.0.lock().unwrap();
        // The answer is lost, and the search does not know the issue for a while.
        (site.lose_answer, site.lag) = (true, 2);
    }
    hit(&house, &token, "e-1").await;
    delivered(&house, &made, "waiting", 1).await;
    later(&house, 7 * SECOND);
    let unsure = delivered(&house, &made, "waiting", 2).await;
    assert!(text(&unsure["attempts"][1]["detail"]).contains("may have been made"), "{unsure}");
    later(&house, 61 * SECOND);
    let sent = delivered(&house, &made, "sent", 3).await;
    assert_eq!(text(&sent["attempts"][2]["detail"]), "SEC-1 was made before.");
    hit(&house, &token, "e-2").await;
    house.until("the second hit", || async { jira.issues()[0].comments.len() == 1 }).await;
    assert_eq!(jira.issues().len(), 1);
}

#[tokio::test]
async fn data_center_is_signed_in_to_by_a_token_alone_and_gets_text() {
    let house = TestHouse::start().await;
    let jira = Jira::default();
    let made = confirmed(&house, "jira", &jira.start().await, TOKEN, json!({ "project": "SEC" })).await;
    let token = house.mint("laptop {noformat}").await;
    subscribe(&house, &made, &token).await;
    hit(&house, &token, "e-1").await;
    delivered(&house, &made, "sent", 1).await;
    let description = text(&jira.issues()[0].fields["description"]).to_owned();
    assert!(description.contains("{noformat}") && description.contains("laptop (noformat}"), "{description}");
}

#[tokio::test]
async fn nothing_is_made_where_the_project_or_its_type_is_not_there() {
    let house = TestHouse::start().await;
    let jira = Jira::default();
    let url = jira.start().await;
    for (token, settings, why) in [
        ("another", cloud(), "does not take the token"),
        (TOKEN, json!({ "user": USER, "project": "NOPE" }), "no project NOPE"),
        (TOKEN, json!({ "user": USER, "project": "SEC", "issue_type": "Sub-task" }), "It has Task, Incident."),
    ] {
        let made = make(&house, "jira", &url, token, settings).await;
        assert_eq!(text(&made["state"]), "unconfirmed");
        assert!(text(&made["last_error"]).contains(why), "{made}");
    }
    assert_eq!((jira.issues().len(), jira.0.lock().unwrap().searches), (0, 0));
}

#[tokio::test]
async fn a_digest_is_told_on_each_incidents_own_issue() {
    let house = TestHouse::start().await;
    let jira = Jira::default();
    let made = confirmed(&house, "jira", &jira.start().await, TOKEN, cloud()).await;
    for place in ["laptop", "desk"] {
        let token = house.mint(place).await;
        let what = json!({ "scope": "token", "token_id": token["id"], "pace": "daily" });
        subscribe_to(&house, &made, &what).await;
        hit(&house, &token, &format!("e-{place}")).await;
    }
    later(&house, 2 * DAY);
    aviary::alerts::digest::work_once(&house.house).await.unwrap();
    let told = delivered(&house, &made, "sent", 1).await;
    assert_eq!(text(&told["kind"]), "digest");
    assert_eq!(text(&told["attempts"][0]["detail"]), "It is SEC-1. It is SEC-2.");
    assert_eq!(jira.issues().len(), 2);
}

#[tokio::test]
async fn an_issue_that_was_deleted_is_replaced() {
    let house = TestHouse::start().await;
    let jira = Jira::default();
    let made = confirmed(&house, "jira", &jira.start().await, TOKEN, cloud()).await;
    let token = house.mint("laptop").await;
    subscribe(&house, &made, &token).await;
    hit(&house, &token, "e-1").await;
    delivered(&house, &made, "sent", 1).await;
    jira.0.lock().unwrap().issues.clear();
    hit(&house, &token, "e-2").await;
    delivered(&house, &made, "waiting", 1).await;
    later(&house, 7 * SECOND);
    delivered(&house, &made, "sent", 2).await;
    assert_eq!(jira.issues().len(), 1);
}
