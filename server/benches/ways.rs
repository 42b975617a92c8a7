//! What the ways in from AWS take: log files through a bucket and a queue, and events on a queue.
//!
//! SQS and S3 are stand-ins on a thread of this program, which answer at once, and whose processor time is taken off;
//! everything else is the house as it runs, on SQLite.
//! `make bench` runs it. Nothing here is a test.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a bench may stop where something is not as expected, and measures with the system's clock"
)]

mod log;

use app::model::{account::AccountForm, secret::Secret, token::TokenForm, viewer::Viewer};
use aviary::{
    accounts,
    config::Config,
    hits::matching::Watch,
    house::{House, SystemChance, SystemClock},
    intake::{
        queues,
        scan::{self, walk},
    },
    issuers::aws::AwsClients,
    serve,
    store::matching::Watched,
    tokens,
};
use axum::{
    Router,
    body::Bytes,
    extract::{Path as InPath, State},
    http::{HeaderMap, StatusCode},
    routing::{get, post},
};
use serde_json::{Value, json};
use std::{
    collections::{HashMap, VecDeque},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::sync::Notify;

const WATCHED: usize = 10_000;
const EVENTS: usize = 20_000;
/// How often the log is gone through: the kernel counts processor time in hundredths of a second.
const ROUNDS: usize = 5;
const PER_SECOND: u64 = 200;
const SECONDS: u64 = 20;

/// SQS and S3, as far as Aviary asks them.
#[derive(Clone, Default)]
struct Aws(Arc<Inner>);

#[derive(Default)]
struct Inner {
    queues: Mutex<HashMap<String, VecDeque<(usize, String)>>>,
    sent: Mutex<Vec<Instant>>,
    lags: Mutex<Vec<Duration>>,
    came: Notify,
    folder: Mutex<PathBuf>,
    /// Where the kernel says what the stand-ins' thread takes.
    thread: Mutex<PathBuf>,
}

impl Aws {
    fn send(&self, queue: &str, body: String) {
        let mut sent = self.0.sent.lock().unwrap();
        sent.push(Instant::now());
        let id = sent.len() - 1;
        self.0.queues.lock().unwrap().entry(queue.to_owned()).or_default().push_back((id, body));
        self.0.came.notify_waiters();
    }

    /// Waits until so many messages were deleted, which they are after the commit; their lags, sorted.
    async fn deleted(&self, count: usize) -> Vec<Duration> {
        while self.0.lags.lock().unwrap().len() < count {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let mut lags = std::mem::take(&mut *self.0.lags.lock().unwrap());
        lags.sort();
        lags
    }

    fn take(&self, queue: &str) -> Vec<Value> {
        let mut queues = self.0.queues.lock().unwrap();
        let Some(queue) = queues.get_mut(queue) else { return Vec::new() };
        let most = queue.len().min(10);
        let message = |(id, body): (usize, String)| {
            json!({ "MessageId": format!("m-{id}"), "ReceiptHandle": id.to_string(), "Body": body,
                "Attributes": { "ApproximateReceiveCount": "1" } })
        };
        queue.drain(..most).map(message).collect()
    }
}

async fn sqs(State(aws): State<Aws>, headers: HeaderMap, body: Bytes) -> (StatusCode, String) {
    let asked: Value = serde_json::from_slice(&body).unwrap();
    let action = headers["x-amz-target"].to_str().unwrap().rsplit('.').next().unwrap();
    let answer = match action {
        "ReceiveMessage" => {
            let queue = asked["QueueUrl"].as_str().unwrap().rsplit('/').next().unwrap();
            let until = Instant::now() + Duration::from_secs(20);
            loop {
                let came = aws.0.came.notified();
                let messages = aws.take(queue);
                if !messages.is_empty() || Instant::now() >= until {
                    break json!({ "Messages": messages });
                }
                let _ = tokio::time::timeout(Duration::from_millis(50), came).await;
            }
        }
        "DeleteMessageBatch" => {
            let sent = aws.0.sent.lock().unwrap();
            let mut lags = aws.0.lags.lock().unwrap();
            let entries = asked["Entries"].as_array().unwrap();
            for entry in entries {
                lags.push(sent[entry["ReceiptHandle"].as_str().unwrap().parse::<usize>().unwrap()].elapsed());
            }
            let done: Vec<_> = entries.iter().map(|entry| json!({ "Id": entry["Id"] })).collect();
            json!({ "Successful": done, "Failed": [] })
        }
        _ => json!({ "Successful": [], "Failed": [], "Attributes": {} }),
    };
    (StatusCode::OK, answer.to_string())
}

async fn s3(State(aws): State<Aws>, InPath((_, key)): InPath<(String, String)>) -> Vec<u8> {
    let folder = aws.0.folder.lock().unwrap().clone();
    // On this thread, so that its time is that of the stand-ins.
    std::fs::read(folder.join(key.rsplit('/').next().unwrap())).unwrap()
}

/// A house on SQLite that listens to the stand-ins and watches as many tokens; the first five are used in the log.
async fn house(folder: &Path, aws: &Aws) -> Arc<House> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/", post(sqs)).route("/{bucket}/{*key}", get(s3)).with_state(aws.clone());
    // On threads of its own: what it takes must not hold up the house.
    let ours = aws.clone();
    std::thread::spawn(move || {
        *ours.0.thread.lock().unwrap() = Path::new("/proc").join(std::fs::read_link("/proc/thread-self").unwrap());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener.into_std().unwrap()).unwrap();
            axum::serve(listener, router).await
        })
    });
    let variables: HashMap<_, _> =
        [("AVIARY_DATA_DIR", folder.display().to_string()), ("AVIARY_SANDBOX_LISTEN", "off".into())].into();
    let config = Config::from("", "aviary.toml", &|name| variables.get(name).cloned()).unwrap();
    let clients = AwsClients::at(&url, "AKIABENCH", &Secret::new("secret".into()));
    let house = serve::build_with(config, Arc::new(SystemClock), Arc::new(SystemChance), clients).await.unwrap();
    let system = Viewer::system("bench");
    for n in 0..WATCHED {
        let known = n < 5;
        let form = TokenForm {
            access_key_id: if known { format!("AKIAHONEYTOKEN{n:06}") } else { format!("AKIATFQR7NSC{n:08}") },
            arn: if known { String::new() } else { format!("arn:aws:iam::210987654321:user/ci/build-{n}") },
            location: "bench".into(),
            owner: "bench".into(),
            ..TokenForm::default()
        };
        tokens::adopt::adopt(&house, &system, &form).await.unwrap();
    }
    let form = AccountForm {
        id: "210987654321".into(),
        events_queue: format!("{url}/210987654321/events"),
        files_queue: format!("{url}/210987654321/files"),
        ..AccountForm::default()
    };
    accounts::add(&house, &system, &form).await.unwrap();
    house
}

/// How much processor time this program has taken, in seconds (Linux, proc(5)).
fn processor_time() -> f64 {
    taken(Path::new("/proc/self"))
}

/// How much a process or a thread has taken.
fn taken(of: &Path) -> f64 {
    let stat = std::fs::read_to_string(of.join("stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: f64 = [11, 12].map(|at| fields[at].parse::<f64>().unwrap()).iter().sum();
    ticks / 100.0
}

/// Resident memory at its highest, in MiB.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

fn event(n: usize) -> String {
    let key = if n.is_multiple_of(2) { format!("AKIATFQR7NSC{:08}", 5 + n % 100) } else { format!("ASIAOTHER{n:011}") };
    let record = json!({
        "eventVersion": "1.11", "eventID": format!("00000000-0000-4000-8000-{n:012}"), "eventTime": "2026-03-01T10:02:00Z",
        "eventName": "ListBuckets", "eventSource": "s3.amazonaws.com", "awsRegion": "eu-central-1",
        "sourceIPAddress": "198.51.100.7", "userAgent": "aws-cli/2.31.0", "recipientAccountId": "210987654321",
        "userIdentity": { "type": "IAMUser", "accessKeyId": key, "accountId": "210987654321" },
        "additionalEventData": { "x-amz-id-2": "y".repeat(400) },
    });
    json!({ "source": "aws.s3", "detail-type": "AWS API Call via CloudTrail", "detail": record }).to_string()
}

fn verdict(reached: bool) -> &'static str {
    if reached { "reached" } else { "**not reached**" }
}

/// The bare scan of the same files on one thread: records a second of processor time.
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn bare(files: &[PathBuf]) -> f64 {
    // The names that the house's tokens have.
    let token = |n: usize| {
        let name = |name: String| if n < 5 { String::new() } else { name };
        Watched {
            id: format!("{n}").into(),
            account: "210987654321".into(),
            access_key_id: if n < 5 { format!("AKIAHONEYTOKEN{n:06}") } else { format!("AKIATFQR7NSC{n:08}") },
            arn: name(format!("arn:aws:iam::210987654321:user/ci/build-{n}")),
            unique_id: String::new(),
            user_name: name(format!("build-{n}")),
        }
    };
    let watch = Watch::new((0..WATCHED).map(token).collect());
    let begun = processor_time();
    for _ in 0..ROUNDS {
        scan::all(files, &watch, 1, &mut |_, _| true);
    }
    ROUNDS as f64 * records() / (processor_time() - begun)
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn records() -> f64 {
    std::env::var("AVIARY_BENCH_RECORDS").map_or(log::RECORDS, |count| count.parse().expect("a number")) as f64
}

#[tokio::main]
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
async fn main() {
    let folder = std::env::temp_dir().join(format!("aviary-bench-ways-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("log")).unwrap();
    let given = std::env::var_os("AVIARY_BENCH_LOG").map(PathBuf::from);
    let logs = given.unwrap_or_else(|| {
        log::made(&folder.join("log"));
        folder.join("log")
    });
    let (files, _) = walk::files(std::slice::from_ref(&logs));
    let aws = Aws::default();
    *aws.0.folder.lock().unwrap() = logs;
    let house = house(&folder, &aws).await;
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let listening = tokio::spawn(queues::run(Arc::clone(&house), serve::stopped(stopping)));
    println!("| what | measured | figure to reach | |\n|---|---|---|---|");

    let alone = bare(&files);
    let notice = |file: &PathBuf| {
        let key = format!(
            "AWSLogs/210987654321/CloudTrail/eu-central-1/2026/03/01/{}",
            file.file_name().unwrap().to_string_lossy()
        );
        json!({ "s3Bucket": "trail", "s3ObjectKey": [key] }).to_string()
    };
    // A house that is up has read what is watched; the bare scan is handed that too.
    aws.send("files", notice(&files[0]));
    aws.deleted(1).await;
    let thread = aws.0.thread.lock().unwrap().clone();
    let ours = || processor_time() - taken(&thread);
    let (begun, spent) = (Instant::now(), ours());
    for _ in 0..ROUNDS {
        files.iter().for_each(|file| aws.send("files", notice(file)));
    }
    aws.deleted(ROUNDS * files.len()).await;
    let (took, spent) = (begun.elapsed().as_secs_f64(), ours() - spent);
    let done = records() * ROUNDS as f64;
    let per_core = done / spent;
    println!(
        "| {} log files, {} records, {ROUNDS} times, {WATCHED} tokens: notice → fetched → searched → filed → deleted | {:.0} records/s per core \
         ({:.0} % of the bare scan's {alone:.0}), {:.0} records/s in all, {} MiB at most | ≥ 240,000 per core, ≥ 60 % | {} |",
        files.len(),
        records(),
        per_core,
        100.0 * per_core / alone,
        done / took,
        memory(),
        verdict(per_core >= 240_000.0 && per_core >= 0.6 * alone),
    );

    (0..EVENTS).for_each(|n| aws.send("events", event(n)));
    let begun = Instant::now();
    aws.deleted(EVENTS).await;
    let rate = EVENTS as f64 / begun.elapsed().as_secs_f64();
    println!(
        "| {EVENTS} events on a queue, every second one a hit | {rate:.0} messages/s, committed and deleted | ≥ 1,000 | {} |",
        verdict(rate >= 1_000.0)
    );

    let mut ticks = tokio::time::interval(Duration::from_micros(1_000_000 / PER_SECOND));
    for n in 0..usize::try_from(PER_SECOND * SECONDS).unwrap() {
        ticks.tick().await;
        aws.send("events", event(EVENTS + n));
    }
    let lags = aws.deleted(usize::try_from(PER_SECOND * SECONDS).unwrap()).await;
    let of = |share: usize| lags[(lags.len() - 1) * share / 100].as_millis();
    println!(
        "| {PER_SECOND} messages/s for {SECONDS} s, every second one a hit: sent → committed and deleted | p50 {} ms, p99 {} ms | \
         p99 ≤ 1,000 ms | {} |",
        of(50),
        of(99),
        verdict(of(99) <= 1_000)
    );
    let _ = stop.send(true);
    let _ = listening.await;
    house.store.close().await;
    let _ = std::fs::remove_dir_all(&folder);
}
