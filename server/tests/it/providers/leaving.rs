//! Signing out, from here and from there.

use super::{admin, entered, is_in, provider, sign_in, site::CLIENT, site::Sign, site::Site, with_placers};
use crate::house::{Answer, TestHouse};
use app::model::moment::SECOND;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

/// The address to which a page goes on by itself.
fn onward(page: &Answer) -> url::Url {
    let at = page.text.find("0; url=").unwrap_or_else(|| panic!("{}", page.text));
    let url = page.text[at + 7..].split('"').next().unwrap().replace("&amp;", "&");
    url::Url::parse(&url).unwrap()
}

fn query(url: &url::Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

#[tokio::test]
async fn signing_out_here_goes_on_to_the_provider() {
    let house = TestHouse::start().await;
    let site = Site::start(&house.clock).await;
    let id = with_placers(&house, &site, &[]).await;
    let browser = entered(&house, &site, &id).await;
    let page = browser.form("/sign-out", &[]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(page.text.contains("You are signed out here"), "{}", page.text);
    assert!(!is_in(&browser).await);
    let url = onward(&page);
    assert!(url.as_str().starts_with(&format!("{}/end?tenant=1&", site.url)), "{url}");
    assert_eq!(query(&url, "client_id").as_deref(), Some(CLIENT));
    assert_eq!(query(&url, "post_logout_redirect_uri"), Some(format!("{}/signed-out", house.url)));
    assert_eq!(query(&url, "id_token_hint").unwrap().split('.').count(), 3);
    let back = house.browser().get("/signed-out").await;
    assert_eq!(back.status, StatusCode::OK);
    assert!(back.text.contains("href=\"/sign-in\"") && !back.text.contains("http-equiv=\"refresh\""), "{}", back.text);
}

#[tokio::test]
async fn cognito_has_a_way_of_its_own_to_sign_out() {
    let house = TestHouse::start().await;
    let site = Site::start(&house.clock).await;
    let id = with_placers(
        &house,
        &site,
        &[("kind", "cognito"), ("groups_claim", "groups"), ("domain", "sign-in.example.com")],
    )
    .await;
    let browser = entered(&house, &site, &id).await;
    let url = onward(&browser.form("/sign-out", &[]).await);
    assert!(url.as_str().starts_with("https://sign-in.example.com/logout?"), "{url}");
    assert_eq!(query(&url, "client_id").as_deref(), Some(CLIENT));
    assert_eq!(query(&url, "logout_uri"), Some(format!("{}/signed-out", house.url)));
}

#[tokio::test]
async fn signing_out_works_whether_or_not_the_provider_answers() {
    let house = TestHouse::start().await;
    let site = Site::start(&house.clock).await;
    let id = with_placers(&house, &site, &[]).await;
    let browser = entered(&house, &site, &id).await;
    site.set().down = true;
    house.house.providers.forget(&id);
    let out = browser.form("/sign-out", &[]).await;
    assert_eq!(
        (out.status, out.header("location")),
        (StatusCode::SEE_OTHER, "/sign-in?done=signed-out"),
        "{}",
        out.text
    );
    let local = admin(&house).await;
    let out = local.form("/sign-out", &[]).await;
    assert_eq!(out.header("location"), "/sign-in?done=signed-out", "a password's session has nowhere to go on to");
}

/// Posts a token as a provider's server does; other sites' headers do it no harm.
async fn post(house: &TestHouse, provider: &str, token: &str) -> Answer {
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://id.example.com"),
    ];
    let body = serde_urlencoded::to_string([("logout_token", token)]).unwrap();
    house.browser().send(Method::POST, &format!("/oidc/{provider}/back-channel"), &headers, body.into_bytes()).await
}

#[tokio::test]
async fn a_provider_ends_the_sessions_that_it_means() {
    let house = TestHouse::start().await;
    let site = Site::start(&house.clock).await;
    let id = with_placers(&house, &site, &[]).await;
    let first = entered(&house, &site, &id).await;
    site.says("sid", json!("sid-2"));
    let second = entered(&house, &site, &id).await;
    site.says("sub", json!("subject-2"));
    site.says("email", json!("ben@example.com"));
    site.says("sid", json!("sid-3"));
    let ben = entered(&house, &site, &id).await;
    let local = admin(&house).await;

    let done = post(&house, &id, &site.logout_token(json!({ "sid": "sid-1", "sub": null }))).await;
    assert_eq!((done.status, done.text.as_str()), (StatusCode::OK, ""));
    assert_eq!(done.header("cache-control"), "no-store");
    assert!(!is_in(&first).await && is_in(&second).await && is_in(&ben).await, "by the session's name");

    let done = post(&house, &id, &site.logout_token(json!({ "sid": "sid-3" }))).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    assert!(is_in(&ben).await, "that session is not that person's");

    assert_eq!(post(&house, &id, &site.logout_token(json!({}))).await.status, StatusCode::OK);
    assert!(!is_in(&second).await && is_in(&ben).await, "by the person");
    assert!(is_in(&local).await);
    let audit = local.get("/settings/audit").await.text;
    assert!(audit.contains("1 ended: signed out at Example"), "{audit}");
}

#[tokio::test]
async fn tokens_that_end_no_session_are_refused_with_the_reason() {
    let house = TestHouse::start().await;
    let site = Site::start(&house.clock).await;
    let id = with_placers(&house, &site, &[]).await;
    let browser = entered(&house, &site, &id).await;
    let now = house.clock_now().0 / SECOND;
    let event = "http://schemas.openid.net/event/backchannel-logout";
    let lies: [(Value, &str); 14] = [
        (json!({ "iss": "https://id.example.com" }), "comes from another issuer"),
        (json!({ "aud": "another" }), "meant for another application"),
        (json!({ "aud": null }), "meant for another application"),
        (json!({ "iat": now - 601 }), "made at a time that cannot be"),
        (json!({ "iat": now + 90 }), "made at a time that cannot be"),
        (json!({ "iat": null }), "made at a time that cannot be"),
        (json!({ "exp": now - 60 }), "time is over"),
        (json!({ "jti": null }), "no identifier"),
        (json!({ "nonce": "n" }), "it has a nonce"),
        (json!({ "events": null }), "does not name that event"),
        (json!({ "events": { "other": {} } }), "does not name that event"),
        (json!({ "events": { event: "yes" } }), "does not name that event"),
        (json!({ "events": [event] }), "does not name that event"),
        (json!({ "sub": null }), "neither a session nor a person"),
    ];
    for (lie, words) in lies {
        let answer = post(&house, &id, &site.logout_token(lie.clone())).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{lie}");
        let says = answer.body();
        assert_eq!(says["error"], "invalid_request");
        assert!(says["error_description"].as_str().unwrap().contains(words), "{lie}: {says}");
    }
    for (sign, words) in [
        (Sign::OtherKey, "signature is wrong"),
        (Sign::UnknownKey, "does not publish"),
        (Sign::Nothing, "not signed"),
        (Sign::PublicKeyAsSecret, "signed with HS256"),
    ] {
        site.set().sign = sign;
        let answer = post(&house, &id, &site.logout_token(json!({}))).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{sign:?}");
        assert!(answer.text.contains(words), "{sign:?}: {}", answer.text);
    }
    site.set().sign = Sign::Right;
    // An ID token of the same person ends nothing.
    let id_token = site.token(site.id_claims(None, false), "JWT");
    assert!(post(&house, &id, &id_token).await.text.contains("does not name that event"));
    for odd in ["", "a.b.c"] {
        assert_eq!(post(&house, &id, odd).await.status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(post(&house, "nobody", &site.logout_token(json!({}))).await.status, StatusCode::BAD_REQUEST);
    assert!(is_in(&browser).await);

    let token = site.logout_token(json!({}));
    assert_eq!(post(&house, &id, &token).await.status, StatusCode::OK);
    assert!(!is_in(&browser).await);
    let browser = house.browser();
    assert_eq!(sign_in(&browser, &site, &id).await.status, StatusCode::SEE_OTHER);
    let again = post(&house, &id, &token).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    assert!(again.text.contains("came before"), "{}", again.text);
    assert!(is_in(&browser).await, "a token that is played back ends nothing");
}

#[tokio::test]
async fn what_one_provider_says_ends_no_session_of_another() {
    let house = TestHouse::start().await;
    let site = Site::start(&house.clock).await;
    let other = Site::start(&house.clock).await;
    let id = with_placers(&house, &site, &[]).await;
    let other_id = provider(&house, &other, &[("name", "Other")]).await;
    let browser = entered(&house, &site, &id).await;
    assert_eq!(post(&house, &other_id, &other.logout_token(json!({}))).await.status, StatusCode::OK);
    assert_eq!(post(&house, &other_id, &site.logout_token(json!({}))).await.status, StatusCode::BAD_REQUEST);
    assert!(is_in(&browser).await);
}
