//! Works on one queue: several long polls at once, filing in groups, and deleting what is committed.
//!
//! ```text
//! poll ─┬─ records ─→ file ──┬─→ delete
//!       ├─ log files ─→ read ┤
//!       ├─ chatter ──────────┘
//!       └─ not understood ─→ quarantine, and back to the queue
//! ```
//! The channels between are short: a poll waits until there is room, so that memory stays bounded and messages stay in the
//! queue, where they are safe. While one group is being committed the next one gathers.

use super::{
    delete, file,
    message::{Content, Place, understand},
    poison,
    state::{self, Absence},
    work::{HIDDEN, InWork, extend},
};
use crate::{
    accounts,
    house::{ChanceExt as _, House},
    intake::{files::Buckets, read::Batch},
    issuers::aws::{AwsIssuer, code_of, words},
};
use app::model::{hit::Source, moment::Moment};
use aws_sdk_sqs::{
    Client,
    config::retry::RetryConfig,
    types::{MessageSystemAttributeName, QueueAttributeName},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Mutex, mpsc, watch},
    task::JoinSet,
};

/// How many long polls wait at once.
const POLLS: usize = 4;
/// How many messages SQS gives at most at once.
const BATCH: i32 = 10;
/// How long a poll waits for a message, in seconds: as long as SQS allows, which makes an empty queue cheap.
const WAIT: i32 = 20;
/// How many messages with records may wait to be filed.
const RECORDS: usize = 400;
/// How many messages with log files may wait to be read.
const FILES: usize = 16;
/// How many messages with log files are worked on at once.
const READERS: usize = 4;
/// The first wait after a failure, doubled with each one that follows.
const FIRST: Duration = Duration::from_secs(1);
/// The longest wait after a failure.
const LONGEST: Duration = Duration::from_secs(60);
/// How long work in progress may take when everything ends.
const PATIENCE: Duration = Duration::from_secs(15);

/// A message as SQS gave it.
#[derive(Clone, Debug)]
pub struct Message {
    /// SQS's name for it, the same each time it is delivered.
    pub id: String,
    /// The name of this delivery.
    pub receipt: String,
    /// How often it was delivered, this time included.
    pub times: u32,
    /// What it says.
    pub body: String,
}

/// A queue, and everything that those who work on it share.
pub struct Consumer {
    /// The house.
    pub house: Arc<House>,
    /// The account by whose role the queue is read.
    pub issuer: Arc<AwsIssuer>,
    /// The queue's address.
    pub url: String,
    /// What is expected on it; what cannot be understood is kept under this word.
    pub source: Source,
    /// The way to the queue.
    pub sqs: Client,
    /// The ways to the buckets.
    pub buckets: Buckets,
    /// What is being worked on.
    pub in_work: InWork,
    /// How often a message is tried before it is given up; see [`poison`].
    pub tries: AtomicU32,
    /// Where messages go that are done with.
    pub done: mpsc::Sender<String>,
    /// Whether messages are fetched: not while the database is away; see [`super::outage`].
    pub fetches: watch::Sender<bool>,
}

/// How a consumer is to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pace {
    /// Work.
    On,
    /// End, but let polls come back first: SQS may answer one whose asker is gone, and what it gives then is hidden from
    /// everybody for a minute.
    End,
    /// End at once. What is lost that way comes again.
    Now,
}

/// Several workers take from the same channel.
pub type Shared<T> = Arc<Mutex<mpsc::Receiver<T>>>;

/// Works on a queue until it is to end.
pub async fn run(house: Arc<House>, issuer: Arc<AwsIssuer>, url: String, source: Source, pace: watch::Receiver<Pace>) {
    let sqs = issuer.clients().sqs(&url).await;
    // The waits between tries are ours, so that a queue that is away is known to be.
    let config = sqs.config().to_builder().retry_config(RetryConfig::standard().with_max_attempts(1)).build();
    let (done, deletions) = mpsc::channel(RECORDS);
    let consumer = Arc::new(Consumer {
        sqs: Client::from_conf(config),
        house,
        issuer,
        source,
        buckets: Buckets::default(),
        in_work: InWork::default(),
        tries: AtomicU32::new(poison::TRIES),
        done,
        url,
        fetches: watch::Sender::new(true),
    });
    let url = consumer.url.clone();
    let keeper = {
        let consumer = Arc::downgrade(&consumer);
        tokio::spawn(async move { extend(&consumer).await })
    };
    let mut workers = JoinSet::new();
    workers.spawn(delete::run(consumer.sqs.clone(), url.clone(), deletions));
    let (to_file, records) = mpsc::channel(RECORDS);
    let (to_read, files) = mpsc::channel(FILES);
    let (records, files): (Shared<_>, Shared<_>) = (Arc::new(Mutex::new(records)), Arc::new(Mutex::new(files)));
    for _ in 0..2 {
        workers.spawn(file::records(Arc::clone(&consumer), Arc::clone(&records)));
    }
    for _ in 0..READERS {
        workers.spawn(file::files(Arc::clone(&consumer), Arc::clone(&files)));
    }
    for first in [true, false, false, false].into_iter().take(POLLS) {
        workers.spawn(poll(Arc::clone(&consumer), first, to_file.clone(), to_read.clone(), pace.clone()));
    }
    drop((to_file, to_read));
    // Polls end, channels run dry, workers end; the last one to let go of the consumer lets the deletions end.
    drop(consumer);
    let all = async { while workers.join_next().await.is_some() {} };
    let mut told = pace;
    let late = async {
        let _ = told.wait_for(|pace| *pace == Pace::Now).await;
        tokio::time::sleep(PATIENCE).await;
    };
    tokio::select! {
        () = all => {}
        () = late => tracing::warn!(queue = %url, "work on messages was cut off; they come again"),
    }
    keeper.abort();
}

async fn poll(
    consumer: Arc<Consumer>,
    first: bool,
    to_file: mpsc::Sender<(Message, Batch)>,
    to_read: mpsc::Sender<(Message, Vec<Place>)>,
    pace: watch::Receiver<Pace>,
) {
    let (mut now, mut end) = (pace.clone(), pace.clone());
    let work = async {
        if first {
            learn_tries(&consumer).await;
        }
        // The first one comes back at once, so that it is soon known whether the queue answers.
        let mut wait = if first { 0 } else { WAIT };
        let mut failures = 0;
        let mut fetches = consumer.fetches.subscribe();
        while *pace.borrow() == Pace::On {
            tokio::select! {
                _ = fetches.wait_for(|fetches| *fetches) => {}
                _ = end.wait_for(|pace| *pace != Pace::On) => continue,
            }
            match receive(&consumer, wait).await {
                Ok(messages) => {
                    (failures, wait) = (0, WAIT);
                    // All of them before the first: while one waits for room, the time of those behind it runs as well.
                    messages.iter().for_each(|message| consumer.in_work.begin(&message.receipt));
                    for message in messages {
                        route(&consumer, message, &to_file, &to_read).await;
                    }
                }
                Err(why) => {
                    failures += 1;
                    let now = consumer.house.now();
                    if consumer.house.ears.queues.is_away(&consumer.url, now, &why) {
                        let why = &why.says;
                        tracing::warn!(queue = %consumer.url, why, "a queue does not answer; it is asked again and again");
                    }
                    let pause = tokio::time::sleep(pause(&consumer.house, failures));
                    tokio::select! { () = pause => {}, _ = end.wait_for(|pace| *pace != Pace::On) => {} }
                }
            }
        }
    };
    tokio::select! { () = work => {}, _ = now.wait_for(|pace| *pace == Pace::Now) => {} }
}

/// How long to wait after so many failures in a row: longer each time, and never quite the same for two who wait.
fn pause(house: &House, failures: u32) -> Duration {
    let full = FIRST.saturating_mul(1 << failures.saturating_sub(1).min(6)).min(LONGEST);
    let half = full / 2;
    half + Duration::from_millis(house.chance.below(u64::try_from(half.as_millis()).unwrap_or(0)))
}

async fn receive(consumer: &Consumer, wait: i32) -> Result<Vec<Message>, Absence> {
    let asked = consumer
        .sqs
        .receive_message()
        .queue_url(&consumer.url)
        .max_number_of_messages(BATCH)
        .wait_time_seconds(wait)
        .visibility_timeout(HIDDEN)
        .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
        .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp);
    let answer = asked.send().await.map_err(|error| Absence {
        says: words("sqs:ReceiveMessage", &error).to_string(),
        denied: accounts::is_denied(code_of(&error)),
    })?;
    let (queues, now) = (&consumer.house.ears.queues, consumer.house.now());
    let sent = answer
        .messages()
        .iter()
        .filter_map(|message| message.attributes()?.get(&MessageSystemAttributeName::SentTimestamp)?.parse().ok());
    if let Some(first) = sent.min() {
        queues.fetched(&consumer.url, now, now.since(Moment(first)));
    }
    if let Some(since) = queues.answered(&consumer.url, now) {
        tracing::info!(queue = %consumer.url, since = %since.exact(), "a queue answers again");
    }
    let read = |message: aws_sdk_sqs::types::Message| {
        let times = message.attributes().and_then(|all| all.get(&MessageSystemAttributeName::ApproximateReceiveCount));
        Some(Message {
            times: times.and_then(|times| times.parse().ok()).unwrap_or(1),
            id: message.message_id?,
            receipt: message.receipt_handle?,
            body: message.body.unwrap_or_default(),
        })
    };
    Ok(answer.messages.unwrap_or_default().into_iter().filter_map(read).collect())
}

async fn route(
    consumer: &Consumer,
    message: Message,
    to_file: &mpsc::Sender<(Message, Batch)>,
    to_read: &mpsc::Sender<(Message, Vec<Place>)>,
) {
    // The workers end after the polls, so that there is always somebody who takes it.
    match understand(&message.body) {
        Ok(Content::Records(batch)) => drop(to_file.send((message, batch)).await),
        Ok(Content::Objects(places)) => drop(to_read.send((message, places)).await),
        Ok(Content::Chatter) => drop(consumer.done.send(file::finish(consumer, message)).await),
        Err(why) => poison::not_understood(consumer, &message, &why).await,
    }
}

/// A message is given up before the queue itself puts it aside.
async fn learn_tries(consumer: &Consumer) {
    let asked = consumer.sqs.get_queue_attributes().queue_url(&consumer.url);
    let asked = asked.attribute_names(QueueAttributeName::RedrivePolicy).send().await;
    let policy = asked.ok().and_then(|answer| answer.attributes()?.get(&QueueAttributeName::RedrivePolicy).cloned());
    let Some(policy) = policy else { return };
    let most = serde_json::from_str::<serde_json::Value>(&policy).ok().and_then(|policy| {
        let most = policy.get("maxReceiveCount")?;
        most.as_u64().or_else(|| most.as_str()?.parse().ok())
    });
    if let Some(most) = most.and_then(|most| u32::try_from(most).ok()) {
        consumer.tries.store(most.clamp(1, poison::TRIES), Ordering::Relaxed);
        tracing::debug!(
            queue = state::name_of(&consumer.url),
            most,
            "the queue puts messages aside after so many tries"
        );
    }
}
