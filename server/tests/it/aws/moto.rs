//! What moto's IAM does and ministack's does not: it notes when a key was used, by denied calls too, and gives a user two
//! keys and no third.

use super::emulator::{ACCOUNT, Process, answers, form, in_venv, mint, sdk};
use crate::house::{Caller, Folder, TestHouse, free_port};
use app::model::{ids::TokenId, moment::MINUTE, secret::Secret, viewer::Viewer};
use aviary::{
    accounts,
    intake::last_used,
    issuers::aws::AwsClients,
    tokens::{list, rotate},
};
use axum::http::Method;
use serde_json::Value;

/// A running moto that checks signatures and policies, and its administrator's key.
struct Moto {
    url: String,
    key: String,
    secret: String,
    _process: Process,
    _folder: Folder,
}

impl Moto {
    async fn start(test: &str) -> Option<Self> {
        let command = in_venv(test, "moto_server")?;
        let (folder, port) = (Folder::new(), free_port().to_string());
        let process = Process::start(&folder, &command, &["-H", "127.0.0.1", "-p", &port], &[]);
        let url = format!("http://127.0.0.1:{port}");
        answers(&url, "/moto-api/").await;
        // Its first calls are taken from anybody, so that there can be an administrator.
        calls_without_rights(&url, "1000000").await;
        let iam = aws_sdk_iam::Client::new(&sdk(&url, "AKIAANYBODY000000000", "x").await);
        iam.create_user().user_name("admin").send().await.unwrap();
        let everything = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
        let policy = iam.put_user_policy().user_name("admin").policy_name("all").policy_document(everything);
        policy.send().await.unwrap();
        let made = iam.create_access_key().user_name("admin").send().await.unwrap().access_key.unwrap();
        calls_without_rights(&url, "0").await;
        let (key, secret) = (made.access_key_id, made.secret_access_key);
        Some(Self { url, key, secret, _process: process, _folder: folder })
    }

    async fn house(&self) -> TestHouse {
        let clients = AwsClients::at(&self.url, &self.key, &Secret::new(self.secret.clone()));
        let house = TestHouse::with_aws(clients).await;
        accounts::add(&house.house, &Viewer::system("test"), &form()).await.unwrap();
        house
    }
}

/// How many calls from now on are taken whoever makes them.
async fn calls_without_rights(url: &str, calls: &str) {
    let text = [("content-type", "text/plain")];
    let answer = Caller::at(url).send(Method::POST, "/moto-api/reset-auth", &text, calls.as_bytes().to_vec()).await;
    assert!(answer.status.is_success(), "{}", answer.text);
}

fn text<'a>(token: &'a Value, name: &str) -> &'a str {
    token[name].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_call_that_no_log_tells_of_is_found_by_what_iam_noted() {
    let Some(moto) = Moto::start("last-used data of a whole IAM").await else { return };
    let house = moto.house().await;
    let token = mint(&house, "vault").await;
    let issuer = house.house.issuers.aws_of(ACCOUNT).unwrap();
    last_used::look(&house.house, &issuer).await.unwrap();
    let hits = async || house.api().get(&format!("/tokens/{}/hits", text(&token, "id"))).await.body()["items"].clone();
    assert_eq!(hits().await, Value::Array(Vec::new()));

    let stolen = sdk(&moto.url, text(&token, "access_key_id"), text(&token, "secret_access_key")).await;
    let refused = aws_sdk_iam::Client::new(&stolen).list_users().send().await.unwrap_err();
    assert_eq!(refused.raw_response().unwrap().status().as_u16(), 403, "{refused:?}");
    for _ in 0..12 {
        house.clock.advance(16 * MINUTE);
        last_used::look(&house.house, &issuer).await.unwrap();
    }
    // The house looks by itself, too: whoever of the two looked last may still be writing.
    house.until("the hit", || async { hits().await != Value::Array(Vec::new()) }).await;
    let found = hits().await;
    assert_eq!((found[0]["kind"].as_str(), found.as_array().unwrap().len()), (Some("unlogged_use"), 1), "{found}");
    assert!(found[0]["incident_id"].is_string(), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rotation_keeps_to_the_two_keys_that_iam_allows() {
    let Some(moto) = Moto::start("the limit of two keys").await else { return };
    let (house, viewer) = (moto.house().await, Viewer::system("test"));
    let token = mint(&house, "vault").await;
    let id = TokenId(text(&token, "id").to_owned());
    for rotation in 1..=3 {
        let rotated = rotate::rotate(&house.house, &viewer, &id).await.unwrap();
        let view = list::get(&house.house, &viewer, &id).await.unwrap();
        assert_eq!(view.token.access_key_id, rotated.token.access_key_id);
        let active = view.former_keys.iter().filter(|key| key.active).count();
        assert_eq!((view.former_keys.len(), active), (rotation, 1), "the one before stays watched and active");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_somebody_made_beside_aviary_gives_way_and_the_person_is_told() {
    let Some(moto) = Moto::start("the limit of two keys").await else { return };
    let (house, viewer) = (moto.house().await, Viewer::system("test"));
    let token = mint(&house, "vault").await;
    let id = TokenId(text(&token, "id").to_owned());
    let iam = aws_sdk_iam::Client::new(&sdk(&moto.url, &moto.key, &moto.secret).await);
    iam.create_access_key().user_name(text(&token, "user_name")).send().await.unwrap();
    let fault = rotate::rotate(&house.house, &viewer, &id).await.unwrap_err();
    assert!(fault.message.contains("two access keys already"), "{fault}");
    let now = list::get(&house.house, &viewer, &id).await.unwrap();
    assert_eq!((now.token.access_key_id.as_str(), now.former_keys.len()), (text(&token, "access_key_id"), 0));
    // No live key is there that Aviary does not know: so there is room at the second try.
    assert!(rotate::rotate(&house.house, &viewer, &id).await.is_ok());
}
