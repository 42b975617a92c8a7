//! Forgotten passwords.

use crate::{
    alerts::mail::mails,
    house::{PASSWORD, TestHouse},
};
use app::model::{
    audit::AuditQuery,
    moment::MINUTE,
    viewer::{Role, Viewer},
};
use axum::http::StatusCode;

const NEW: &str = "walnut drawer 7 kettle";

fn inbox(house: &TestHouse) -> Vec<String> {
    mails(&house.folder.path().join("mail"))
}

/// How often a link was asked for, by the audit log.
async fn asked(house: &TestHouse) -> usize {
    let query = AuditQuery { act: "person.forgot".into(), ..AuditQuery::default() };
    aviary::audit::list(&house.house, &Viewer::system("test"), &query).await.unwrap().items.len()
}

/// Asks for a link and reads its path off the mail.
async fn link(house: &TestHouse, email: &str) -> String {
    let before = inbox(house).len();
    let answer = house.browser().form("/forgot", &[("email", email)]).await;
    assert_eq!(answer.header("location"), "/forgot?done=asked", "{}", answer.text);
    house.until("the mail with the link", || async { inbox(house).len() > before }).await;
    let mail = inbox(house).pop().unwrap();
    assert!(mail.contains(&format!("To: {email}")), "{mail}");
    let at = mail.find("/reset/").expect("the mail has a link");
    mail[at..].split(|c: char| c.is_whitespace() || c == '"').next().unwrap().to_owned()
}

#[tokio::test]
async fn nobody_can_tell_by_the_answer_who_has_an_account() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    house.person("off@example.com", "", Role::Viewer).await;
    let off = house.id_of("off@example.com").await;
    aviary::people::persons::set_disabled(&house.house, &Viewer::system("test"), &off, true).await.unwrap();
    let mut said = Vec::new();
    for email in ["nobody@example.com", "off@example.com", "ana@example.com"] {
        let mut answer = house.browser().form("/forgot", &[("email", email)]).await;
        for changing in ["x-request-id", "date"] {
            answer.headers.remove(changing);
        }
        said.push((answer.status, answer.headers, answer.text));
    }
    assert!(said.iter().all(|one| *one == said[0]), "{said:?}");
    assert!(house.browser().get("/forgot?done=asked").await.text.contains("If somebody signs in here"));
    // What is written afterwards is written for each of them.
    house.until("all three are looked after", || async { asked(&house).await == 3 }).await;
    house.until("the only mail", || async { !inbox(&house).is_empty() }).await;
    let [mail] = &inbox(&house)[..] else { panic!("one mail, to somebody who may sign in") };
    assert!(mail.contains("To: ana@example.com") && mail.contains("half an hour"), "{mail}");
    let slip = house.browser().form("/forgot", &[("email", "ana@example")]).await;
    assert_eq!(slip.status, StatusCode::UNPROCESSABLE_ENTITY, "what cannot be an address says nothing about anybody");
}

#[tokio::test]
async fn the_link_chooses_a_new_password_once_and_ends_every_session() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let before = house.signed_in("ana@example.com").await;
    let (first, path) = (link(&house, "ana@example.com").await, link(&house, "ana@example.com").await);
    let stranger = house.browser();
    let page = stranger.get(&path).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(page.text.contains("ana@example.com"), "{}", page.text);
    assert_eq!(before.get("/tokens").await.status, StatusCode::OK, "following a link changes nothing");

    let short = stranger.form(&path, &[("password", "short")]).await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!short.text.contains("value=\"short\""));
    let done = stranger.form(&path, &[("password", NEW)]).await;
    assert_eq!((done.status, done.header("location")), (StatusCode::SEE_OTHER, "/sign-in?done=password-reset"));
    assert!(stranger.cookie("aviary").is_none(), "nobody is signed in by it: a second factor is asked for as ever");
    assert_eq!(before.get("/tokens").await.status, StatusCode::SEE_OTHER);
    for used in [&path, &first] {
        assert_eq!(stranger.get(used).await.status, StatusCode::NOT_FOUND);
        assert_eq!(stranger.form(used, &[("password", PASSWORD)]).await.status, StatusCode::NOT_FOUND);
    }
    house.until("the mail that says so", || async { inbox(&house).len() == 3 }).await;
    assert!(inbox(&house)[2].contains("Your password was changed"), "{}", inbox(&house)[2]);

    let old = stranger.form("/sign-in", &[("email", "ana@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(old.status, StatusCode::UNAUTHORIZED);
    let new = stranger.form("/sign-in", &[("email", "ana@example.com"), ("password", NEW)]).await;
    assert_eq!(new.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_link_that_is_too_old_changes_nothing() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let path = link(&house, "ana@example.com").await;
    house.clock.advance(30 * MINUTE);
    let late = house.browser().form(&path, &[("password", NEW)]).await;
    assert_eq!(late.status, StatusCode::NOT_FOUND);
    assert!(late.text.contains("older than half an hour"), "{}", late.text);
    aviary::sweep::run_once(&house.house, false).await.unwrap();
    house.signed_in("ana@example.com").await;
}

#[tokio::test]
async fn whoever_has_no_password_is_told_so() {
    let house = TestHouse::start().await;
    house.person("pia@example.com", "", Role::Viewer).await;
    let mut tx = house.house.store.begin().await.unwrap();
    sqlx::query("UPDATE persons SET password_hash = NULL").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    house.browser().form("/forgot", &[("email", "pia@example.com")]).await;
    house.until("the mail", || async { inbox(&house).len() == 1 }).await;
    let mail = inbox(&house).pop().unwrap();
    assert!(mail.contains("You have no password here") && !mail.contains("/reset/"), "{mail}");
}
