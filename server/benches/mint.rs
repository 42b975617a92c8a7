//! A thousand mints through an emulator of AWS that throttles every tenth call: none may be lost, none doubled.
//!
//! `AVIARY_TEST_VENV` names a Python venv with ministack.
#![allow(
    missing_docs,
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a bench may stop where something is not as expected, and measures with the system's clock"
)]

#[path = "../tests/it/aws/proxy.rs"]
mod proxy;

use app::model::{account::AccountForm, secret::Secret, token::TokenForm, viewer::Viewer};
use aviary::{
    accounts,
    config::Config,
    house::{SystemChance, SystemClock},
    issuers::{Issuer as _, aws::AwsClients},
    serve, tokens,
};
use futures::StreamExt as _;
use std::{
    collections::{BTreeSet, HashMap},
    io::Write as _,
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

const MINTS: usize = 1_000;
const AT_ONCE: usize = 8;
const ACCOUNT: &str = "123456789012";
const KEY: &str = "AKIACIADMINCIADMIN00";
const SECRET: &str = "ciadminsecretciadminsecretciadminsecret0";

#[tokio::main]
async fn main() {
    let Some(venv) = std::env::var_os("AVIARY_TEST_VENV") else {
        println!("skipped: mints through an emulator; AVIARY_TEST_VENV names a Python venv with ministack");
        return;
    };
    let folder = std::env::temp_dir().join(format!("aviary-bench-mint-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let mut emulator = Command::new("sh")
        .args(["-c", "\"$0\" >ministack.log 2>&1 & cat >/dev/null; kill -9 $!"])
        .arg(std::path::Path::new(&venv).join("bin/ministack"))
        .current_dir(&folder)
        .envs([("BIND_HOST", "127.0.0.1"), ("MINISTACK_HOST", "127.0.0.1"), ("MINISTACK_ACCOUNT_ID", ACCOUNT)])
        .envs([
            ("AUTH", "true"),
            ("AWS_ACCESS_KEY_ID", KEY),
            ("AWS_SECRET_ACCESS_KEY", SECRET),
            ("LOG_LEVEL", "WARNING"),
        ])
        .envs([("IOT_MTLS_ENABLED", "0"), ("SFTP_ENABLED", "0"), ("MINISTACK_REGION", "us-east-1")])
        .env("HOME", &folder)
        .env("GATEWAY_PORT", port.to_string())
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let behind = format!("127.0.0.1:{port}");
    while tokio::net::TcpStream::connect(&behind).await.is_err() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let proxy = proxy::Proxy::before(&format!("http://{behind}")).await;
    let variables: HashMap<_, _> =
        [("AVIARY_DATA_DIR", folder.display().to_string()), ("AVIARY_SANDBOX_LISTEN", "off".into())].into();
    let config = Config::from("", "aviary.toml", &|name| variables.get(name).cloned()).unwrap();
    let aws = AwsClients::at(&proxy.url, KEY, &Secret::new(SECRET.to_owned()));
    let house = serve::build_with(config, Arc::new(SystemClock), Arc::new(SystemChance), aws).await.unwrap();
    let system = Viewer::system("bench");
    let form = AccountForm { id: ACCOUNT.into(), ..AccountForm::default() };
    accounts::add(&house, &system, &form).await.unwrap();
    proxy.throttle_every(10);

    let begun = Instant::now();
    let order = TokenForm { account: ACCOUNT.into(), location: "bench".into(), ..TokenForm::default() };
    let mut minting =
        futures::stream::iter(0..MINTS).map(|_| tokens::mint::mint(&house, &system, &order)).buffer_unordered(AT_ONCE);
    let (mut keys, mut refused) = (BTreeSet::new(), 0);
    while let Some(done) = minting.next().await {
        match done {
            Ok(minted) => drop(keys.insert(minted.token.access_key_id)),
            Err(fault) => {
                refused += 1;
                eprintln!("{fault}");
            }
        }
        eprint!("\r{} of {MINTS} minted, {refused} refused", keys.len());
        std::io::stderr().flush().unwrap();
    }
    eprintln!();
    let took = begun.elapsed().as_secs_f64();
    proxy.throttle_every(0);

    let issuer = house.issuers.aws_of(ACCOUNT).unwrap();
    let iam = issuer.clients().iam().await;
    let users: Result<Vec<_>, _> = iam.list_users().into_paginator().items().send().collect().await;
    let mut known = BTreeSet::new();
    for user in users.unwrap() {
        known.extend(issuer.keys(user.user_name()).await.unwrap());
    }
    let (lost, doubled) = (keys.difference(&known).count(), known.difference(&keys).count());
    let reached = if keys.len() == MINTS && lost + doubled == 0 { "reached" } else { "**not reached**" };
    println!("| what | measured | figure to reach | |\n|---|---|---|---|");
    println!(
        "| {MINTS} mints, every tenth call throttled, {AT_ONCE} asked for at once | {} minted, {lost} lost, {doubled} unknown \
         keys, {:.1} mints/s | none lost, none doubled | {reached} |",
        keys.len(),
        keys.len() as f64 / took
    );
    drop(emulator.stdin.take());
    emulator.wait().unwrap();
    house.store.close().await;
    std::fs::remove_dir_all(&folder).unwrap();
}
