//! Coming in: the set-up link, signing in, invitations, roles, sessions.

mod factors;
mod fresh;
mod limits;
mod links;
mod passkeys;
mod proxies;
mod reset;
mod sessions;

use crate::house::{PASSWORD, TestHouse};
use app::model::viewer::{Role, Viewer};
use aviary::people::entry;
use axum::http::{Method, StatusCode};

#[tokio::test]
async fn the_set_up_link_makes_the_first_admin_once() {
    let house = TestHouse::start().await;
    let code = entry::setup_code(&house.house).await.unwrap().unwrap();
    let browser = house.browser();
    let page = format!("/setup/{code}");
    assert_eq!(browser.get(&page).await.status, StatusCode::OK);

    let short = browser.form(&page, &[("email", "ana@example.com"), ("password", "short"), ("team", "Blue")]).await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(short.text.contains("at least 12 characters"), "{}", short.text);
    assert!(short.text.contains("ana@example.com"), "what was typed is kept");
    assert!(!short.text.contains("value=\"short\""), "but never the password");

    let done = browser.form(&page, &[("email", "Ana@Example.com"), ("password", PASSWORD), ("team", "Blue")]).await;
    assert_eq!((done.status, done.header("location")), (StatusCode::SEE_OTHER, "/"));
    let cookie = done.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    assert_eq!(browser.get("/settings/people").await.status, StatusCode::OK);

    let again =
        house.browser().form(&page, &[("email", "eve@example.com"), ("password", PASSWORD), ("team", "x")]).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
    let teams = aviary::people::teams::list(&house.house, &Viewer::system("test")).await.unwrap();
    assert_eq!(teams.iter().map(|team| team.name.as_str()).collect::<Vec<_>>(), ["Blue"], "the first team, renamed");
    assert!(entry::setup_code(&house.house).await.unwrap().is_none(), "with an admin there is no set-up link any more");
}

#[tokio::test]
async fn signing_in_says_the_same_for_a_wrong_password_and_an_unknown_address() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let wrong =
        house.browser().form("/sign-in", &[("email", "ana@example.com"), ("password", "wrong wrong wrong")]).await;
    let unknown =
        house.browser().form("/sign-in", &[("email", "nobody@example.com"), ("password", "wrong wrong wrong")]).await;
    assert_eq!((wrong.status, unknown.status), (StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED));
    let said = |text: &str| text.contains("The address or the password is not right.");
    assert!(said(&wrong.text) && said(&unknown.text), "{}", wrong.text);

    for _ in 0..4 {
        house.browser().form("/sign-in", &[("email", "ana@example.com"), ("password", "wrong wrong wrong")]).await;
    }
    let rests = house.browser().form("/sign-in", &[("email", "ana@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(rests.status, StatusCode::TOO_MANY_REQUESTS, "after five wrong ones even the right one has to wait");
    house.clock.advance(31 * 1_000);
    house.signed_in("ana@example.com").await;
}

#[tokio::test]
async fn a_session_ends_by_signing_out_and_when_it_was_idle() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let browser = house.signed_in("ana@example.com").await;
    assert_eq!(browser.get("/tokens").await.status, StatusCode::OK);
    let other = house.signed_in("ana@example.com").await;
    browser.form("/sign-out", &[]).await;
    let turned_away = browser.get("/tokens?state=armed").await;
    assert_eq!(turned_away.status, StatusCode::SEE_OTHER);
    assert_eq!(turned_away.header("location"), "/sign-in?next=%2Ftokens%3Fstate%3Darmed");
    assert_eq!(other.get("/tokens").await.status, StatusCode::OK);
    house.clock.advance(8 * 24 * 3_600 * 1_000);
    assert_eq!(other.get("/tokens").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_invitation_gives_the_role_in_the_team_and_nothing_else() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let admin = house.signed_in("ana@example.com").await;
    let invited = admin
        .form("/settings/people/invite", &[("email", "ben@example.com"), ("team", "Security"), ("role", "viewer")])
        .await;
    assert_eq!(invited.status, StatusCode::OK, "{}", invited.text);
    let link = invited.link("/join/");

    let ben = house.browser();
    assert!(ben.get(&link).await.text.contains("ben@example.com"));
    assert_eq!(ben.form(&link, &[("password", PASSWORD)]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(ben.get("/tokens").await.status, StatusCode::OK);
    assert_eq!(ben.get("/settings/people").await.status, StatusCode::FORBIDDEN);
    let minted = ben.form("/tokens/new", &[("location", "somewhere"), ("team", "Security")]).await;
    assert_eq!(minted.status, StatusCode::FORBIDDEN);
    assert_eq!(house.browser().get(&link).await.status, StatusCode::NOT_FOUND, "a link is good once");
}

#[tokio::test]
async fn the_last_admin_cannot_be_taken_away() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let admin = house.signed_in("ana@example.com").await;
    let me = admin.get("/settings/people").await.text;
    let at = me.find("/settings/people/").map(|_| ()).is_some();
    assert!(at);
    let people =
        aviary::people::persons::list(&house.house, &app::model::viewer::Viewer::system("test")).await.unwrap();
    let path = format!("/settings/people/{}/disable", people[0].id);
    assert_eq!(admin.form(&path, &[]).await.status, StatusCode::CONFLICT);
    assert_eq!(admin.get("/").await.status, StatusCode::OK, "and the session goes on");
}

#[tokio::test]
async fn another_site_cannot_post_and_every_answer_carries_its_headers() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let browser = house.signed_in("ana@example.com").await;
    let form = b"location=x".to_vec();
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "cross-site")];
    assert_eq!(browser.send(Method::POST, "/tokens/new", &headers, form.clone()).await.status, StatusCode::FORBIDDEN);
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", "https://evil.example.com")];
    assert_eq!(browser.send(Method::POST, "/call/tokens", &headers, form).await.status, StatusCode::FORBIDDEN);

    let page = browser.get("/tokens").await;
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'nonce-") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("unsafe-inline"), "{policy}");
    assert_eq!(page.header("referrer-policy"), "same-origin");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!(page.header("cache-control"), "no-store");
    for path in ["/healthz", "/readyz", "/nowhere", "/api/v1/openapi.json"] {
        assert!(
            house.browser().get(path).await.header("content-security-policy").contains("frame-ancestors 'none'"),
            "{path}"
        );
    }
}
