//! While a session lasts: the provider is asked again, and what it says has consequences.

use super::{entered, is_in, provider, roles, rule, site::Refresh, site::Sign, site::Site, with_placers};
use crate::house::{Caller, TestHouse};
use app::model::{
    moment::{HOUR, MINUTE},
    viewer::{Role, Viewer},
};
use aviary::people::{persons, providers::refresh};
use axum::http::StatusCode;
use serde_json::json;
use std::sync::Arc;
use tokio::sync::Notify;

/// Lets time pass, uses the session, and lets the worker look until nothing is due.
async fn pass(house: &TestHouse, browser: &Caller, milliseconds: i64) {
    house.clock.advance(milliseconds);
    browser.get("/tokens").await;
    while refresh::run_once(&house.house).await.unwrap() > 0 {}
}

#[tokio::test]
async fn groups_that_change_are_heard_of_within_a_quarter_of_an_hour() {
    let house = TestHouse::start().await;
    let site = Site::start(&house.clock).await;
    let id = with_placers(&house, &site, &[]).await;
    rule(&house, &id, ["groups", "contains", "leads", "Security", "reviewer"]).await;
    let browser = entered(&house, &site, &id).await;
    site.says("groups", json!(["leads"]));
    pass(&house, &browser, 5 * MINUTE).await;
    assert_eq!(roles(&house, "ana@example.com").await, ["placer in Security, by Example"], "not asked yet");
    assert_eq!(site.set().refreshed, 0);
    pass(&house, &browser, 11 * MINUTE).await;
    house
        .until("the new role", async || roles(&house, "ana@example.com").await == ["reviewer in Security, by Example"])
        .await;
    // As where an admin changes a role, the session goes on with another code, and whoever has the former one is out soon.
    let thief = browser.thief();
    assert_eq!(browser.get("/tokens/new").await.status, StatusCode::FORBIDDEN);
    assert_ne!(browser.cookie("aviary"), thief.cookie("aviary"));
    house.clock.advance(2 * MINUTE);
    assert!(is_in(&browser).await && !is_in(&thief).await);
    for _ in 0..3 {
        // Each refresh token is good once: the new one was kept.
        pass(&house, &browser, 16 * MINUTE).await;
        house.until("the session to go on", async || is_in(&browser).await).await;
    }
    assert!(site.set().refreshed >= 4);

    site.says("groups", json!([]));
    pass(&house, &browser, 16 * MINUTE).await;
    house.until("the session to end", async || !is_in(&browser).await).await;
    assert_eq!(roles(&house, "ana@example.com").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_session_that_is_not_used_is_not_asked_about() {
    let house = TestHouse::start().await;
    let site = Site::start(&house.clock).await;
    let id = with_placers(&house, &site, &[]).await;
    let browser = entered(&house, &site, &id).await;
    pass(&house, &browser, 16 * MINUTE).await;
    house.until("the first refresh", async || site.set().refreshed == 1).await;
    for _ in 0..4 {
        house.clock.advance(HOUR);
        refresh::run_once(&house.house).await.unwrap();
    }
    assert_eq!(site.set().refreshed, 1);
    pass(&house, &browser, MINUTE).await;
    house.until("another one, as soon as it is used", async || site.set().refreshed == 2).await;
}

#[tokio::test]
async fn a_grant_that_is_over_ends_the_session() {
    let house = TestHouse::start().await;
    let site = Site::start(&house.clock).await;
    let id = with_placers(&house, &site, &[]).await;
    let browser = entered(&house, &site, &id).await;
    site.set().refresh = Refresh::Gone;
    pass(&house, &browser, 16 * MINUTE).await;
    house.until("the session to end", async || !is_in(&browser).await).await;
    let audit = super::admin(&house).await.get("/settings/audit").await.text;
    assert!(audit.contains("the provider ended it"), "{audit}");
}

/// The provider is asked, and before it answers the session gets another code.
async fn changed_meanwhile(house: &TestHouse, site: &Site, browser: &Caller, answer: Refresh) {
    let hold = Arc::new(Notify::new());
    site.set().hold = Some(Arc::clone(&hold));
    site.set().refresh = answer;
    house.clock.advance(16 * MINUTE);
    browser.get("/tokens").await;
    let before = site.set().refreshed;
    let asking = tokio::spawn({
        let house = Arc::clone(&house.house);
        async move { refresh::run_once(&house).await.unwrap() }
    });
    house.until("the question", async || site.set().refreshed > before).await;
    let (system, ana) = (Viewer::system("test"), house.id_of("ana@example.com").await);
    let role = if before.is_multiple_of(2) { Role::Reviewer } else { Role::Viewer };
    persons::set_role(&house.house, &system, &ana, "Security", Some(role)).await.unwrap();
    let code = browser.cookie("aviary");
    assert!(is_in(browser).await);
    assert_ne!(browser.cookie("aviary"), code, "the session has another code");
    site.set().hold = None;
    hold.notify_one();
    asking.await.unwrap();
}

#[tokio::test]
async fn an_answer_finds_the_session_although_its_code_changed_meanwhile() {
    let house = TestHouse::start().await;
    let site = Site::start(&house.clock).await;
    let id = with_placers(&house, &site, &[]).await;
    let browser = entered(&house, &site, &id).await;
    changed_meanwhile(&house, &site, &browser, Refresh::Good).await;
    for _ in 0..2 {
        // Each refresh token is good once: had the new one been lost, the provider would refuse the old one now.
        let before = site.set().refreshed;
        pass(&house, &browser, 16 * MINUTE).await;
        house.until("the next question", async || site.set().refreshed > before).await;
        house.until("the session to go on", async || is_in(&browser).await).await;
    }
    changed_meanwhile(&house, &site, &browser, Refresh::Gone).await;
    assert!(!is_in(&browser).await, "what the provider ended is over, whatever its code is");
}

#[tokio::test]
async fn an_answer_that_is_a_lie_ends_the_session() {
    for lie in ["signature", "subject"] {
        let house = TestHouse::start().await;
        let site = Site::start(&house.clock).await;
        let id = with_placers(&house, &site, &[]).await;
        let browser = entered(&house, &site, &id).await;
        match lie {
            "signature" => site.set().sign = Sign::OtherKey,
            _ => site.says("sub", json!("somebody-else")),
        }
        pass(&house, &browser, 16 * MINUTE).await;
        house.until(lie, async || !is_in(&browser).await).await;
    }
}

#[tokio::test]
async fn a_provider_that_is_away_is_forgiven_for_four_hours() {
    let house = TestHouse::start().await;
    let site = Site::start(&house.clock).await;
    let id = with_placers(&house, &site, &[]).await;
    let browser = entered(&house, &site, &id).await;
    site.set().refresh = Refresh::Down;
    for _ in 0..12 {
        pass(&house, &browser, 16 * MINUTE).await;
        assert!(is_in(&browser).await);
    }
    let asked = site.set().refreshed;
    assert!((12..60).contains(&asked), "asked {asked} times, with growing waits");
    site.set().refresh = Refresh::Good;
    pass(&house, &browser, 16 * MINUTE).await;
    assert!(is_in(&browser).await, "it is back, and so is the patience");
    site.set().refresh = Refresh::Down;
    for _ in 0..17 {
        pass(&house, &browser, 16 * MINUTE).await;
    }
    house.until("the end of the patience", async || !is_in(&browser).await).await;
}

#[tokio::test]
async fn without_a_way_to_ask_again_a_session_lasts_half_a_day() {
    let house = TestHouse::start().await;
    let site = Site::start(&house.clock).await;
    site.set().gives_refresh = false;
    let id = with_placers(&house, &site, &[]).await;
    let browser = entered(&house, &site, &id).await;
    for _ in 0..11 {
        pass(&house, &browser, HOUR).await;
        assert!(is_in(&browser).await);
    }
    pass(&house, &browser, 61 * MINUTE).await;
    house.until("the session to end", async || !is_in(&browser).await).await;
}

#[tokio::test]
async fn switching_a_provider_off_ends_what_came_through_it() {
    let house = TestHouse::start().await;
    let site = Site::start(&house.clock).await;
    let id = provider(&house, &site, &[("strangers", "role"), ("team", ""), ("role", "viewer")]).await;
    let browser = entered(&house, &site, &id).await;
    let fields = [
        ("name", "Example"),
        ("issuer", site.url.as_str()),
        ("client_id", super::site::CLIENT),
        ("strangers", "role"),
        ("role", "viewer"),
    ];
    let saved = super::admin(&house).await.form(&format!("/settings/providers/{id}/edit"), &fields).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    assert_eq!(house.browser().get(&format!("/oidc/{id}/begin")).await.status, StatusCode::NOT_FOUND);
    pass(&house, &browser, 16 * MINUTE).await;
    house.until("the session to end", async || !is_in(&browser).await).await;
}
