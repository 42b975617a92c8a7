//! What a provider, or somebody between, could try: each is refused, with words of its own.

use super::{entered, go, path_of, sign_in, site::Sign, site::Site, with_placers};
use crate::house::{Answer, Caller, TestHouse};
use app::model::moment::{MINUTE, SECOND};
use axum::http::StatusCode;
use serde_json::{Value, json};

struct Scene {
    house: TestHouse,
    site: Site,
    id: String,
}

impl Scene {
    async fn new() -> Self {
        let house = TestHouse::start().await;
        let site = Site::start(&house.clock).await;
        let id = with_placers(&house, &site, &[]).await;
        Self { house, site, id }
    }

    fn seconds(&self) -> i64 {
        self.house.clock_now().0 / SECOND
    }

    /// Signs in, expects to be refused in these words and not signed in.
    async fn refused(&self, words: &str) {
        let browser = self.house.browser();
        let answer = sign_in(&browser, &self.site, &self.id).await;
        out(&browser, &answer, words).await;
    }

    /// The same with these claims, one after the other.
    async fn lies(&self, claim: &str, lies: impl IntoIterator<Item = Value>, words: &str) {
        let before = self.site.set().claims.clone();
        for lie in lies {
            self.site.says(claim, lie);
            // A null takes the claim away.
            self.refused(words).await;
        }
        self.site.set().claims = before;
    }
}

async fn out(browser: &Caller, answer: &Answer, words: &str) {
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{words}: {}", answer.text);
    assert!(answer.text.contains(words), "{words}: {}", answer.text);
    assert_eq!(browser.get("/tokens").await.status, StatusCode::SEE_OTHER, "{words}: nobody is signed in");
}

#[tokio::test]
async fn claims_that_do_not_fit_are_refused() {
    let scene = Scene::new().await;
    let now = scene.seconds();
    scene.lies("nonce", [json!("another"), json!(""), Value::Null], "belongs to another sign-in").await;
    scene
        .lies(
            "iss",
            [json!("https://id.example.com"), json!(format!("{}/", scene.site.url))],
            "comes from another issuer",
        )
        .await;
    scene
        .lies(
            "aud",
            [json!("another"), json!([]), json!(["aviary+test", "another"]), Value::Null],
            "meant for another application",
        )
        .await;
    scene.lies("azp", [json!("another"), json!("")], "given to another application").await;
    scene.lies("exp", [json!(now - 61), json!(now - 3_600)], "time is over").await;
    scene.lies("iat", [json!(now + 90)], "made at a time that cannot be").await;
    scene.lies("sub", [json!(""), json!("x".repeat(256))], "does not say whom it is about").await;
    // And the right ones, at the edge of what clocks may differ, come in.
    scene.site.says("exp", json!(now - 50));
    scene.site.says("iat", json!(now + 50));
    scene.site.says("azp", json!("aviary+test"));
    scene.site.says("aud", json!(["aviary+test"]));
    entered(&scene.house, &scene.site, &scene.id).await;
}

#[tokio::test]
async fn signatures_that_prove_nothing_are_refused() {
    let scene = Scene::new().await;
    for (sign, words) in [
        (Sign::OtherKey, "signature is wrong"),
        (Sign::Changed, "signature is wrong"),
        (Sign::UnknownKey, "a key that the provider does not publish"),
        (Sign::Nothing, "not signed"),
        (Sign::PublicKeyAsSecret, "signed with HS256"),
        (Sign::ClientSecret, "signed with HS256"),
    ] {
        scene.site.set().sign = sign;
        scene.refused(words).await;
    }
    scene.site.set().sign = Sign::Right;
    scene.site.set().header.insert("crit".into(), json!(["b64"]));
    scene.refused("no token that Aviary can read").await;
    scene.site.set().header.clear();
    // A token that ends sessions, or one for an API, is none for signing in.
    for typ in ["logout+jwt", "at+jwt"] {
        scene.site.set().header.insert("typ".into(), json!(typ));
        scene.refused("no token that Aviary can read").await;
    }
}

#[tokio::test]
async fn an_answer_belongs_to_the_sign_in_that_asked_and_counts_once() {
    let scene = Scene::new().await;
    let browser = scene.house.browser();
    let back = go(&browser, &scene.site, &scene.id).await;

    let other = scene.house.browser();
    out(&other, &other.get(&back).await, "begun in another browser").await;
    let theirs = scene.house.browser();
    let their_back = go(&theirs, &scene.site, &scene.id).await;
    out(&theirs, &theirs.get(&back).await, "belongs to another sign-in").await;
    out(&theirs, &theirs.get(&their_back).await, "was used already").await;

    assert_eq!(browser.get(&back).await.status, StatusCode::SEE_OTHER);
    let again = browser.get(&back).await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED, "{}", again.text);

    let late = scene.house.browser();
    let back = go(&late, &scene.site, &scene.id).await;
    scene.house.clock.advance(10 * MINUTE);
    out(&late, &late.get(&back).await, "took longer than ten minutes").await;

    let browser = scene.house.browser();
    let back = go(&browser, &scene.site, &scene.id).await;
    let elsewhere = back.replace(&scene.id, "another-provider");
    assert_ne!(browser.get(&elsewhere).await.status, StatusCode::SEE_OTHER, "another provider's way back");
    out(&browser, &browser.get(&back).await, "Begin again").await;
}

#[tokio::test]
async fn the_cookie_is_for_this_browser_and_no_script() {
    let scene = Scene::new().await;
    let browser = scene.house.browser();
    let begun = browser.get(&format!("/oidc/{}/begin?next=https://evil.example.com", scene.id)).await;
    let cookie = begun.header("set-cookie");
    for word in ["aviary-oidc=", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(word), "{cookie}");
    }
    let there = Caller::at(&scene.site.url).get(&path_of(begun.header("location"))).await;
    let answer = browser.get(&path_of(there.header("location"))).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/"), "never to another site");
}

#[tokio::test]
async fn a_provider_that_names_itself_otherwise_is_refused() {
    let scene = Scene::new().await;
    for iss in ["https://id.example.com", ""] {
        scene.site.set().iss = iss.into();
        scene.refused("comes from another issuer").await;
    }
    // One that does not promise to name itself need not.
    scene.site.set().announces_iss = false;
    scene.house.clock.advance(61 * MINUTE);
    entered(&scene.house, &scene.site, &scene.id).await;
    scene.site.set().iss = "https://id.example.com".into();
    scene.refused("comes from another issuer").await;
}

#[tokio::test]
async fn what_the_provider_refuses_is_said_in_plain_words() {
    let scene = Scene::new().await;
    for (error, words) in [
        ("access_denied", "You did not sign in at Example"),
        ("invalid_scope", "refuses this sign-in (invalid_scope)"),
        ("%3Cscript%3E", "refuses this sign-in (script)"),
    ] {
        let browser = scene.house.browser();
        let back = go(&browser, &scene.site, &scene.id).await;
        let back = back.replace("code=", &format!("error={error}&was="));
        out(&browser, &browser.get(&back).await, words).await;
    }
    // The code is not good: somebody else has used it.
    let browser = scene.house.browser();
    let back = go(&browser, &scene.site, &scene.id).await;
    let back = back.replace("code=code-", "code=other-");
    out(&browser, &browser.get(&back).await, "does not know this sign-in any more").await;
}

#[tokio::test]
async fn keys_are_asked_for_anew_when_they_change_and_not_for_every_lie() {
    let scene = Scene::new().await;
    entered(&scene.house, &scene.site, &scene.id).await;
    let asked = || scene.site.set().keys_asked;
    assert_eq!(asked(), 1);
    entered(&scene.house, &scene.site, &scene.id).await;
    assert_eq!(asked(), 1, "they are kept");

    scene.house.clock.advance(2 * MINUTE);
    scene.site.change_key();
    entered(&scene.house, &scene.site, &scene.id).await;
    assert_eq!(asked(), 2, "a key that is unknown is asked for");
    scene.site.set().sign = Sign::UnknownKey;
    for _ in 0..3 {
        scene.refused("a key that the provider does not publish").await;
    }
    assert_eq!(asked(), 2, "within a minute nobody asks again");
    scene.house.clock.advance(2 * MINUTE);
    scene.refused("a key that the provider does not publish").await;
    scene.refused("a key that the provider does not publish").await;
    assert_eq!(asked(), 3);
}

#[tokio::test]
async fn a_configuration_of_another_issuer_is_not_taken() {
    let scene = Scene::new().await;
    scene.site.set().issuer = "https://id.example.com".into();
    let answer = scene.house.browser().get(&format!("/oidc/{}/begin", scene.id)).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text);
}
