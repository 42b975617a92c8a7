//! What is sensitive asks for a proof of the last ten minutes.

use crate::house::{Caller, PASSWORD, TestHouse};
use app::model::{moment::MINUTE, viewer::Role};
use axum::http::{Method, StatusCode};

const PROVE: &str = "/confirm-it-is-you";

async fn admin(house: &TestHouse) -> Caller {
    house.person("ana@example.com", "", Role::Admin).await;
    house.signed_in("ana@example.com").await
}

#[tokio::test]
async fn what_was_typed_is_there_again_after_the_proof() {
    let house = TestHouse::start().await;
    let ana = admin(&house).await;
    let token = house.mint("a laptop").await;
    let (id, key) = (token["id"].as_str().unwrap(), token["access_key_id"].as_str().unwrap());
    let revoke = format!("/tokens/{id}/revoke");
    house.clock.advance(11 * MINUTE);

    let stale = ana.form(&revoke, &[("confirm", key)]).await;
    assert_eq!(stale.status, StatusCode::FORBIDDEN, "{}", stale.text);
    assert!(stale.text.contains("Confirm that it is you"), "{}", stale.text);
    assert!(stale.text.contains("action=\"/confirm-it-is-you?next=%2Ftokens%2F"), "{}", stale.text);
    assert!(stale.text.contains(&format!("name=\"confirm\" value=\"{key}\"")), "it comes along: {}", stale.text);
    assert!(house.api().get(&format!("/tokens/{id}")).await.body()["revoked_at"].is_null(), "nothing was done");

    let page = format!("{PROVE}?next=%2Ftokens%2F{id}%2Frevoke");
    let asked = ana.form(&page, &[("confirm", key)]).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.text);
    assert!(asked.text.contains(&format!("name=\"kept.confirm\" value=\"{key}\"")), "{}", asked.text);

    let typed = |password: &'static str| [("prove", "password"), ("password", password), ("kept.confirm", key)];
    let wrong = ana.form(&page, &typed("something else entirely")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("This is not your password"), "{}", wrong.text);
    assert!(!wrong.text.contains("something else entirely"), "a password is never sent back");
    assert!(wrong.text.contains(&format!("name=\"kept.confirm\" value=\"{key}\"")), "{}", wrong.text);

    let thief = ana.thief();
    let back = ana.form(&page, &typed(PASSWORD)).await;
    assert_eq!(back.status, StatusCode::OK, "{}", back.text);
    assert!(back.text.contains("It is you.") && back.text.contains("Revoke the token"), "{}", back.text);
    assert!(back.text.contains(&format!("value=\"{key}\"")), "and it is there again: {}", back.text);
    assert_ne!(ana.cookie("aviary"), thief.cookie("aviary"), "the session has another code");
    assert_eq!(thief.get("/tokens").await.status, StatusCode::SEE_OTHER, "and the former one opens nothing");

    let done = ana.form(&revoke, &[("confirm", key)]).await;
    assert_eq!(done.header("location"), format!("/tokens/{id}?done=revoked"), "{}", done.text);
}

#[tokio::test]
async fn everything_sensitive_asks_and_a_sign_in_is_a_proof_for_ten_minutes() {
    let house = TestHouse::start().await;
    let ana = admin(&house).await;
    house.person("ben@example.com", "Security", Role::Viewer).await;
    let token = house.mint("a laptop").await;
    let secret = format!("/tokens/{}/secret", token["id"].as_str().unwrap());
    // Nobody listens there; what matters is that its address is hidden.
    let chat = [("kind", "slack"), ("secret", "http://127.0.0.1:9/hooks?key=s3cret"), ("name", "Ops")];
    let made = ana.form("/destinations/new", &chat).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    let all = house.api().get("/destinations").await.body();
    let address = format!("/destinations/{}/reveal", all["items"][0]["id"].as_str().unwrap());
    let role = format!("/settings/people/{}/role", house.id_of("ben@example.com").await);

    house.clock.advance(10 * MINUTE);
    assert_eq!(ana.form(&secret, &[]).await.status, StatusCode::OK, "ten minutes are not over");
    house.clock.advance(1);
    let acts: [(&str, &[(&str, &str)]); 6] = [
        (&secret, &[]),
        (&address, &[]),
        (&role, &[("team", "Security"), ("role", "admin")]),
        ("/settings/api-keys/new", &[("name", "deploy"), ("role", "admin"), ("team", "Security")]),
        ("/settings/people/invite", &[("email", "eve@example.com"), ("team", "Security"), ("role", "viewer")]),
        (
            "/settings/providers/new",
            &[("name", "Staff"), ("issuer", "https://id.example.com"), ("client_id", "aviary")],
        ),
    ];
    for (path, fields) in acts {
        let stale = ana.form(path, fields).await;
        assert_eq!(stale.status, StatusCode::FORBIDDEN, "{path}: {}", stale.text);
        assert!(stale.text.contains("form=\"prove\"") && stale.text.contains("id=\"prove\""), "{path}: {}", stale.text);
        for (name, value) in fields {
            assert!(stale.text.contains(&format!("name=\"{name}\" value=\"{value}\"")), "{path}: {name}");
        }
    }
    assert_eq!(ana.get("/tokens").await.status, StatusCode::OK, "everything else goes on");

    let done = ana.form(&format!("{PROVE}?next=%2Ftokens"), &[("prove", "password"), ("password", PASSWORD)]).await;
    assert_eq!((done.status, done.header("location")), (StatusCode::SEE_OTHER, "/tokens?done=proven"));
    for (path, fields) in acts {
        let done = ana.form(path, fields).await;
        assert!([StatusCode::OK, StatusCode::SEE_OTHER].contains(&done.status), "{path}: {}", done.text);
    }
}

#[tokio::test]
async fn programs_are_not_asked() {
    let house = TestHouse::start().await;
    let token = house.mint("a laptop").await;
    house.clock.advance(60 * MINUTE);
    let path = format!("/tokens/{}/reveal", token["id"].as_str().unwrap());
    assert_eq!(house.api().send(Method::POST, &path, &[], Vec::new()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_proof_leads_to_no_other_site_and_is_asked_of_nobody_who_is_not_signed_in() {
    let house = TestHouse::start().await;
    let ana = admin(&house).await;
    let page = format!("{PROVE}?next=https%3A%2F%2Fevil.example.com%2F");
    let shown = ana.get(&page).await;
    assert!(!shown.text.contains("evil.example.com"), "{}", shown.text);
    let done = ana.form(&page, &[("prove", "password"), ("password", PASSWORD)]).await;
    assert_eq!(done.header("location"), "/?done=proven");
    let stranger = house.browser();
    assert!(stranger.get(PROVE).await.header("location").starts_with("/sign-in?next="));
    assert_eq!(stranger.form(PROVE, &[("prove", "password")]).await.header("location"), "/sign-in");
}
