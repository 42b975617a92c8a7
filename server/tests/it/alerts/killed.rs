//! The program is killed again and again while hits come in, at every step of an alert's way and at any moment besides:
//! no alert is lost, each keeps its identifier, and of what is held back each use is told once.

use super::receiver::Receiver;
use crate::house::{Caller, Folder, TestHouse, beginning};
use app::model::{
    alert::{DestinationForm, Scope, SubscriptionForm},
    pace::Pace,
    token::{Token, TokenForm},
    viewer::Viewer,
};
use aviary::{
    alerts,
    house::{ChanceExt as _, House, SystemChance},
    people::{api_keys, teams},
    store::Store,
    tokens,
};
use axum::http::Method;
use serde_json::json;
use sqlx::Row as _;
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

/// For how long at most.
const STORM: Duration = Duration::from_secs(120);

/// The steps of an alert's way, in turn: written with its hit, leased, handed over, noted; a digest written; and any moment.
const STEPS: [&str; 6] = ["written", "claimed", "sent", "noted", "composed", "any"];

/// The program, as an operator runs it.
struct Program(Child);

impl Program {
    /// Starts it; `die_at` names the step at which it ends, and which time that is passed.
    fn start(folder: &Folder, port: u16, die_at: Option<(&str, usize)>) -> Self {
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
        if let Some((step, time)) = die_at {
            command.env("AVIARY_TEST_DIE_AT", format!("{step}:{time}"));
        }
        Self(command.spawn().unwrap())
    }

    /// Waits until it has ended by itself.
    async fn dies(&mut self, step: &str) {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                assert!(!status.success() && status.code().is_none(), "it ended in good order: {status}");
                return;
            }
            assert!(Instant::now() < deadline, "the step {step} was not passed");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
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

/// A webhook that hears about a token at this pace.
async fn hearing(house: &House, token: &Token, pace: Pace) -> Receiver {
    let (receiver, system) = (Receiver::start().await, Viewer::system("test"));
    let form = DestinationForm { kind: "webhook".into(), address: receiver.url.clone(), ..DestinationForm::default() };
    let made = alerts::create_destination(house, &system, &form).await.unwrap().destination;
    let scope = Scope::Token { token_id: token.id.clone() };
    let form = SubscriptionForm { pace: Some(pace), ..SubscriptionForm::usual(made.id, scope) };
    alerts::subscribe(house, &system, &form).await.unwrap();
    receiver
}

/// Sends hits until it is over; those that were taken are noted.
fn send_hits(api: Caller, key: String, taken: Arc<Mutex<BTreeSet<String>>>, over: Arc<AtomicBool>) -> Task {
    tokio::spawn(async move {
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
                "userIdentity": { "type": "IAMUser", "accessKeyId": key },
            });
            // What was taken must not get lost; of what was not, nobody can say.
            let status = api.try_status(Method::POST, "/ingest/cloudtrail", &record).await;
            if status.is_some_and(|status| status.is_success()) {
                taken.lock().unwrap().insert(event);
            } else {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    })
}

type Task = tokio::task::JoinHandle<()>;

/// Lets what is held be due, while the program is not running; how many hits there are, and how many of them are held.
async fn let_digests_be_due(folder: &Folder) -> (i64, i64) {
    let store = Store::open(&Store::sqlite_url(&folder.path().join("aviary.db"))).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    sqlx::query("UPDATE held SET due_at = 1 WHERE count > 0").execute(&mut *tx).await.unwrap();
    let numbers = "SELECT (SELECT COUNT(*) FROM hits) AS hits, (SELECT COALESCE(SUM(count), 0) FROM held) AS held";
    let row = sqlx::query(numbers).fetch_one(&mut *tx).await.unwrap();
    let numbers = (row.get("hits"), row.get("held"));
    tx.commit().await.unwrap();
    store.close().await;
    numbers
}

#[tokio::test(flavor = "multi_thread")]
async fn however_often_the_program_is_killed_no_alert_is_lost() {
    if std::env::var("AVIARY_TEST_ON").as_deref() == Ok("postgres") {
        return;
    }
    let folder = Folder::new();
    // A token, two destinations that hear about it, and a key, made while the program is not running.
    let (house, _) = TestHouse::build(&folder, &[], beginning()).await;
    let system = Viewer::system("test");
    teams::create(&house, &system, "Security").await.unwrap();
    let form =
        TokenForm { location: "laptop".into(), owner: "ana".into(), team: "Security".into(), ..TokenForm::default() };
    let token = tokens::mint::mint(&house, &system, &form).await.unwrap().token;
    let eager = hearing(&house, &token, Pace::Every).await;
    let calm = hearing(&house, &token, Pace::Incident).await;
    let key = api_keys::create(&house, &system, "test", "admin", "").await.unwrap().secret.expose().to_owned();
    let port = house.config.listen.port();
    house.store.close().await;
    drop(house);

    let url = format!("http://127.0.0.1:{port}");
    let (api, pages) = (Caller::with_key(&format!("{url}/api/v1"), &key), Caller::at(&url));
    let (taken, over) = (Arc::new(Mutex::new(BTreeSet::new())), Arc::new(AtomicBool::new(false)));
    let sender = send_hits(api, token.access_key_id.clone(), Arc::clone(&taken), Arc::clone(&over));

    let (storm, mut kills) = (Instant::now(), BTreeMap::<&str, usize>::new());
    for kill in 0..KILLS {
        if storm.elapsed() >= STORM {
            break;
        }
        // A release passes no step: there it is any moment.
        let step = if cfg!(debug_assertions) { STEPS[kill % STEPS.len()] } else { "any" };
        let time = match step {
            "composed" => {
                let (_, held) = let_digests_be_due(&folder).await;
                // The first hit is told at once. Without a second one there is nothing to digest.
                if held == 0 {
                    continue;
                }
                1
            }
            // A lease lasts as long as there is something to send.
            "claimed" => 1,
            _ => (kill / STEPS.len()) % 4 + 1,
        };
        let mut program = Program::start(&folder, port, (step != "any").then_some((step, time)));
        if step == "any" {
            listens(&pages).await;
            tokio::time::sleep(Duration::from_millis(SystemChance.below(250))).await;
        } else {
            program.dies(step).await;
        }
        drop(program);
        *kills.entry(step).or_default() += 1;
    }
    over.store(true, Ordering::Relaxed);
    sender.await.unwrap();

    // Once more without being killed, with everything due that is held.
    let (hits, held) = let_digests_be_due(&folder).await;
    let program = Program::start(&folder, port, None);
    let told = || {
        let mut told: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for seen in eager.seen() {
            let event = seen.json()["data"]["hit"]["event_id"].as_str().unwrap().to_owned();
            told.entry(event).or_default().insert(seen.id);
        }
        told
    };
    // Each message once, however often it came: hits that were told at once, and those that digests count.
    let counted = || {
        let messages: BTreeMap<String, i64> = calm
            .seen()
            .into_iter()
            .map(|seen| {
                let body = seen.json();
                (seen.id, body["data"]["digest"]["count"].as_i64().unwrap_or(1))
            })
            .collect();
        messages.values().sum::<i64>()
    };
    let taken = taken.lock().unwrap().clone();
    let deadline = Instant::now() + Duration::from_secs(15);
    loop {
        let (told, counted) = (told(), counted());
        let missing: Vec<_> = taken.iter().filter(|event| !told.contains_key(*event)).take(5).collect();
        if missing.is_empty() && counted == hits {
            break;
        }
        assert!(
            Instant::now() < deadline,
            "after {kills:?}: lost {missing:?}; {counted} of {hits} counted, {held} were held at the end"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    drop(program);
    let (sent, told) = (eager.seen().len(), told());
    let times = storm.elapsed();
    println!(
        "{kills:?} in {times:?}: {hits} hits, {} of them taken; {sent} deliveries, {} repeated; {} messages to who is calm",
        taken.len(),
        sent - told.len(),
        calm.seen().len(),
    );
    let all: usize = kills.values().sum();
    assert!(all >= KILLS * 9 / 10 && taken.len() > 20, "{kills:?} and {} hits prove little", taken.len());
    for (event, ids) in &told {
        assert_eq!(ids.len(), 1, "{event} came under several identifiers: {ids:?}");
        assert!(ids.iter().all(|id| id.len() == 36));
    }
}
