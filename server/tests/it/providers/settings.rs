//! The settings of providers, for admins.

use super::{
    admin, entered, is_in, provider, rule,
    site::{CLIENT, SECRET, Sign, Site},
    with_placers,
};
use crate::house::TestHouse;
use app::model::viewer::Role;
use axum::http::StatusCode;
use serde_json::json;

#[tokio::test]
async fn a_form_that_is_wrong_names_each_field_and_shows_no_secret() {
    let house = TestHouse::start().await;
    let admin = admin(&house).await;
    let fields = [
        ("name", ""),
        ("issuer", "http://id.example.com"),
        ("client_id", ""),
        ("client_secret", "do-not-show-this"),
        ("strangers", "role"),
        ("role", "root"),
    ];
    let refused = admin.form("/settings/providers/new", &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for id in ["#name", "#issuer", "#client_id", "#role"] {
        assert!(refused.text.contains(&format!("href=\"{id}\"")), "{id}: {}", refused.text);
    }
    assert!(!refused.text.contains("do-not-show-this"));
}

#[tokio::test]
async fn a_provider_shows_what_to_register_and_keeps_its_secret() {
    let house = TestHouse::start().await;
    let site = Site::start(&house.clock).await;
    let id = with_placers(&house, &site, &[]).await;
    let admin = admin(&house).await;
    let page = admin.get(&format!("/settings/providers/{id}")).await;
    for address in ["callback", "back-channel"] {
        assert!(page.text.contains(&format!("{}/oidc/{id}/{address}", house.url)), "{address}: {}", page.text);
    }
    assert!(page.text.contains("Kept, sealed") && page.text.contains("Not tested yet"), "{}", page.text);
    for path in ["", "/edit", "/rules", "/try", "/remove"] {
        let page = admin.get(&format!("/settings/providers/{id}{path}")).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text);
        assert!(!page.text.contains(SECRET), "{path}");
    }
    // Saved without a secret, the old one stays and still works.
    let fields = [
        ("name", "Renamed"),
        ("issuer", site.url.as_str()),
        ("client_id", CLIENT),
        ("strangers", "rules"),
        ("enabled", "on"),
    ];
    let saved = admin.form(&format!("/settings/providers/{id}/edit"), &fields).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    entered(&house, &site, &id).await;

    let moved = [("issuer", "https://id.example.com"), ("name", "Renamed"), ("client_id", CLIENT)];
    let refused = admin.form(&format!("/settings/providers/{id}/edit"), &moved).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "its subjects would be other people");
    assert!(refused.text.contains("people have come from this issuer already"), "{}", refused.text);
    let twice = admin.form("/settings/providers/new", &fields).await;
    assert!(
        twice.text.contains("there is a provider of this name already")
            || twice.text.contains("There is a provider of this name already"),
        "{}",
        twice.text
    );
}

#[tokio::test]
async fn a_test_says_what_the_provider_answers() {
    let house = TestHouse::start().await;
    let site = Site::start(&house.clock).await;
    let id = provider(&house, &site, &[]).await;
    let admin = admin(&house).await;
    let test = async || {
        let tested = admin.form(&format!("/settings/providers/{id}/test"), &[]).await;
        assert_eq!(tested.status, StatusCode::SEE_OTHER, "{}", tested.text);
        admin.get(&format!("/settings/providers/{id}")).await.text
    };
    let page = test().await;
    for words in
        ["Read at http://127.0.0.1:", "One, at http://127.0.0.1:", "ES256.", "S256.", "With a secret", "Goes on to"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    site.set().issuer = "https://id.example.com".into();
    let page = test().await;
    assert!(page.contains("is the configuration of the issuer https://id.example.com"), "{page}");
    site.set().down = true;
    let page = test().await;
    assert!(page.contains("answers 503"), "{page}");
    let list = admin.get("/settings/providers").await.text;
    assert!(list.contains("Broken"), "{list}");
}

#[tokio::test]
async fn a_provider_in_a_private_network_has_to_be_named_by_the_operator() {
    let house = TestHouse::with(&[("AVIARY_ALLOW_PRIVATE_PROVIDERS", "")]).await;
    let admin = admin(&house).await;
    let fields = [("name", "Inside"), ("issuer", "https://127.0.0.1:1"), ("client_id", "x"), ("enabled", "on")];
    let added = admin.form("/settings/providers/new", &fields).await;
    let at = added.header("location").split('?').next().unwrap().to_owned();
    admin.form(&format!("{at}/test"), &[]).await;
    let page = admin.get(&at).await.text;
    assert!(page.contains("AVIARY_ALLOW_PRIVATE_PROVIDERS=127.0.0.1"), "{page}");
    // Webhooks may go there in this house; that opens nothing for providers, and the other way round.
    assert!(!page.contains("AVIARY_ALLOW_PRIVATE_WEBHOOKS"), "{page}");
}

#[tokio::test]
async fn rules_are_ordered_and_can_be_tried_out() {
    let house = TestHouse::start().await;
    let site = Site::start(&house.clock).await;
    let id = provider(&house, &site, &[]).await;
    rule(&house, &id, ["groups", "contains", "all", "Security", "viewer"]).await;
    rule(&house, &id, ["groups", "contains", "placers", "Security", "placer"]).await;
    rule(&house, &id, ["realm.roles", "equals", "root", "", "admin"]).await;
    let admin = admin(&house).await;
    let tries = async |token: &str| {
        let page = admin.form(&format!("/settings/providers/{id}/try"), &[("id_token", token)]).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        page.text
    };
    let token = site.token(site.id_claims(None, false), "JWT");
    let page = tries(&token).await;
    assert!(page.contains("Signature verified") && page.contains("Example signed it."), "{page}");
    assert!(page.contains("viewer in Security") && !page.contains("placer in Security"), "the first decides: {page}");
    assert!(page.contains("Fits, another decides") && page.contains("Does not fit"), "{page}");
    assert!(page.contains("ana@example.com") && page.contains("Somebody new would come in"), "{page}");

    let rules = admin.get(&format!("/settings/providers/{id}/rules")).await.text;
    let ups: Vec<_> =
        rules.split("action=\"").filter_map(|part| part.split('"').next()).filter(|at| at.ends_with("/up")).collect();
    assert_eq!(ups.len(), 2, "the first cannot go up: {rules}");
    assert_eq!(admin.form(ups[0], &[]).await.status, StatusCode::SEE_OTHER);
    let page = tries(&token).await;
    assert!(page.contains("placer in Security") && !page.contains("viewer in Security"), "{page}");

    for (sign, words) in [(Sign::OtherKey, "signature is wrong"), (Sign::Nothing, "is not signed")] {
        site.set().sign = sign;
        let page = tries(&site.token(site.id_claims(None, false), "JWT")).await;
        assert!(page.contains("Signature not verified") && page.contains(words), "{page}");
    }
    site.set().sign = Sign::Right;
    site.says("exp", json!(house.clock_now().0 / 1_000 - 7_200));
    site.says("aud", json!("another"));
    let page = tries(&site.token(site.id_claims(None, false), "JWT")).await;
    assert!(page.contains("Its time was over 2 hours ago") && page.contains("meant for another application"), "{page}");
    site.set().down = true;
    house.house.providers.forget(&id);
    assert!(tries(&token).await.contains("Signature not verified"));
    let odd = admin.form(&format!("/settings/providers/{id}/try"), &[("id_token", "hello")]).await;
    assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(house.browser().get("/tokens").await.status, StatusCode::SEE_OTHER, "nobody came in by any of it");
}

#[tokio::test]
async fn removing_a_provider_ends_what_came_from_it() {
    let house = TestHouse::start().await;
    let site = Site::start(&house.clock).await;
    let id = with_placers(&house, &site, &[]).await;
    let browser = entered(&house, &site, &id).await;
    let admin = admin(&house).await;
    let remove = format!("/settings/providers/{id}/remove");
    assert_eq!(admin.form(&remove, &[("confirm", "Exampl")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(browser.get("/tokens").await.status, StatusCode::OK);
    assert_eq!(admin.form(&remove, &[("confirm", "Example")]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.get("/tokens").await.status, StatusCode::SEE_OTHER);
    assert_eq!(super::roles(&house, "ana@example.com").await, Vec::<String>::new());
    assert_eq!(admin.get(&format!("/settings/providers/{id}")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn only_admins_of_the_installation_set_providers_up() {
    let house = TestHouse::start().await;
    let site = Site::start(&house.clock).await;
    let id = with_placers(&house, &site, &[]).await;
    house.person("rea@example.com", "", Role::Reviewer).await;
    house.person("tom@example.com", "Security", Role::Admin).await;
    for email in ["rea@example.com", "tom@example.com"] {
        let somebody = house.signed_in(email).await;
        for path in ["", "/edit", "/rules", "/try", "/remove"] {
            let page = somebody.get(&format!("/settings/providers/{id}{path}")).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{email} {path}");
        }
        for (path, fields) in [
            ("new".to_owned(), vec![("name", "Evil"), ("issuer", "https://evil.example.com"), ("client_id", "x")]),
            (format!("{id}/edit"), vec![("name", "Evil"), ("issuer", "https://evil.example.com"), ("client_id", "x")]),
            (format!("{id}/test"), vec![]),
            (format!("{id}/try"), vec![("id_token", "a.b.c")]),
            (
                format!("{id}/rules"),
                vec![("claim", "sub"), ("comparison", "prefix"), ("value", "s"), ("role", "admin")],
            ),
            (format!("{id}/remove"), vec![("confirm", "Example")]),
        ] {
            let done = somebody.form(&format!("/settings/providers/{path}"), &fields).await;
            assert_eq!(done.status, StatusCode::FORBIDDEN, "{email} {path}");
        }
    }
}

#[tokio::test]
async fn a_kept_secret_goes_to_no_other_address() {
    let house = TestHouse::start().await;
    let (site, other) = (Site::start(&house.clock).await, Site::start(&house.clock).await);
    let id = with_placers(&house, &site, &[]).await;
    let admin = admin(&house).await;
    let edit = format!("/settings/providers/{id}/edit");
    let elsewhere = format!("{}/.well-known/openid-configuration", other.url);
    let common = [("name", "Example"), ("client_id", CLIENT), ("strangers", "rules"), ("enabled", "on")];
    let moves = [
        [("issuer", other.url.as_str()), ("discovery_url", "")],
        [("issuer", &site.url), ("discovery_url", &elsewhere)],
    ];
    for moved in moves {
        let refused = admin.form(&edit, &[&common[..], &moved].concat()).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{moved:?}: {}", refused.text);
        assert!(refused.text.contains("it was given for another address"), "{}", refused.text);
        assert!(refused.text.contains("href=\"#client_secret\""), "{}", refused.text);
    }
    // Nothing was changed by that. Whoever knows the secret may move it.
    entered(&house, &site, &id).await;
    let typed = [("issuer", site.url.as_str()), ("discovery_url", &elsewhere), ("client_secret", SECRET)];
    let moved = admin.form(&edit, &[&common[..], &typed].concat()).await;
    assert_eq!(moved.status, StatusCode::SEE_OTHER, "{}", moved.text);
}

#[tokio::test]
async fn switching_a_provider_off_ends_its_sessions_and_no_others() {
    let house = TestHouse::start().await;
    let site = Site::start(&house.clock).await;
    let id = with_placers(&house, &site, &[]).await;
    let browser = entered(&house, &site, &id).await;
    let admin = admin(&house).await;
    let fields = [("name", "Example"), ("issuer", site.url.as_str()), ("client_id", CLIENT), ("strangers", "rules")];
    let edit = format!("/settings/providers/{id}/edit");
    assert_eq!(admin.form(&edit, &[&fields[..], &[("enabled", "on")]].concat()).await.status, StatusCode::SEE_OTHER);
    assert!(is_in(&browser).await, "it is still on");
    assert_eq!(admin.form(&edit, &fields).await.status, StatusCode::SEE_OTHER);
    assert!(!is_in(&browser).await);
    assert!(is_in(&admin).await);
}
