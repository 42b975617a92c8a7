//! Signing in through providers: one of the test's own that can also lie, and Cognito as an emulator plays it.

mod cognito;
mod entering;
mod lasting;
mod leaving;
mod refusals;
mod settings;
mod site;

use crate::house::{Answer, Caller, TestHouse};
use axum::http::StatusCode;
use site::Site;

/// Adds the provider, switched on, with these fields besides; its identifier.
async fn provider(house: &TestHouse, site: &Site, more: &[(&str, &str)]) -> String {
    let mut fields = vec![
        ("name", "Example"),
        ("kind", "generic"),
        ("issuer", site.url.as_str()),
        ("client_id", site::CLIENT),
        ("client_secret", site::SECRET),
        ("strangers", "rules"),
        ("enabled", "on"),
    ];
    for &(name, value) in more {
        fields.retain(|(known, _)| *known != name);
        if !value.is_empty() {
            fields.push((name, value));
        }
    }
    let admin = admin(house).await;
    let added = admin.form("/settings/providers/new", &fields).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.text);
    added.header("location").trim_start_matches("/settings/providers/").split('?').next().unwrap().to_owned()
}

/// Whether somebody is signed in.
async fn is_in(browser: &Caller) -> bool {
    browser.get("/tokens").await.status == StatusCode::OK
}

/// Somebody who manages the house.
async fn admin(house: &TestHouse) -> Caller {
    let known = aviary::people::persons::list(&house.house, &app::model::viewer::Viewer::system("test")).await.unwrap();
    if !known.iter().any(|person| person.email == "admin@example.com") {
        house.person("admin@example.com", "", app::model::viewer::Role::Admin).await;
    }
    house.signed_in("admin@example.com").await
}

/// Adds a rule.
async fn rule(house: &TestHouse, provider: &str, fields: [&str; 5]) {
    let [claim, comparison, value, team, role] = fields;
    let fields = [("claim", claim), ("comparison", comparison), ("value", value), ("team", team), ("role", role)];
    let added = admin(house).await.form(&format!("/settings/providers/{provider}/rules"), &fields).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.text);
}

/// A provider whose placers may place in the team Security.
async fn with_placers(house: &TestHouse, site: &Site, more: &[(&str, &str)]) -> String {
    let id = provider(house, site, more).await;
    rule(house, &id, ["groups", "contains", "placers", "Security", "placer"]).await;
    id
}

/// The part of an address behind its host.
fn path_of(url: &str) -> String {
    let url = url::Url::parse(url).unwrap();
    format!("{}?{}", url.path(), url.query().unwrap_or_default())
}

/// Goes to the provider and comes back with its answer, not yet handed in: the path.
async fn go(browser: &Caller, site: &Site, provider: &str) -> String {
    let begun = browser.get(&format!("/oidc/{provider}/begin?next=%2Ftokens")).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.text);
    assert!(begun.header("location").starts_with(&site.url), "{}", begun.header("location"));
    let there = Caller::at(&site.url).get(&path_of(begun.header("location"))).await;
    assert_eq!(there.status, StatusCode::FOUND, "{}", there.text);
    path_of(there.header("location"))
}

/// Signs in; the answer to the way back.
async fn sign_in(browser: &Caller, site: &Site, provider: &str) -> Answer {
    let back = go(browser, site, provider).await;
    browser.get(&back).await
}

/// Signs in, and expects to be let in.
async fn entered(house: &TestHouse, site: &Site, provider: &str) -> Caller {
    let browser = house.browser();
    let answer = sign_in(&browser, site, provider).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/tokens"), "{}", answer.text);
    browser
}

/// The roles of somebody, as words.
async fn roles(house: &TestHouse, email: &str) -> Vec<String> {
    let people =
        aviary::people::persons::list(&house.house, &app::model::viewer::Viewer::system("test")).await.unwrap();
    let person = people.into_iter().find(|person| person.email == email).unwrap_or_else(|| panic!("no {email}"));
    let says = |one: &app::model::person::Membership| {
        format!(
            "{} in {}, by {}",
            one.role.word(),
            one.team.as_deref().unwrap_or("all"),
            one.from.as_deref().unwrap_or("hand")
        )
    };
    person.memberships.iter().map(says).collect()
}
