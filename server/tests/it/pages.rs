//! What every page has in common: it answers, says what it is, and is sound HTML that the content policy lets through.

use crate::house::TestHouse;
use app::model::viewer::Role;
use axum::http::StatusCode;
use std::collections::HashSet;

/// Pages that need nothing to be there.
pub const PAGES: [&str; 22] = [
    "/",
    "/tokens",
    "/tokens/new",
    "/tokens/adopt",
    "/incidents",
    "/incidents?state=all",
    "/incidents?state=resolved",
    "/destinations",
    "/destinations/new",
    "/deliveries",
    "/health",
    "/settings",
    "/settings/second",
    "/settings/people",
    "/settings/teams",
    "/settings/api-keys",
    "/settings/audit?act=person.sign_in",
    "/settings/accounts",
    "/settings/accounts/new",
    "/confirm-it-is-you?next=%2Ftokens",
    "/settings/providers",
    "/settings/providers/new",
];

#[tokio::test]
async fn every_page_answers_and_is_sound() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let browser = house.signed_in("ana@example.com").await;
    for path in PAGES {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text);
        sound(path, &page.text);
    }
}

#[tokio::test]
async fn what_a_viewer_may_not_see_is_refused_and_not_offered() {
    let house = TestHouse::start().await;
    house.person("vic@example.com", "Security", Role::Viewer).await;
    let browser = house.signed_in("vic@example.com").await;
    let home = browser.get("/settings").await;
    for path in [
        "/settings/people",
        "/settings/api-keys",
        "/settings/audit",
        "/settings/accounts",
        "/settings/accounts/new",
        "/settings/providers",
        "/settings/providers/new",
        "/health",
    ] {
        let refused = browser.get(path).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
        sound(path, &refused.text);
        assert!(!home.text.contains(&format!("href=\"{path}\"")), "{path} is offered");
    }
    assert_eq!(browser.get("/settings/teams").await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_not_there_looks_the_same_everywhere() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let browser = house.signed_in("ana@example.com").await;
    for path in ["/nowhere", "/tokens/none", "/incidents/none", "/destinations/none", "/destinations/none/remove"] {
        let missing = browser.get(path).await;
        assert_eq!(missing.status, StatusCode::NOT_FOUND, "{path}");
        sound(path, &missing.text);
    }
    for path in ["/setup/none", "/join/none", "/reset/none", "/enter/none", "/confirm/none"] {
        let missing = house.browser().get(path).await;
        assert_eq!(missing.status, StatusCode::NOT_FOUND, "{path}");
        sound(path, &missing.text);
        assert!(missing.text.contains("href=\"/sign-in\""), "{path} shows a way on");
    }
}

#[tokio::test]
async fn what_stands_before_the_door_is_sound_too() {
    let house = TestHouse::start().await;
    for path in ["/sign-in", "/forgot", "/forgot?done=asked"] {
        let page = house.browser().get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text);
        sound(path, &page.text);
    }
}

/// One heading, a language, ids that are unique, labels that have their field, and nothing that the policy refuses.
fn sound(path: &str, html: &str) {
    assert_eq!(html.matches("<h1").count(), 1, "{path} has one heading: {html}");
    assert!(html.contains("<html lang=\"en\"") && html.contains("<main"), "{path}");
    let ids: Vec<&str> = values(html, " id=\"").collect();
    let unique: HashSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len(), "{path} names two things alike: {ids:?}");
    for field in values(html, " for=\"") {
        assert!(unique.contains(field), "{path} has a label for `{field}`, and no such field");
    }
    for refused in [" style=\"", " onclick=\"", " onsubmit=\"", "javascript:"] {
        assert!(!html.contains(refused), "{path} has `{refused}`, which the content policy refuses");
    }
}

fn values<'a>(html: &'a str, start: &'static str) -> impl Iterator<Item = &'a str> {
    html.split(start).skip(1).filter_map(|rest| rest.split('"').next())
}
