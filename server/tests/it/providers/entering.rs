//! Coming in: who that is here, and with which roles.

use super::{
    admin, entered, go, provider, roles, rule, sign_in,
    site::{Algorithm, SUBJECT, Site},
    with_placers,
};
use crate::house::TestHouse;
use app::model::viewer::{Role, Viewer};
use aviary::people::persons;
use axum::http::StatusCode;
use serde_json::{Value, json};

#[tokio::test]
async fn people_come_in_with_the_roles_that_follow_from_their_groups() {
    let house = TestHouse::start().await;
    let site = Site::start(&house.clock).await;
    let id = with_placers(&house, &site, &[]).await;
    let browser = entered(&house, &site, &id).await;
    assert_eq!(roles(&house, "ana@example.com").await, ["placer in Security, by Example"]);
    assert_eq!(browser.get("/tokens/new").await.status, StatusCode::OK);
    assert_eq!(browser.get("/settings/people").await.status, StatusCode::FORBIDDEN, "no more than the rules say");
    assert!(browser.get("/settings").await.text.contains("By the rules for Example"));
    let people = admin(&house).await.get("/settings/people").await.text;
    assert!(people.contains("by the rules for Example"), "{people}");
    let audit = admin(&house).await.get("/settings/audit").await.text;
    assert!(audit.contains("through Example") && audit.contains("placer in Security"), "{audit}");

    site.says("groups", json!(["all"]));
    let answer = sign_in(&house.browser(), &site, &id).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text.contains("nothing that it says gives you a role here"), "{}", answer.text);
    assert_eq!(roles(&house, "ana@example.com").await, Vec::<String>::new());
    assert_eq!(browser.get("/tokens/new").await.status, StatusCode::FORBIDDEN, "what is gone is gone everywhere");
}

#[tokio::test]
async fn every_signature_that_a_public_key_proves_is_taken() {
    for algorithm in [Algorithm::EdDsa, Algorithm::Rs256, Algorithm::Ps256] {
        let house = TestHouse::start().await;
        let site = Site::signing(&house.clock, algorithm).await;
        let id = with_placers(&house, &site, &[]).await;
        let answer = sign_in(&house.browser(), &site, &id).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{algorithm:?}: {}", answer.text);
    }
}

#[tokio::test]
async fn roles_that_were_given_by_hand_stay() {
    let house = TestHouse::start().await;
    let site = Site::start(&house.clock).await;
    let id = with_placers(&house, &site, &[]).await;
    entered(&house, &site, &id).await;
    let system = Viewer::system("test");
    let ana = house.id_of("ana@example.com").await;
    persons::set_role(&house.house, &system, &ana, "Security", Some(Role::Reviewer)).await.unwrap();
    assert_eq!(
        roles(&house, "ana@example.com").await,
        ["reviewer in Security, by hand", "placer in Security, by Example"]
    );
    site.says("groups", json!([]));
    entered(&house, &site, &id).await;
    assert_eq!(roles(&house, "ana@example.com").await, ["reviewer in Security, by hand"]);
}

#[tokio::test]
async fn strangers_come_in_as_an_admin_decided() {
    let house = TestHouse::start().await;
    let site = Site::start(&house.clock).await;
    let id = provider(&house, &site, &[("strangers", "refuse")]).await;
    let out = sign_in(&house.browser(), &site, &id).await;
    assert_eq!(out.status, StatusCode::FORBIDDEN);
    assert!(out.text.contains("you have no account here"), "{}", out.text);
    let people = persons::list(&house.house, &Viewer::system("test")).await.unwrap();
    assert!(people.iter().all(|person| person.email != "ana@example.com"), "nobody was made");

    let usual = [("name", "Usual"), ("strangers", "role"), ("team", "Security"), ("role", "viewer")];
    let id = provider(&house, &site, &usual).await;
    entered(&house, &site, &id).await;
    assert_eq!(roles(&house, "ana@example.com").await, ["viewer in Security, by Usual"]);
    rule(&house, &id, ["groups", "prefix", "plac", "", "reviewer"]).await;
    entered(&house, &site, &id).await;
    assert_eq!(roles(&house, "ana@example.com").await, ["reviewer in all, by Usual"], "a rule that fits says enough");
}

#[tokio::test]
async fn an_address_counts_only_if_it_is_verified() {
    let house = TestHouse::start().await;
    let site = Site::start(&house.clock).await;
    let id = with_placers(&house, &site, &[]).await;
    for verified in [json!(false), Value::Null] {
        site.says("email_verified", verified);
        let out = sign_in(&house.browser(), &site, &id).await;
        assert_eq!(out.status, StatusCode::FORBIDDEN);
        assert!(out.text.contains("has not verified"), "{}", out.text);
    }
    site.says("email", Value::Null);
    let out = sign_in(&house.browser(), &site, &id).await;
    assert!(out.text.contains("does not say which mail address is yours"), "{}", out.text);
    site.says("email", json!("ana"));
    site.says("email_verified", json!(true));
    let out = sign_in(&house.browser(), &site, &id).await;
    assert!(out.text.contains("none that works"), "{}", out.text);

    site.says("upn", json!("Ana@Example.com"));
    let trusting = [("name", "Trusting"), ("email_claim", "upn"), ("trust_unverified", "on")];
    let id = with_placers(&house, &site, &trusting).await;
    entered(&house, &site, &id).await;
    assert_eq!(roles(&house, "ana@example.com").await, ["placer in Security, by Trusting"]);
}

#[tokio::test]
async fn an_account_that_is_here_belongs_to_nobody_from_elsewhere() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let site = Site::start(&house.clock).await;
    let id = with_placers(&house, &site, &[("trust_unverified", "on")]).await;
    let browser = house.browser();
    let out = sign_in(&browser, &site, &id).await;
    assert_eq!(out.status, StatusCode::FORBIDDEN);
    assert!(out.text.contains("There is an account for ana@example.com here already"), "{}", out.text);
    assert_eq!(browser.get("/tokens").await.status, StatusCode::SEE_OTHER, "and nobody is signed in");

    let ours = [("name", "Ours"), ("owns_addresses", "on"), ("trust_unverified", "on")];
    let id = with_placers(&house, &site, &ours).await;
    site.says("email_verified", json!(false));
    let out = sign_in(&house.browser(), &site, &id).await;
    assert_eq!(out.status, StatusCode::FORBIDDEN, "to be somebody takes a verified address, whatever else is trusted");
    site.says("email_verified", json!(true));
    let browser = entered(&house, &site, &id).await;
    assert_eq!(browser.get("/settings/people").await.status, StatusCode::OK, "the admin's own role");
    assert_eq!(roles(&house, "ana@example.com").await, ["admin in all, by hand", "placer in Security, by Ours"]);
}

#[tokio::test]
async fn roles_of_a_provider_hold_in_its_own_sessions_alone() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "Security", Role::Viewer).await;
    let site = Site::start(&house.clock).await;
    let id = with_placers(&house, &site, &[("owns_addresses", "on")]).await;
    let through = entered(&house, &site, &id).await;
    assert_eq!(through.get("/tokens/new").await.status, StatusCode::OK);
    let password = house.signed_in("ana@example.com").await;
    assert_eq!(password.get("/tokens").await.status, StatusCode::OK);
    assert_eq!(
        password.get("/tokens/new").await.status,
        StatusCode::FORBIDDEN,
        "nobody asked the provider about this one"
    );
}

#[tokio::test]
async fn an_account_that_is_switched_off_stays_out() {
    let house = TestHouse::start().await;
    let site = Site::start(&house.clock).await;
    let id = with_placers(&house, &site, &[]).await;
    let browser = entered(&house, &site, &id).await;
    let system = Viewer::system("test");
    admin(&house).await;
    let ana = house.id_of("ana@example.com").await;
    persons::set_disabled(&house.house, &system, &ana, true).await.unwrap();
    assert_eq!(browser.get("/tokens").await.status, StatusCode::SEE_OTHER);
    let out = sign_in(&house.browser(), &site, &id).await;
    assert_eq!(out.status, StatusCode::FORBIDDEN);
    assert!(out.text.contains("Your account here is switched off"), "{}", out.text);
}

#[tokio::test]
async fn whoever_has_to_prove_anew_who_they_are_is_asked_again() {
    let house = TestHouse::start().await;
    let site = Site::start(&house.clock).await;
    let id = with_placers(&house, &site, &[]).await;
    let again = async |browser: &crate::house::Caller| {
        let begun = browser.get(&format!("/oidc/{id}/begin?fresh=1&next=/tokens")).await;
        let there = crate::house::Caller::at(&site.url).get(&super::path_of(begun.header("location"))).await;
        browser.get(&super::path_of(there.header("location"))).await
    };
    // The provider knew them for an hour: coming in by that shows nobody that it is them.
    let browser = entered(&house, &site, &id).await;
    let token = house.mint("a laptop").await;
    let revoke = format!("/tokens/{}/revoke", token["id"].as_str().unwrap());
    let confirm = [("confirm", token["access_key_id"].as_str().unwrap())];
    let stale = browser.form(&revoke, &confirm).await;
    assert_eq!(stale.status, StatusCode::FORBIDDEN, "{}", stale.text);
    assert!(stale.text.contains("Confirm that it is you"), "{}", stale.text);
    let answer = again(&browser).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let done = browser.form(&revoke, &confirm).await;
    assert!(done.header("location").ends_with("?done=revoked"), "{}", done.text);
    let before = house.clock_now().0 / 1_000 - 600;
    for lie in [json!(before), Value::Null] {
        site.says("auth_time", lie.clone());
        let answer = again(&house.browser()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{lie}");
        assert!(answer.text.contains("did not ask again who you are"), "{}", answer.text);
    }
}

#[tokio::test]
async fn a_provider_that_is_away_closes_its_own_door_alone() {
    let house = TestHouse::start().await;
    let site = Site::start(&house.clock).await;
    let id = with_placers(&house, &site, &[]).await;
    site.set().down = true;
    let answer = house.browser().get(&format!("/oidc/{id}/begin")).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.text.contains("Example does not answer just now"), "{}", answer.text);
    assert!(answer.text.contains("href=\"/sign-in\"") && answer.text.contains(&format!("/oidc/{id}/begin")));
    assert!(!answer.text.contains("127.0.0.1"), "what is wrong there is for admins");
    admin(&house).await;

    site.set().down = false;
    let browser = house.browser();
    let back = go(&browser, &site, &id).await;
    site.set().down = true;
    let answer = browser.get(&back).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text);
    site.set().down = false;
    entered(&house, &site, &id).await;
    assert_eq!(house.browser().get("/oidc/nowhere/begin").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn somebody_is_known_by_their_subject_whatever_their_address() {
    let house = TestHouse::start().await;
    let site = Site::start(&house.clock).await;
    let id = with_placers(&house, &site, &[]).await;
    entered(&house, &site, &id).await;
    site.says("email", json!("ana.new@example.com"));
    site.says("email_verified", json!(false));
    entered(&house, &site, &id).await;
    let known = persons::list(&house.house, &Viewer::system("test")).await.unwrap();
    assert!(known.iter().any(|person| person.email == "ana@example.com"));
    assert!(known.iter().all(|person| person.email != "ana.new@example.com"));

    site.says("sub", json!("subject-2"));
    site.says("email", json!("ana@example.com"));
    site.says("email_verified", json!(true));
    let out = sign_in(&house.browser(), &site, &id).await;
    assert_eq!(out.status, StatusCode::FORBIDDEN, "the same address is not the same person as {SUBJECT}");
}
