//! A stolen API key, and a stolen cookie.

use crate::house::TestHouse;
use app::model::viewer::{Role, Viewer};
use aviary::people::api_keys;
use axum::http::{Method, StatusCode};

#[tokio::test]
async fn a_revoked_key_opens_nothing_from_the_next_request_on() {
    let house = TestHouse::start().await;
    let key = house.key("viewer", "Security").await;
    let thief = house.api_as(&key);
    assert_eq!(thief.get("/tokens").await.status, StatusCode::OK);
    let system = Viewer::system("test");
    let known = api_keys::list(&house.house, &system).await.unwrap();
    let stolen = known.iter().find(|one| one.name == "viewer").unwrap();
    assert!(key.starts_with(&stolen.prefix), "it is known by how it begins");
    api_keys::revoke(&house.house, &system, &stolen.id).await.unwrap();
    assert_eq!(thief.get("/tokens").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_stolen_cookie_is_worth_nothing_once_its_owner_signed_out() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let ana = house.signed_in("ana@example.com").await;
    let thief = ana.thief();
    assert_eq!(thief.get("/tokens").await.status, StatusCode::OK);
    ana.form("/sign-out", &[]).await;
    let answer = thief.get("/tokens").await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/sign-in?next=%2Ftokens"));
}

#[tokio::test]
async fn a_cookie_is_no_key_and_a_key_is_no_cookie() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let code = house.signed_in("ana@example.com").await.cookie("aviary").unwrap();
    let cookie = format!("aviary={code}");
    let with_cookie = [("cookie", cookie.as_str())];
    let answer = house.browser().send(Method::GET, "/api/v1/tokens", &with_cookie, Vec::new()).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "what a browser sends by itself opens no API");
    assert_eq!(house.api_as(&code).get("/tokens").await.status, StatusCode::UNAUTHORIZED);
    let with_key = format!("aviary={}", house.admin_key);
    let with_key = [("cookie", with_key.as_str())];
    let answer = house.browser().send(Method::GET, "/tokens", &with_key, Vec::new()).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}
