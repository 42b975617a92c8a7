//! The server is killed with messages in flight, and started again.

use super::{ARN, KEY, account, event, eventually, queue::Queue, record};
use crate::{
    aws::emulator::Emulator,
    house::{Caller, Folder, TestHouse, beginning},
};
use app::model::{account::AccountForm, token::TokenForm, viewer::Viewer};
use aviary::{accounts, people::api_keys, tokens};
use aws_sdk_sqs::types::QueueAttributeName as Name;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    process::{Child, Command, Stdio},
    time::Duration,
};

/// How many messages there are.
const SENT: usize = 150;

/// The program, as an operator runs it; it ends with the test.
struct Program(Child);

impl Program {
    fn start(folder: &Folder, aws: &Emulator, port: u16) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aviary"));
        command
            .arg("serve")
            .env_clear()
            .env("AVIARY_LISTEN", format!("127.0.0.1:{port}"))
            .env("AVIARY_SANDBOX_LISTEN", "off")
            .env("AVIARY_DATA_DIR", folder.path())
            .env("AVIARY_LOG", "error")
            .envs(aws.variables(&aws.url))
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

async fn hits(api: &Caller) -> Vec<Value> {
    api.get("/hits?limit=500").await.body()["items"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_with_messages_in_flight_files_each_hit_once() {
    if std::env::var("AVIARY_TEST_ON").as_deref() == Ok("postgres") {
        return;
    }
    let Some(aws) = Emulator::start("a killed server with messages in flight").await else { return };
    let queue = Queue::new(&aws, 50).await;
    let folder = Folder::new();
    let (house, _) = TestHouse::build_with(&folder, &[], beginning(), aws.clients(None)).await;
    let admin = Viewer::system("test");
    accounts::add(&house, &admin, &AccountForm { events_queue: queue.url.clone(), ..account() }).await.unwrap();
    aviary::people::teams::create(&house, &admin, "Security").await.unwrap();
    let form = TokenForm {
        access_key_id: KEY.into(),
        arn: ARN.into(),
        location: "a test".into(),
        owner: "ana".into(),
        ..TokenForm::default()
    };
    tokens::adopt::adopt(&house, &admin, &form).await.unwrap();
    let key = api_keys::create(&house, &admin, "test", "admin", "").await.unwrap().secret.expose().to_owned();
    house.store.close().await;
    drop(house);

    let port = crate::house::free_port();
    let base = format!("http://127.0.0.1:{port}");
    let api = Caller::with_key(&format!("{base}/api/v1"), &key);
    let bodies: Vec<_> = (0..SENT).map(|n| event(&record(&format!("event-{n}"), KEY))).collect();
    let program = Program::start(&folder, &aws, port);
    eventually("it listens", async || {
        Caller::at(&base).try_get("/readyz").await.is_some_and(|status| status.is_success())
    })
    .await;
    queue.send_all(&bodies).await;
    // Killed while some are filed and others, which SQS has handed out, are not.
    let in_flight = async || {
        let asked = queue.sqs.get_queue_attributes().queue_url(&queue.url);
        let asked = asked.attribute_names(Name::ApproximateNumberOfMessagesNotVisible).send().await.unwrap();
        asked.attributes.unwrap()[&Name::ApproximateNumberOfMessagesNotVisible].parse::<usize>().unwrap()
    };
    eventually("work has begun", async || in_flight().await > 0 || !hits(&api).await.is_empty()).await;
    drop(program);

    let _again = Program::start(&folder, &aws, port);
    eventually("it listens again", async || {
        Caller::at(&base).try_get("/readyz").await.is_some_and(|status| status.is_success())
    })
    .await;
    // What was in flight is hidden for a minute, and what SQS gave to polls whose asker is dead for another one.
    let deadline = tokio::time::Instant::now() + Duration::from_secs(180);
    while hits(&api).await.len() < SENT || queue.depth().await > 0 {
        assert!(tokio::time::Instant::now() < deadline, "in vain: {} are hits", hits(&api).await.len());
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    let mut seen = BTreeMap::new();
    for hit in hits(&api).await {
        *seen.entry(hit["event_id"].as_str().unwrap().to_owned()).or_insert(0) += 1;
    }
    assert_eq!((seen.len(), seen.values().max()), (SENT, Some(&1)));
    let token = api.get("/tokens").await.body()["items"][0].clone();
    assert_eq!(token["hit_count"], SENT, "each is counted once");
    assert_eq!(queue.dead_depth().await, 0);
}
