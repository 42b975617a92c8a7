//! The server is killed in the middle of a mint, at each step, and started again.

use super::{
    emulator::{ACCOUNT, Emulator, form, try_mint},
    proxy::{Proxy, Spoil},
};
use crate::house::{Caller, Folder, TestHouse, beginning};
use app::model::viewer::Viewer;
use aviary::{accounts, people::api_keys};
use axum::http::Method;
use serde_json::json;
use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// The program, as an operator runs it.
struct Program(Child);

impl Program {
    fn start(folder: &Folder, emulator: &Emulator, address: &str, port: u16) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aviary"));
        command
            .arg("serve")
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("AVIARY_LISTEN", format!("127.0.0.1:{port}"))
            .env("AVIARY_SANDBOX_LISTEN", "off")
            .env("AVIARY_DATA_DIR", folder.path())
            .env("AVIARY_LOG", "warn")
            .envs(emulator.variables(address))
            .stdout(Stdio::null());
        Self(command.spawn().unwrap())
    }

    fn kill(mut self) {
        // SIGKILL: nothing is written down any more.
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !holds().await {
        assert!(Instant::now() < deadline, "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mint_that_is_killed_leaves_no_key_behind() {
    if std::env::var("AVIARY_TEST_ON").as_deref() == Ok("postgres") {
        return;
    }
    let Some(aws) = Emulator::start("killed mints").await else { return };
    let proxy = Proxy::before(&aws.url).await;
    let folder = Folder::new();
    // The account and an API key, made while the program is not running.
    let (house, _) = TestHouse::build_with(&folder, &[], beginning(), aws.clients(None)).await;
    let admin = Viewer::system("test");
    accounts::add(&house, &admin, &form()).await.unwrap();
    aviary::people::teams::create(&house, &admin, "Security").await.unwrap();
    let key = api_keys::create(&house, &admin, "test", "admin", "").await.unwrap().secret.expose().to_owned();
    house.store.close().await;
    drop(house);

    let port = crate::house::free_port();
    let base = format!("http://127.0.0.1:{port}");
    let page = Caller::at(&base);
    let api = Caller::with_key(&format!("{base}/api/v1"), &key);
    for (step, how) in [
        ("CreateUser", Spoil::Hang),
        ("CreateUser", Spoil::HangAfter),
        ("PutUserPolicy", Spoil::Hang),
        ("PutUserPolicy", Spoil::HangAfter),
        ("CreateAccessKey", Spoil::Hang),
        ("CreateAccessKey", Spoil::HangAfter),
        ("ListAccessKeys", Spoil::HangAfter),
    ] {
        let program = Program::start(&folder, &aws, &proxy.url, port);
        until("it listens", async || page.try_get("/readyz").await.is_some_and(|status| status.is_success())).await;
        proxy.spoil(step, how.clone());
        let caller = api.clone();
        let asked = tokio::spawn(async move {
            let order = json!({ "account": ACCOUNT, "location": "nowhere" });
            caller.try_json(Method::POST, "/tokens", &order).await
        });
        proxy.spoiled_again(step).await;
        program.kill();
        let _ = asked.await;
        proxy.behave();

        let program = Program::start(&folder, &aws, &proxy.url, port);
        until(&format!("no user is left after {step} {how:?}"), async || aws.users().await.is_empty()).await;
        until("it listens", async || page.try_get("/readyz").await.is_some_and(|status| status.is_success())).await;
        let tokens = api.get("/tokens").await.body();
        assert_eq!(tokens["items"], json!([]), "{step}");
        program.kill();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_goes_away_leaves_a_whole_token() {
    let Some(aws) = Emulator::start("callers who go away").await else { return };
    let house = super::emulator::house_with(&aws, None, &form()).await;
    let mut asked = Box::pin(try_mint(&house, "nowhere"));
    // The request is on its way, and then nobody waits for its answer.
    let _ = tokio::time::timeout(Duration::from_millis(30), &mut asked).await;
    drop(asked);
    house
        .until("what was begun is whole or was never begun", async || {
            let users = aws.users().await;
            let known = house.api().get("/tokens").await.body();
            super::mint::intents(&house).await.is_empty()
                && users.len() == known["items"].as_array().unwrap().len()
                && users.iter().all(|(_, keys)| keys.len() == 1)
        })
        .await;
}
