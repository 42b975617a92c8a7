//! What Aviary takes: time from a record to a webhook, time for a page over large tables, memory at rest.
//!
//! `make bench` builds the release binary and runs this against it as a process of its own, over HTTP on loopback. It
//! prints a table for docs/BENCHMARKS.md. Nothing here is a test: a figure that is not reached is written as not reached.
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

#[path = "house/claim.rs"]
mod claim;
#[path = "house/crowd.rs"]
mod crowd;

use app::model::{
    ids::{TeamId, TokenId},
    key,
    moment::{DAY, HOUR, Moment},
    token::{OnHit, Token, TokenFacts, TokenState},
    viewer::Viewer,
};
use aviary::{
    config::Config,
    house::{Clock as _, SystemChance, SystemClock},
    people::{api_keys, persons, teams},
    serve,
    store::{self, tokens::TokenRow},
};
use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{Method, Request, header},
    routing::post,
};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::Notify;

const TOKENS: u64 = 100_000;
const HITS: usize = 100_000;
const ONE_BY_ONE: usize = 300;
const PER_SECOND: usize = 200;
const SECONDS: usize = 10;
const PAGES: usize = 200;
/// Of so many tokens the identifiers and key ids are remembered, to use them.
const KNOWN: usize = 32;
const PASSWORD: &str = "plum tractor window";
const ACCOUNT: u64 = 210_987_654_321;

/// How many requests were answered 503, and sent again.
static TURNED_AWAY: AtomicUsize = AtomicUsize::new(0);

/// When the webhook with this event arrived.
#[derive(Clone, Default)]
struct Arrivals(Arc<Mutex<HashMap<String, Instant>>>, Arc<Notify>);

async fn receive(State(arrivals): State<Arrivals>, body: Bytes) -> Json<Value> {
    let now = Instant::now();
    let body: Value = serde_json::from_slice(&body).unwrap();
    if let Some(challenge) = body.get("challenge") {
        return Json(json!({ "challenge": challenge }));
    }
    if let Some(id) = body["data"]["hit"]["event_id"].as_str() {
        arrivals.0.lock().unwrap().entry(id.to_owned()).or_insert(now);
        arrivals.1.notify_waiters();
    }
    Json(json!({}))
}

#[derive(Clone)]
struct Caller {
    client: Client<HttpConnector, Full<Bytes>>,
    base: String,
    key: String,
}

impl Caller {
    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> (u16, axum::http::HeaderMap, Bytes) {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.client.request(request.body(Full::from(body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        (parts.status.as_u16(), parts.headers, body.collect().await.unwrap().to_bytes())
    }

    async fn api(&self, method: Method, path: &str, body: &Value) -> Value {
        let bearer = format!("Bearer {}", self.key);
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let (status, bytes) = loop {
            let body = body.to_string().into_bytes();
            let (status, _, bytes) = self.send(method.clone(), &format!("/api/v1{path}"), &headers, body).await;
            if status != 503 {
                break (status, bytes);
            }
            // Too busy: every sender of records tries again, and the time that it takes counts.
            TURNED_AWAY.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        assert!((200..300).contains(&status), "{path}: {status} {}", String::from_utf8_lossy(&bytes));
        serde_json::from_slice(&bytes).unwrap()
    }
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// Resident memory of a process in MiB.
fn resident(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

/// The value below which this share of the values lies, in milliseconds.
fn percentile(times: &mut [Duration], share: f64) -> f64 {
    times.sort();
    let index = ((times.len() as f64 * share).ceil() as usize).clamp(1, times.len()) - 1;
    times[index].as_secs_f64() * 1_000.0
}

fn row(what: &str, times: &mut [Duration], p50: f64, p99: f64) {
    let (a, b) = (percentile(times, 0.5), percentile(times, 0.99));
    let verdict = if a <= p50 && b <= p99 { "reached" } else { "**not reached**" };
    println!("| {what} | {a:.1} ms | {b:.1} ms | p50 ≤ {p50} ms, p99 ≤ {p99} ms | {verdict} |");
}

fn token(number: u64, team: &TeamId, now: Moment) -> TokenRow {
    let created_at = now.plus(-HOUR - i64::try_from(number).unwrap() * 1_000);
    let expires_at = (!number.is_multiple_of(3)).then(|| now.plus(DAY * i64::try_from(8 + number % 700).unwrap()));
    let facts = TokenFacts { armed_at: Some(created_at), expires_at, ..TokenFacts::default() };
    let name =
        format!("svc-{}-{number}", ["billing", "reports", "deploy", "media"][usize::try_from(number % 4).unwrap()]);
    TokenRow {
        token: Token {
            id: TokenId(aviary::house::Ids::default().next(created_at, &SystemChance)),
            account: format!("{ACCOUNT}"),
            access_key_id: key::key_id_for(ACCOUNT, number << 8 | number << 40),
            arn: format!("arn:aws:iam::{ACCOUNT}:user/service/{name}"),
            user_name: name,
            team: String::new(),
            owner: format!("owner {}", number % 50),
            location: format!("host-{number}:/home/ci/.aws/credentials"),
            notes: String::new(),
            labels: vec![format!("label-{}", number % 20)],
            state: TokenState::of(&facts, now),
            on_hit: OnHit::Keep,
            created_at,
            expires_at,
            last_hit_at: None,
            hit_count: 0,
            adopted: true,
            key_active: true,
            team_id: team.clone(),
            created_by: "bench".into(),
            expired_at: None,
            revoked_at: None,
            proven_at: None,
        },
        issuer: "adopted".into(),
        unique_id: String::new(),
        sealed_secret: None,
        created_by_id: "bench".into(),
        warned_at: None,
        proven_at: None,
        drilled_at: None,
        hits_before: 0,
        facts,
    }
}

fn record(key: &str, event: &str, at: Moment) -> Value {
    json!({
        "eventVersion": "1.11", "eventID": event, "eventTime": at.rfc3339(), "eventSource": "sts.amazonaws.com",
        "eventName": "GetCallerIdentity", "awsRegion": "eu-central-1", "sourceIPAddress": "203.0.113.7",
        "userAgent": "aws-cli/2.17.0 md/Botocore#2.17.0 ua/2.0 os/linux", "requestParameters": null, "responseElements": null,
        "userIdentity": { "type": "IAMUser", "principalId": "AIDAEXAMPLEEXAMPLE", "accountId": format!("{ACCOUNT}"),
            "arn": format!("arn:aws:iam::{ACCOUNT}:user/service/x"), "accessKeyId": key, "userName": "x" },
        "eventType": "AwsApiCall", "managementEvent": true, "recipientAccountId": format!("{ACCOUNT}"), "eventCategory": "Management",
    })
}

struct Place {
    url: String,
    key: String,
    variables: Vec<(String, String)>,
    folder: std::path::PathBuf,
}

/// Fills a database with tokens, through the store, in one transaction; gives the first ones' identifiers and key ids.
async fn fill(database: Option<&str>) -> (Place, Vec<(String, String)>) {
    let folder = std::env::temp_dir().join(format!("aviary-bench-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let (console, sandbox) = (free_port(), free_port());
    let mut variables = vec![
        ("AVIARY_LISTEN".to_owned(), format!("127.0.0.1:{console}")),
        ("AVIARY_SANDBOX_LISTEN".to_owned(), format!("127.0.0.1:{sandbox}")),
        ("AVIARY_DATA_DIR".to_owned(), folder.display().to_string()),
        ("AVIARY_ALLOW_PRIVATE_WEBHOOKS".to_owned(), "127.0.0.0/8".to_owned()),
        ("AVIARY_LOG".to_owned(), "warn".to_owned()),
    ];
    if let Some(database) = database {
        variables.push(("AVIARY_DATABASE".to_owned(), database.to_owned()));
    }
    let known: HashMap<_, _> = variables.iter().cloned().collect();
    let config = Config::from("", "aviary.toml", &|name| known.get(name).cloned()).unwrap();
    let house = serve::build(config, Arc::new(SystemClock), Arc::new(SystemChance)).await.unwrap();
    let system = Viewer::system("bench");
    let team = teams::create(&house, &system, "Bench").await.unwrap().id;
    persons::create(&house, &system, "bench@example.com", PASSWORD, "", app::model::viewer::Role::Admin).await.unwrap();
    let key = api_keys::create(&house, &system, "bench", "admin", "").await.unwrap().secret.expose().to_owned();
    let now = house.now();
    let mut tx = house.store.begin().await.unwrap();
    let mut ids = Vec::new();
    for number in 0..TOKENS {
        let row = token(number, &team, now);
        store::tokens::insert(&mut tx, &row).await.unwrap();
        if ids.len() < KNOWN {
            ids.push((row.token.id.0.clone(), row.token.access_key_id.clone()));
        }
    }
    tx.commit().await.unwrap();
    house.store.analyze().await.unwrap();
    house.store.close().await;
    (Place { url: format!("http://127.0.0.1:{console}"), key, variables, folder }, ids)
}

async fn start(program: &Path, place: &Place) -> Running {
    let child =
        Command::new(program).arg("serve").envs(place.variables.iter().cloned()).stdout(Stdio::null()).spawn().unwrap();
    let running = Running(child);
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    for _ in 0..500 {
        if client
            .get(format!("{}/readyz", place.url).parse().unwrap())
            .await
            .is_ok_and(|answer| answer.status().is_success())
        {
            return running;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("aviary did not start");
}

async fn webhooks(caller: &Caller, watched: &str, arrivals: &Arrivals, what: &str) {
    let key = watched.to_owned();
    let posted: Arc<Mutex<HashMap<String, Instant>>> = Arc::default();
    let send = async |number: usize, kind: &str| {
        let event = format!("{kind}-{number}");
        let record = record(&key, &event, SystemClock.now());
        posted.lock().unwrap().insert(event.clone(), Instant::now());
        caller.api(Method::POST, "/ingest/cloudtrail", &record).await;
        event
    };
    let arrived = |events: &[String]| {
        let known = arrivals.0.lock().unwrap();
        events.iter().all(|event| known.contains_key(event))
    };
    let times = |events: &[String]| -> Vec<Duration> {
        let (sent, got) = (posted.lock().unwrap(), arrivals.0.lock().unwrap());
        events.iter().map(|event| got[event].duration_since(sent[event])).collect()
    };
    let mut events = Vec::new();
    for number in 0..ONE_BY_ONE {
        let event = send(number, what).await;
        while !arrived(std::slice::from_ref(&event)) {
            let heard = arrivals.1.notified();
            let _ = tokio::time::timeout(Duration::from_millis(20), heard).await;
        }
        events.push(event);
    }
    row(&format!("record → webhook, one at a time, {what}"), &mut times(&events), 50.0, 250.0);

    let mut ticks = tokio::time::interval(Duration::from_secs_f64(1.0 / PER_SECOND as f64));
    let mut tasks = Vec::new();
    for number in 0..PER_SECOND * SECONDS {
        ticks.tick().await;
        let (caller, key, posted, event) =
            (caller.clone(), key.clone(), Arc::clone(&posted), format!("burst-{what}-{number}"));
        tasks.push(tokio::spawn(async move {
            let record = record(&key, &event, SystemClock.now());
            posted.lock().unwrap().insert(event.clone(), Instant::now());
            caller.api(Method::POST, "/ingest/cloudtrail", &record).await;
            event
        }));
    }
    let mut events = Vec::new();
    for task in tasks {
        events.push(task.await.unwrap());
    }
    let deadline = Instant::now() + Duration::from_secs(60);
    while !arrived(&events) && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(arrived(&events), "an alert is missing");
    row(&format!("record → webhook, {PER_SECOND}/s for {SECONDS} s, {what}"), &mut times(&events), 50.0, 250.0);
}

async fn pages(caller: &Caller, id: &str, what: &str) {
    let form = format!("email=bench%40example.com&password={}", PASSWORD.replace(' ', "+"));
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
    let (status, answer, _) = caller.send(Method::POST, "/sign-in", &headers, form.into_bytes()).await;
    assert_eq!(status, 303);
    // Another cookie says that this browser is known.
    let mut cookies = answer.get_all(header::SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap());
    let cookie = cookies.find(|cookie| cookie.starts_with("aviary=")).unwrap().split(';').next().unwrap().to_owned();
    for (name, path) in [
        (format!("page of the list, {TOKENS} tokens, {what}"), "/tokens".to_owned()),
        (format!("page of a token, {HITS} hits, {what}"), format!("/tokens/{id}")),
    ] {
        let mut times = Vec::new();
        for round in 0..PAGES + 10 {
            let begun = Instant::now();
            let (status, _, _) = caller.send(Method::GET, &path, &[("cookie", &cookie)], Vec::new()).await;
            assert_eq!(status, 200);
            // The first ones fill caches.
            if round >= 10 {
                times.push(begun.elapsed());
            }
        }
        row(&name, &mut times, 15.0, 50.0);
    }
}

async fn on(program: &Path, database: Option<&str>, what: &str) {
    let (place, ids) = fill(database).await;
    let running = start(program, &place).await;
    let client = Client::builder(TokioExecutor::new()).build_http();
    let caller = Caller { client, base: place.url.clone(), key: place.key.clone() };
    let ((hit_id, hit_key), (watched_id, watched), flooded) = (&ids[0], &ids[1], &ids[KNOWN - 1]);

    let arrivals = Arrivals::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(
        axum::serve(listener, Router::new().route("/", post(receive)).with_state(arrivals.clone())).into_future(),
    );
    let made = caller
        .api(Method::POST, "/destinations", &json!({ "kind": "webhook", "address": format!("http://{address}/") }))
        .await;
    assert_eq!(made["state"], "confirmed", "{made}");
    let subscribed = json!({ "destination_id": made["id"], "scope": "token", "token_id": watched_id, "pace": "every" });
    caller.api(Method::POST, "/subscriptions", &subscribed).await;
    webhooks(&caller, watched, &arrivals, what).await;
    crowd::measure(&caller, &ids[2..KNOWN - 1], what).await;
    crowd::flood(&caller, flooded, what).await;

    let begun = Instant::now();
    let now = SystemClock.now();
    for batch in 0..HITS / 500 {
        let records: Vec<Value> = (0..500)
            .map(|n| {
                record(
                    hit_key,
                    &format!("fill-{batch}-{n}"),
                    now.plus(-i64::try_from(batch * 500 + n).unwrap() * 20_000),
                )
            })
            .collect();
        let body = json!({ "Records": records }).to_string();
        let bearer = format!("Bearer {}", place.key);
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let (status, _, _) = caller.send(Method::POST, "/api/v1/ingest/cloudtrail", &headers, body.into_bytes()).await;
        assert_eq!(status, 200);
    }
    let rate = HITS as f64 / begun.elapsed().as_secs_f64();
    println!("| hits stored in batches of 500, {what} | {rate:.0}/s | | | |");
    pages(&caller, hit_id, what).await;
    match TURNED_AWAY.swap(0, Ordering::Relaxed) {
        0 => {}
        times => println!("| requests that were answered 503, and sent again, {what} | {times} | | | |"),
    }
    drop(running);
    let _ = std::fs::remove_dir_all(&place.folder);
}

#[tokio::main]
async fn main() {
    let program =
        std::env::var("AVIARY_BENCH_PROGRAM").expect("AVIARY_BENCH_PROGRAM names the release binary; run `make bench`");
    let program = Path::new(&program);
    println!("| what | p50 | p99 | figure to reach | |\n|---|---|---|---|---|");
    {
        let folder = std::env::temp_dir().join(format!("aviary-bench-idle-{}", std::process::id()));
        let place = Place {
            url: format!("http://127.0.0.1:{}", free_port()),
            key: String::new(),
            variables: Vec::new(),
            folder: folder.clone(),
        };
        let variables = vec![
            ("AVIARY_LISTEN".to_owned(), place.url.trim_start_matches("http://").to_owned()),
            ("AVIARY_SANDBOX_LISTEN".to_owned(), format!("127.0.0.1:{}", free_port())),
            ("AVIARY_DATA_DIR".to_owned(), folder.display().to_string()),
        ];
        let place = Place { variables, ..place };
        let running = start(program, &place).await;
        // One page first, so that what is made at the first use is there.
        let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
        client.get(format!("{}/sign-in", place.url).parse().unwrap()).await.unwrap();
        tokio::time::sleep(Duration::from_secs(3)).await;
        let memory = resident(running.0.id());
        let verdict = if memory <= 60.0 { "reached" } else { "**not reached**" };
        println!("| resident memory at rest | {memory:.1} MiB | | ≤ 60 MiB | {verdict} |");
        drop(running);
        let _ = std::fs::remove_dir_all(&folder);
    }
    on(program, None, "SQLite").await;
    let folder = std::env::temp_dir().join(format!("aviary-bench-claim-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    claim::measure(&store::Store::sqlite_url(&folder.join("aviary.db")), "SQLite").await;
    let _ = std::fs::remove_dir_all(&folder);
    match std::env::var("AVIARY_TEST_POSTGRES") {
        Ok(server) => {
            let name = format!("aviary_bench_{}", std::process::id());
            aviary::store::Store::create_database(&server, &name).await.unwrap();
            let mut url = url::Url::parse(&server).unwrap();
            url.set_path(&name);
            on(program, Some(url.as_str()), "PostgreSQL").await;
            let name = format!("{name}_claim");
            aviary::store::Store::create_database(&server, &name).await.unwrap();
            url.set_path(&name);
            claim::measure(url.as_str(), "PostgreSQL").await;
        }
        Err(_) => println!("| PostgreSQL | skipped: there is none on this machine | | | |"),
    }
}
