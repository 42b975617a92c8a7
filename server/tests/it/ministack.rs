//! An AWS on this machine: PyPI's ministack, one process for all tests of this binary. What it does not do (see the
//! stories) is done by the tests: nothing in it writes CloudTrail's files or sends CloudTrail's events.

use crate::skipped::skipped;
use app::model::{account::AccountSettings, secret::Secret};
use aviary::{
    house::{Chance as _, SystemChance},
    issuers::aws::{AwsClients, Clients},
};
use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    process::{Command, Stdio},
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

/// The account that all of it belongs to; the tests' records have the same.
pub const ACCOUNT: &str = "111122223333";
pub const REGION: &str = "us-east-1";
/// The key in its environment is the admin's; all others go through its IAM.
pub const KEY: &str = "AKIACIADMINCIADMIN00";
pub const SECRET: &str = "ciadminsecretciadminsecretciadminsecret0";

/// A running one.
#[derive(Clone)]
pub struct Ministack {
    /// `http://127.0.0.1:PORT`
    pub url: String,
}

/// The one of this process; `None` where the machine has none, which is said.
pub fn ministack(what: &str) -> Option<Ministack> {
    static ONE: OnceLock<Option<String>> = OnceLock::new();
    let url = ONE.get_or_init(start).clone();
    if url.is_none() {
        skipped(&format!("{what}: AVIARY_TEST_VENV names no Python venv that has ministack"));
    }
    url.map(|url| Ministack { url })
}

fn start() -> Option<String> {
    let program = format!("{}/bin/ministack", std::env::var("AVIARY_TEST_VENV").ok()?);
    if !std::path::Path::new(&program).exists() {
        return None;
    }
    let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let home = std::env::temp_dir().join(format!("aviary-ministack-{port}"));
    std::fs::create_dir_all(&home).unwrap();
    // A shell in between waits for the end of its input, which comes with the end of this process, however that ends.
    let script = r#""$0" >"$HOME/log" 2>&1 & pid=$!; cat >/dev/null; kill $pid; wait $pid 2>/dev/null; rm -rf "$HOME""#;
    let mut child = Command::new("sh")
        .args(["-c", script, &program])
        .env_clear()
        .envs([
            ("PATH", std::env::var("PATH").unwrap_or_default().as_str()),
            ("HOME", home.to_str().unwrap()),
            ("BIND_HOST", "127.0.0.1"),
            ("GATEWAY_PORT", &port.to_string()),
            ("MINISTACK_HOST", "127.0.0.1"),
            ("MINISTACK_ACCOUNT_ID", ACCOUNT),
            ("MINISTACK_REGION", REGION),
            ("AUTH", "true"),
            ("AWS_ACCESS_KEY_ID", KEY),
            ("AWS_SECRET_ACCESS_KEY", SECRET),
            ("IOT_MTLS_ENABLED", "0"),
            ("SFTP_ENABLED", "0"),
            ("LOG_LEVEL", "WARNING"),
        ])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    // Kept open until this process ends.
    std::mem::forget(child.stdin.take());
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_up(port) {
        assert!(Instant::now() < deadline, "ministack does not start; its log is in {}", home.display());
        std::thread::sleep(Duration::from_millis(50));
    }
    Some(format!("http://127.0.0.1:{port}"))
}

fn is_up(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else { return false };
    let mut answer = [0; 12];
    let asked = stream.write_all(b"GET /_ministack/health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    asked.is_ok() && stream.read_exact(&mut answer).is_ok() && answer.ends_with(b"200")
}

/// A name that nobody else has.
pub fn unique(start: &str) -> String {
    let mut bytes = [0; 6];
    SystemChance.fill(&mut bytes);
    format!("{start}-{}", hex::encode(bytes))
}

impl Ministack {
    /// The way to it for a house.
    pub fn clients(&self) -> AwsClients {
        Self::at(&self.url)
    }

    /// The way to what stands at this address: it, or a proxy in front of it.
    pub fn at(url: &str) -> AwsClients {
        AwsClients::elsewhere(url, KEY, &Secret::new(SECRET.to_owned()))
    }

    /// The test's own way to it.
    pub fn admin(&self) -> Arc<Clients> {
        self.clients().to(&AccountSettings { region: REGION.into(), ..AccountSettings::default() })
    }
}

/// A queue with its dead-letter queue.
pub struct Queue {
    pub sqs: aws_sdk_sqs::Client,
    pub url: String,
    pub arn: String,
    pub dead: String,
}

impl Queue {
    /// A new one, which puts a message aside after so many tries.
    pub async fn new(aws: &Ministack, tries: u32) -> Self {
        let sqs = aws.admin().sqs("").await;
        let (dead, dead_arn) = make(&sqs, &unique("dead"), None).await;
        let policy = serde_json::json!({ "deadLetterTargetArn": dead_arn, "maxReceiveCount": tries }).to_string();
        let (url, arn) = make(&sqs, &unique("queue"), Some(policy)).await;
        Self { sqs, url, arn, dead }
    }

    pub async fn send(&self, body: &str) {
        self.sqs.send_message().queue_url(&self.url).message_body(body).send().await.unwrap();
    }

    /// Sends many, ten at a time.
    pub async fn send_all(&self, bodies: &[String]) {
        for ten in bodies.chunks(10) {
            let entries = ten.iter().enumerate().map(|(n, body)| {
                aws_sdk_sqs::types::SendMessageBatchRequestEntry::builder()
                    .id(n.to_string())
                    .message_body(body)
                    .build()
                    .unwrap()
            });
            let entries = Some(entries.collect());
            let sent = self.sqs.send_message_batch().queue_url(&self.url).set_entries(entries).send().await.unwrap();
            assert_eq!(sent.failed(), []);
        }
    }

    /// How many messages are on it, those in work included.
    pub async fn depth(&self) -> i64 {
        depth(&self.sqs, &self.url).await
    }

    /// How many were put aside.
    pub async fn dead_depth(&self) -> i64 {
        depth(&self.sqs, &self.dead).await
    }
}

async fn make(sqs: &aws_sdk_sqs::Client, name: &str, policy: Option<String>) -> (String, String) {
    use aws_sdk_sqs::types::QueueAttributeName;
    let mut asked = sqs.create_queue().queue_name(name);
    if let Some(policy) = policy {
        asked = asked.attributes(QueueAttributeName::RedrivePolicy, policy);
    }
    let url = asked.send().await.unwrap().queue_url.unwrap();
    let arn = QueueAttributeName::QueueArn;
    let answer = sqs.get_queue_attributes().queue_url(&url).attribute_names(arn.clone()).send().await.unwrap();
    (url, answer.attributes.unwrap()[&arn].clone())
}

async fn depth(sqs: &aws_sdk_sqs::Client, url: &str) -> i64 {
    use aws_sdk_sqs::types::QueueAttributeName as Name;
    let names = [Name::ApproximateNumberOfMessages, Name::ApproximateNumberOfMessagesNotVisible];
    let asked = sqs.get_queue_attributes().queue_url(url).set_attribute_names(Some(names.to_vec()));
    let answer = asked.send().await.unwrap().attributes.unwrap();
    names.iter().map(|name| answer[name].parse::<i64>().unwrap()).sum()
}
