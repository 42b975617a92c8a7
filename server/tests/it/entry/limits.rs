//! How often somebody may try. A proxy that is trusted says from where each try comes.

use crate::house::{Answer, PASSWORD, TestHouse};
use app::model::{moment::SECOND, viewer::Role};
use axum::http::{Method, StatusCode};

async fn house() -> TestHouse {
    let house = TestHouse::with(&[("AVIARY_TRUSTED_PROXIES", "127.0.0.1")]).await;
    house.person("ana@example.com", "", Role::Admin).await;
    house
}

/// Somebody signs in from this address, in a browser that was never here before.
async fn try_from(house: &TestHouse, address: &str, password: &str) -> Answer {
    let fields = [("email", "ana@example.com"), ("password", password)];
    house.browser().form_with("/sign-in", &fields, &[("x-forwarded-for", address)]).await
}

#[tokio::test]
async fn whoever_guesses_waits_and_is_told_for_how_long_and_nobody_else_does() {
    let house = house().await;
    for _ in 0..5 {
        assert_eq!(try_from(&house, "203.0.113.7", "wrong wrong wrong").await.status, StatusCode::UNAUTHORIZED);
    }
    let waits = try_from(&house, "203.0.113.7", PASSWORD).await;
    assert_eq!((waits.status, waits.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "30"));
    assert!(waits.text.contains("Too many tries. Try again in 30 seconds."), "{}", waits.text);
    assert!(waits.text.contains("ana@example.com") && !waits.text.contains(PASSWORD), "what was typed is kept");

    // What the guesser says of whom they speak for is not believed.
    let chain = try_from(&house, "198.51.100.1, 203.0.113.7", PASSWORD).await;
    assert_eq!(chain.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        try_from(&house, "198.51.100.1", PASSWORD).await.status,
        StatusCode::SEE_OTHER,
        "the owner is elsewhere"
    );

    house.clock.advance(29 * SECOND);
    assert_eq!(try_from(&house, "203.0.113.7", PASSWORD).await.header("retry-after"), "1");
    house.clock.advance(SECOND);
    assert_eq!(try_from(&house, "203.0.113.7", "wrong wrong wrong").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(try_from(&house, "203.0.113.7", PASSWORD).await.header("retry-after"), "60", "twice as long");
    house.clock.advance(60 * SECOND);
    assert_eq!(try_from(&house, "203.0.113.7", PASSWORD).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn many_who_guess_together_keep_strangers_waiting_and_not_a_browser_that_was_here() {
    let house = house().await;
    let known = house.signed_in("ana@example.com").await;
    known.form("/sign-out", &[]).await;
    for n in 0..20 {
        let wrong = try_from(&house, &format!("203.0.113.{n}"), "wrong wrong wrong").await;
        assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    }
    let stranger = try_from(&house, "198.51.100.1", PASSWORD).await;
    assert_eq!((stranger.status, stranger.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "1"));

    // A mark is for one address, and nobody can make one.
    let fields = [("email", "ana@example.com"), ("password", PASSWORD)];
    let mark = known.cookie("aviary-known").unwrap();
    let (at, seal) = mark.split_once('.').unwrap();
    let later = at.parse::<i64>().unwrap() + 1;
    for forged in [format!("{at}.{}", "0".repeat(seal.len())), format!("{later}.{seal}"), "x".to_owned()] {
        let cookie = format!("aviary-known={forged}");
        let headers = [("x-forwarded-for", "198.51.100.2"), ("cookie", cookie.as_str())];
        let refused = house.browser().form_with("/sign-in", &fields, &headers).await;
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{forged}");
    }

    let again = known.form_with("/sign-in", &fields, &[("x-forwarded-for", "198.51.100.1")]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.text);
}

#[tokio::test]
async fn a_mailbox_is_not_flooded_with_links_whoever_has_it() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    for email in ["ana@example.com", "nobody@example.com"] {
        for _ in 0..3 {
            assert_eq!(house.browser().form("/forgot", &[("email", email)]).await.status, StatusCode::SEE_OTHER);
        }
        let more = house.browser().form("/forgot", &[("email", email)]).await;
        assert_eq!((more.status, more.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "60"), "{}", more.text);
    }
}

#[tokio::test]
async fn links_cannot_be_tried_out() {
    let house = TestHouse::start().await;
    for n in 0..30 {
        let wrong = house.browser().form(&format!("/confirm/guess-{n}"), &[]).await;
        assert_eq!(wrong.status, StatusCode::NOT_FOUND);
    }
    let more = house.browser().form("/confirm/guess", &[]).await;
    assert_eq!((more.status, more.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "10"));
}

#[tokio::test]
async fn nobody_carries_every_secret_away_at_once() {
    let house = TestHouse::start().await;
    let token = house.mint("a laptop").await;
    let path = format!("/tokens/{}/reveal", token["id"].as_str().unwrap());
    for _ in 0..30 {
        assert_eq!(house.api().send(Method::POST, &path, &[], Vec::new()).await.status, StatusCode::OK);
    }
    let more = house.api().send(Method::POST, &path, &[], Vec::new()).await;
    assert_eq!((more.status, more.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "5"));
    assert_eq!(more.body()["title"], "Too many requests");
    house.clock.advance(5 * SECOND);
    assert_eq!(house.api().send(Method::POST, &path, &[], Vec::new()).await.status, StatusCode::OK);
}
