//! Passkeys: added, used at the door, removed; with an authenticator made of software.

use super::factors::{first_step, mailed, recovery_codes, second_step};
use crate::house::{Answer, Caller, TestHouse};
use app::model::viewer::Role;
use axum::http::StatusCode;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const ANA: &str = "ana@example.com";
const BASE: &str = "http://localhost:3000";

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A device with one passkey.
struct Device {
    pair: EcdsaKeyPair,
    random: SystemRandom,
    /// Whose the passkey is, as the site said.
    handle: Option<String>,
    counter: u32,
}

impl Device {
    fn new() -> Self {
        let random = SystemRandom::new();
        let kept = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, kept.as_ref(), &random).unwrap();
        Self { pair, random, handle: None, counter: 0 }
    }

    fn client(kind: &str, options: &Value) -> String {
        json!({ "type": kind, "challenge": options["challenge"], "origin": BASE, "crossOrigin": false }).to_string()
    }

    fn data(&mut self, flags: u8) -> Vec<u8> {
        self.counter += 1;
        let mut data = Sha256::digest(b"localhost").to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// Makes the passkey that the site asks for.
    fn make(&mut self, options: &Value) -> String {
        assert_eq!(options["rp"]["id"], "localhost");
        assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
        self.handle = Some(options["user"]["id"].as_str().unwrap().to_owned());
        let id = b"the device's only passkey";
        let mut data = self.data(0x45);
        data.extend([0; 16]);
        data.extend(u16::try_from(id.len()).unwrap().to_be_bytes());
        data.extend(id);
        let head = hex::decode("3059301306072a8648ce3d020106082a8648ce3d030107034200").unwrap();
        json!({
            "id": encoded(id),
            "type": "public-key",
            "response": {
                "clientDataJSON": encoded(Self::client("webauthn.create", options).as_bytes()),
                "authenticatorData": encoded(&data),
                "publicKey": encoded(&[head.as_slice(), self.pair.public_key().as_ref()].concat()),
                "publicKeyAlgorithm": -7,
                "transports": ["internal"],
            },
        })
        .to_string()
    }

    /// Signs what the site asks for.
    fn sign(&mut self, options: &Value) -> String {
        assert_eq!(options["rpId"], "localhost");
        let (client, data) = (Self::client("webauthn.get", options), self.data(0x05));
        let signed = [data.as_slice(), Sha256::digest(client.as_bytes()).as_slice()].concat();
        json!({
            "id": encoded(b"the device's only passkey"),
            "type": "public-key",
            "response": {
                "clientDataJSON": encoded(client.as_bytes()),
                "authenticatorData": encoded(&data),
                "signature": encoded(self.pair.sign(&self.random, &signed).unwrap().as_ref()),
                "userHandle": self.handle,
            },
        })
        .to_string()
    }
}

async fn options(browser: &Caller, path: &str) -> Value {
    let answer = browser.form(&format!("{path}/options"), &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert!(answer.header("set-cookie").contains("HttpOnly"), "{}", answer.header("set-cookie"));
    answer.body()
}

async fn add(browser: &Caller, device: &mut Device) -> Answer {
    let made = device.make(&options(browser, "/settings/passkeys/new").await);
    browser.form("/settings/passkeys/new", &[("name", "Laptop"), ("credential", &made)]).await
}

async fn enter(house: &TestHouse, device: &mut Device) -> (Caller, Answer) {
    let browser = house.browser();
    let signed = device.sign(&options(&browser, "/sign-in/passkey").await);
    let answer = browser.form("/sign-in/passkey", &[("credential", &signed), ("next", "/tokens")]).await;
    (browser, answer)
}

#[tokio::test]
async fn a_passkey_signs_in_without_a_password_until_it_is_removed() {
    let house = TestHouse::with(&[("AVIARY_BASE_URL", BASE)]).await;
    house.person(ANA, "", Role::Admin).await;
    let (browser, mut device) = (house.signed_in(ANA).await, Device::new());
    let codes = recovery_codes(&add(&browser, &mut device).await);
    mailed(&house, ANA, "Subject: A passkey was added").await;
    let again = add(&browser, &mut device).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "it is here already");

    let (inside, answer) = enter(&house, &mut device).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/tokens"), "{}", answer.text);
    assert_eq!(inside.get("/tokens").await.status, StatusCode::OK);
    assert!(inside.get("/settings/audit").await.text.contains("with the passkey Laptop"));

    let by_password = first_step(&house, ANA).await;
    assert_eq!(second_step(&by_password, &codes[0]).await, StatusCode::SEE_OTHER, "codes stand in for the passkey");

    let settings = inside.get("/settings").await.text;
    let at = settings
        .split("/settings/passkeys/")
        .find(|rest| rest.split('/').nth(1).is_some_and(|s| s.starts_with("remove")));
    let id = at.unwrap().split('/').next().unwrap();
    let removed = inside.form(&format!("/settings/passkeys/{id}/remove"), &[]).await;
    assert_eq!(removed.status, StatusCode::SEE_OTHER);
    mailed(&house, ANA, "Subject: A passkey was removed").await;
    assert_eq!(enter(&house, &mut device).await.1.status, StatusCode::UNAUTHORIZED);
    house.signed_in(ANA).await;
}

#[tokio::test]
async fn an_answer_counts_once_in_its_own_browser_and_in_time() {
    let house = TestHouse::with(&[("AVIARY_BASE_URL", BASE)]).await;
    house.person(ANA, "", Role::Admin).await;
    let mut device = Device::new();
    add(&house.signed_in(ANA).await, &mut device).await;

    let browser = house.browser();
    let signed = device.sign(&options(&browser, "/sign-in/passkey").await);
    let post =
        async |browser: &Caller, answer: &str| browser.form("/sign-in/passkey", &[("credential", answer)]).await.status;
    assert_eq!(post(&house.browser(), &signed).await, StatusCode::UNAUTHORIZED, "another browser");
    assert_eq!(post(&browser, &signed).await, StatusCode::SEE_OTHER);
    assert_eq!(post(&browser, &signed).await, StatusCode::UNAUTHORIZED, "a second time");

    let (one, two) = (options(&browser, "/sign-in/passkey").await, house.browser());
    let stolen = device.sign(&one);
    options(&two, "/sign-in/passkey").await;
    assert_eq!(post(&two, &stolen).await, StatusCode::UNAUTHORIZED, "the answer to another challenge");

    let late = device.sign(&options(&browser, "/sign-in/passkey").await);
    house.clock.advance(5 * 60 * 1_000);
    assert_eq!(post(&browser, &late).await, StatusCode::UNAUTHORIZED, "too late");

    device.counter = 1;
    assert_eq!(enter(&house, &mut device).await.1.status, StatusCode::UNAUTHORIZED, "its counter went back: a copy");
    let log = house.api().get("/audit?act=person.refuse").await.body();
    let detail = log["items"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("went back: it may have been copied"), "{log}");
    assert_eq!(post(&house.browser(), "").await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn at_an_address_without_a_name_passkeys_are_not_offered_and_the_page_says_why() {
    let house = TestHouse::start().await;
    house.person(ANA, "", Role::Admin).await;
    assert!(!house.browser().get("/sign-in").await.text.contains("passkey"));
    assert_eq!(house.browser().form("/sign-in/passkey/options", &[]).await.status, StatusCode::CONFLICT);
    let browser = house.signed_in(ANA).await;
    let page = browser.get("/settings").await.text;
    assert!(page.contains("AVIARY_BASE_URL=http://localhost:"), "{page}");
    assert_eq!(browser.form("/settings/passkeys/new/options", &[]).await.status, StatusCode::CONFLICT);
}
