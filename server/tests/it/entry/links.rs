//! Where nobody signs in with a password, and the link that is made on the machine.

use crate::house::{PASSWORD, TestHouse};
use app::model::{
    fault::FaultKind,
    moment::MINUTE,
    viewer::{Actor, Grant, Role, Viewer},
};
use aviary::people::sign_in_link;
use axum::http::StatusCode;

fn operator() -> Viewer {
    Viewer::system("command line")
}

async fn link(house: &TestHouse, email: &str) -> String {
    let link = sign_in_link::make(&house.house, &operator(), email).await.unwrap();
    link.expose().strip_prefix(house.url.as_str()).unwrap().to_owned()
}

#[tokio::test]
async fn without_passwords_only_the_link_from_the_machine_lets_somebody_in() {
    let house = TestHouse::with(&[("AVIARY_LOCAL_SIGN_IN", "off")]).await;
    house.person("ana@example.com", "", Role::Admin).await;
    let browser = house.browser();
    let page = browser.get("/sign-in").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.text.contains("name=\"password\""), "{}", page.text);
    assert!(page.text.contains("Passwords are switched off"), "{}", page.text);
    let refused = browser.form("/sign-in", &[("email", "ana@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
    assert!(browser.get("/forgot").await.text.contains("There are no passwords here"));
    assert_eq!(browser.form("/forgot", &[("email", "ana@example.com")]).await.status, StatusCode::CONFLICT);

    let path = link(&house, "Ana@Example.com").await;
    let page = browser.get(&path).await;
    assert!(page.text.contains("ana@example.com"), "{}", page.text);
    assert_eq!(browser.get("/tokens").await.status, StatusCode::SEE_OTHER, "following a link changes nothing");
    assert_eq!(browser.form(&path, &[]).await.status, StatusCode::SEE_OTHER);
    assert!(browser.get("/settings").await.text.contains("One-time link"));
    let fields = [("email", "ben@example.com"), ("team", ""), ("role", "viewer")];
    let invited = browser.form("/settings/people/invite", &fields).await;
    assert_eq!(invited.status, StatusCode::CONFLICT, "an invitation ends with a password: {}", invited.text);
    assert!(browser.get("/settings/audit").await.text.contains("person.sign_in_link"));
    assert_eq!(house.browser().form(&path, &[]).await.status, StatusCode::NOT_FOUND, "it works once");
    let prove = browser.get("/confirm-it-is-you").await.text;
    assert!(!prove.contains("name=\"password\"") && prove.contains("come in again"), "{prove}");
}

#[tokio::test]
async fn the_link_is_short_lived_and_made_on_the_machine_alone() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let path = link(&house, "ana@example.com").await;
    house.clock.advance(15 * MINUTE);
    assert_eq!(house.browser().form(&path, &[]).await.status, StatusCode::NOT_FOUND);
    let unknown = sign_in_link::make(&house.house, &operator(), "nobody@example.com").await.unwrap_err();
    assert_eq!(unknown.kind, FaultKind::NotFound);
    // An admin could become anybody by it, and nobody would know.
    let id = house.id_of("ana@example.com").await;
    let grants = vec![Grant::of(None, Role::Admin)];
    let admin = Viewer { actor: Actor::Person(id), grants, ..operator() };
    let refused = sign_in_link::make(&house.house, &admin, "ana@example.com").await.unwrap_err();
    assert!(refused.kind == FaultKind::Forbidden && refused.message.contains("on the machine"), "{refused}");
}
