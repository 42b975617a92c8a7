//! The program is killed again and again while hits come in: no alert is lost, and each keeps its identifier.

use super::receiver::Receiver;
use crate::house::{Caller, Folder, TestHouse, beginning};
use app::model::{
    alert::{DestinationForm, Scope, SubscriptionForm},
    pace::Pace,
    token::TokenForm,
    viewer::Viewer,
};
use aviary::{
    alerts,
    house::{ChanceExt as _, SystemChance},
    people::{api_keys, teams},
    tokens,
};
use axum::http::Method;
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// How often it is killed.
const KILLS: usize = 100;

/// For how long at most; a slow machine makes fewer kills, and the test says how many.
const STORM: Duration = Duration::from_secs(45);

/// The program, as an operator runs it.
struct Program(Child);

impl Program {
    fn start(folder: &Folder, port: u16) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aviary"));
        command
            .arg("serve")
            .env_clear()
            .env("AVIARY_LISTEN", format!("127.0.0.1:{port}"))
            .env("AVIARY_SANDBOX_LISTEN", "off")
            .env("AVIARY_DATA_DIR", folder.path())
            .env("AVIARY_ALLOW_PRIVATE_WEBHOOKS", "127.0.0.0/8")
            .env("AVIARY_LOG", "error")
            .stdout(Stdio::null());
        Self(command.spawn().unwrap())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // SIGKILL: nothing is written down any more.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn listens(caller: &Caller) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while caller.try_get("/sign-in").await.is_none() {
        assert!(Instant::now() < deadline, "the program does not start");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn however_often_the_program_is_killed_no_alert_is_lost() {
    if std::env::var("AVIARY_TEST_ON").as_deref() == Ok("postgres") {
        return;
    }
    let (folder, receiver) = (Folder::new(), Receiver::start().await);
    // A token, a destination that hears about it, and a key, made while the program is not running.
    let (house, _) = TestHouse::build(&folder, &[], beginning()).await;
    let system = Viewer::system("test");
    teams::create(&house, &system, "Security").await.unwrap();
    let form =
        TokenForm { location: "laptop".into(), owner: "ana".into(), team: "Security".into(), ..TokenForm::default() };
    let token = tokens::mint::mint(&house, &system, &form).await.unwrap().token;
    let form = DestinationForm { kind: "webhook".into(), address: receiver.url.clone(), ..DestinationForm::default() };
    let made = alerts::create_destination(&house, &system, &form).await.unwrap().destination;
    let scope = Scope::Token { token_id: token.id.clone() };
    alerts::subscribe(
        &house,
        &system,
        &SubscriptionForm { pace: Some(Pace::Every), ..SubscriptionForm::usual(made.id, scope) },
    )
    .await
    .unwrap();
    let key = api_keys::create(&house, &system, "test", "admin", "").await.unwrap().secret.expose().to_owned();
    let port = house.config.listen.port();
    house.store.close().await;
    drop(house);

    let url = format!("http://127.0.0.1:{port}");
    let (api, pages) = (Caller::with_key(&format!("{url}/api/v1"), &key), Caller::at(&url));
    let (taken, over) = (Arc::new(Mutex::new(BTreeSet::new())), Arc::new(AtomicBool::new(false)));
    let sender = tokio::spawn({
        let (taken, over, access_key) = (Arc::clone(&taken), Arc::clone(&over), token.access_key_id.clone());
        async move {
            for n in 0.. {
                if over.load(Ordering::Relaxed) {
                    break;
                }
                let event = format!("e-{n}");
                let record = json!({
                    "eventVersion": "1.11",
                    "eventID": event,
                    "eventTime": "2026-11-21T14:03:09Z",
                    "eventSource": "sts.amazonaws.com",
                    "eventName": "GetCallerIdentity",
                    "awsRegion": "eu-west-1",
                    "sourceIPAddress": "203.0.113.7",
                    "userAgent": "aws-cli/2.15",
                    "userIdentity": { "type": "IAMUser", "accessKeyId": access_key },
                });
                // What was taken must not get lost; of what was not, nobody can say.
                let status = api.try_status(Method::POST, "/ingest/cloudtrail", &record).await;
                if status.is_some_and(|status| status.is_success()) {
                    taken.lock().unwrap().insert(event);
                } else {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
        }
    });

    let (storm, mut kills) = (Instant::now(), 0);
    while kills < KILLS && storm.elapsed() < STORM {
        let program = Program::start(&folder, port);
        listens(&pages).await;
        tokio::time::sleep(Duration::from_millis(SystemChance.below(250))).await;
        drop(program);
        kills += 1;
    }
    over.store(true, Ordering::Relaxed);
    sender.await.unwrap();

    let program = Program::start(&folder, port);
    let told = || {
        let mut told: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for seen in receiver.seen() {
            let event = seen.json()["data"]["hit"]["event_id"].as_str().unwrap().to_owned();
            told.entry(event).or_default().insert(seen.id);
        }
        told
    };
    let taken = taken.lock().unwrap().clone();
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let told = told();
        let missing: Vec<_> = taken.iter().filter(|event| !told.contains_key(*event)).take(5).collect();
        if missing.is_empty() {
            break;
        }
        assert!(Instant::now() < deadline, "lost after {kills} kills: {missing:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    drop(program);
    let (sent, told) = (receiver.seen().len(), told());
    println!("{kills} kills, {} hits taken, {sent} deliveries, {} repeated", taken.len(), sent - told.len());
    assert!(kills >= 5 && taken.len() > 20, "{kills} kills and {} hits prove little", taken.len());
    for (event, ids) in &told {
        assert_eq!(ids.len(), 1, "{event} came under several identifiers: {ids:?}");
        assert!(ids.iter().all(|id| id.len() == 36));
    }
}
