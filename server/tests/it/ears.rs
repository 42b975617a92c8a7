//! The ways in from AWS: queues, log files, and what must not become a hit.

mod accounts;
mod bucket;
mod doctor;
mod killed;
mod last_used;
mod outage;
pub mod queue;
mod queues;
mod rights;
mod rules;
mod sns;
pub mod trail;

use crate::{
    aws::emulator::{ACCOUNT, Emulator},
    house::TestHouse,
};
use app::model::{account::AccountForm, viewer::Viewer};
use aviary::issuers::aws::AwsClients;
use axum::http::{Method, StatusCode};
use queue::Queue;
use serde_json::{Value, json};
use std::time::Duration;

/// The key and the user that the tests' own logs are about.
pub const KEY: &str = "AKIAWATCHED000000001";
pub const ARN: &str = "arn:aws:iam::123456789012:user/ci/deploy";

/// A house that listens to two queues and watches the tests' key.
pub struct Listening {
    pub house: TestHouse,
    pub events: Queue,
    pub files: Queue,
}

impl Listening {
    pub async fn new(aws: &Emulator) -> Self {
        Self::with(aws, aws.clients(None), 3).await
    }

    /// A house whose way to AWS is another one than the test's, and whose queues put messages aside after so many tries.
    pub async fn with(aws: &Emulator, clients: AwsClients, tries: u32) -> Self {
        let (events, files) = (Queue::new(aws, tries).await, Queue::new(aws, tries).await);
        let house = TestHouse::with_aws(clients).await;
        adopt(&house, KEY, ARN).await;
        let form = AccountForm { events_queue: events.url.clone(), files_queue: files.url.clone(), ..account() };
        aviary::accounts::add(&house.house, &Viewer::system("test"), &form).await.unwrap();
        Self { house, events, files }
    }

    /// Waits until everything that was sent is dealt with.
    pub async fn quiet(&self) {
        eventually("the queues are empty", async || self.events.depth().await + self.files.depth().await == 0).await;
    }

    pub async fn hits(&self) -> Vec<Value> {
        hits(&self.house).await
    }

    /// What could not be dealt with, newest first: the reasons.
    pub async fn quarantine(&self) -> Vec<String> {
        let page = aviary::hits::quarantine(&self.house.house, &Viewer::system("test"), None).await.unwrap();
        page.items.into_iter().map(|entry| entry.reason).collect()
    }
}

/// The form of the tests' account.
pub fn account() -> AccountForm {
    AccountForm { id: ACCOUNT.into(), ..AccountForm::default() }
}

pub async fn adopt(house: &TestHouse, key: &str, arn: &str) -> Value {
    let form = json!({ "access_key_id": key, "arn": arn, "location": "a test", "owner": "ana" });
    let answer = house.api().json(Method::POST, "/tokens/adopt", &form).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    answer.body()
}

/// Every hit, the latest event first.
pub async fn hits(house: &TestHouse) -> Vec<Value> {
    house.api().get("/hits?limit=500").await.body()["items"].as_array().unwrap().clone()
}

/// The words of the ways that reported a hit.
pub fn ways(hit: &Value) -> Vec<&str> {
    hit["sources"].as_array().unwrap().iter().map(|one| one["source"].as_str().unwrap()).collect()
}

/// Waits until this holds, for at most a minute: the other end is another program.
pub async fn eventually<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    while !holds().await {
        assert!(tokio::time::Instant::now() < deadline, "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}

/// A use of the key as a record with this event id.
pub fn record(id: &str, key: &str) -> Value {
    json!({
        "eventVersion": "1.11", "eventID": id, "eventTime": "2026-03-01T10:02:00Z", "eventName": "ListBuckets",
        "eventSource": "s3.amazonaws.com", "awsRegion": "eu-central-1", "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2.31.0", "errorCode": "AccessDenied", "recipientAccountId": ACCOUNT,
        "userIdentity": { "type": "IAMUser", "accountId": ACCOUNT, "accessKeyId": key, "arn": ARN, "userName": "deploy" },
    })
}

/// A record as EventBridge sends it.
pub fn event(record: &Value) -> String {
    json!({
        "version": "0", "id": "e", "source": "aws.s3", "detail-type": "AWS API Call via CloudTrail",
        "account": ACCOUNT, "region": "eu-central-1", "time": "2026-03-01T10:02:00Z", "resources": [], "detail": record,
    })
    .to_string()
}
