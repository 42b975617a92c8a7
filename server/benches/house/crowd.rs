//! Many destinations: how fast alerts go out, and what those that hang do to the others.

use super::{Arrivals, Caller, Instant, PER_SECOND, SECONDS, receive, record, row};
use app::model::moment::Moment;
use aviary::house::{Clock as _, SystemClock};
use axum::{Json, Router, body::Bytes, extract::State, http::Method, routing::post};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

const HEALTHY: usize = 20;
const HANGING: usize = 5;
/// How many hits are posted in one body, to see how fast the alerts of all of them go out.
const BURST: usize = 250;
const FLOOD: usize = 10_000;
const FLOOD_AT_ONCE: usize = 32;

/// One that proves itself and then never answers.
async fn hang(State(asked): State<Arc<AtomicUsize>>, body: Bytes) -> Json<Value> {
    let body: Value = serde_json::from_slice(&body).unwrap();
    if body.get("challenge").is_none() {
        asked.fetch_add(1, Ordering::Relaxed);
        std::future::pending::<()>().await;
    }
    Json(json!({ "challenge": body["challenge"] }))
}

async fn destination(caller: &Caller, router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, router).into_future());
    let made = caller.api(Method::POST, "/destinations", &json!({ "kind": "webhook", "address": address })).await;
    assert_eq!(made["state"], "confirmed", "{made}");
    made["id"].as_str().unwrap().to_owned()
}

async fn subscribe(caller: &Caller, destination: &str, token: &str) {
    let form = json!({ "destination_id": destination, "scope": "token", "token_id": token, "pace": "every" });
    caller.api(Method::POST, "/subscriptions", &form).await;
}

/// Waits until each of these has so many, and gives the time of the last arrival.
async fn all_in(arrivals: &[Arrivals], each: usize) -> Instant {
    let deadline = Instant::now() + Duration::from_secs(120);
    while arrivals.iter().any(|one| one.0.lock().unwrap().len() < each) {
        assert!(Instant::now() < deadline, "an alert is missing");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    arrivals.iter().flat_map(|one| one.0.lock().unwrap().values().copied().collect::<Vec<_>>()).max().unwrap()
}

/// Posts hits at the usual pace, and tells when each arrived at those who hear of its token.
async fn paced(
    caller: &Caller,
    tokens: &[(String, String)],
    heard_by: impl Fn(usize) -> std::ops::Range<usize>,
    arrivals: &[Arrivals],
    name: &str,
) -> Vec<Duration> {
    for one in arrivals {
        one.0.lock().unwrap().clear();
    }
    let posted: Arc<Mutex<HashMap<String, Instant>>> = Arc::default();
    let mut ticks = tokio::time::interval(Duration::from_secs_f64(1.0 / PER_SECOND as f64));
    let mut tasks = Vec::new();
    for number in 0..PER_SECOND * SECONDS {
        ticks.tick().await;
        let (caller, posted) = (caller.clone(), Arc::clone(&posted));
        let (key, event) = (tokens[number % tokens.len()].1.clone(), format!("{name}-{number}"));
        tasks.push(tokio::spawn(async move {
            let record = record(&key, &event, SystemClock.now());
            posted.lock().unwrap().insert(event, Instant::now());
            caller.api(Method::POST, "/ingest/cloudtrail", &record).await;
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let expected: usize = (0..PER_SECOND * SECONDS).map(|number| heard_by(number % tokens.len()).len()).sum();
    let deadline = Instant::now() + Duration::from_secs(120);
    while arrivals.iter().map(|one| one.0.lock().unwrap().len()).sum::<usize>() < expected {
        assert!(Instant::now() < deadline, "an alert is missing");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let posted = posted.lock().unwrap();
    let mut times = Vec::new();
    for one in arrivals {
        times.extend(one.0.lock().unwrap().iter().map(|(event, at)| at.duration_since(posted[event])));
    }
    times
}

/// Measures with tokens that nobody hears of yet: identifier and key id.
pub async fn measure(caller: &Caller, tokens: &[(String, String)], what: &str) {
    let arrivals: Vec<Arrivals> = (0..HEALTHY).map(|_| Arrivals::default()).collect();
    let mut healthy = Vec::new();
    for one in &arrivals {
        let router = Router::new().route("/", post(receive)).with_state(one.clone());
        healthy.push(destination(caller, router).await);
    }
    let (shared, single) = (&tokens[..1], &tokens[1..=HEALTHY]);
    for one in &healthy {
        subscribe(caller, one, &shared[0].0).await;
    }

    let now = SystemClock.now();
    let records: Vec<Value> = (0..BURST).map(|n| record(&shared[0].1, &format!("burst-{n}"), at(now, n))).collect();
    let begun = Instant::now();
    caller.api(Method::POST, "/ingest/cloudtrail", &json!({ "Records": records })).await;
    let seconds = all_in(&arrivals, BURST).await.duration_since(begun).as_secs_f64();
    let rate = (BURST * HEALTHY) as f64 / seconds;
    let verdict = if rate >= 1_000.0 { "reached" } else { "**not reached**" };
    println!(
        "| {BURST} hits in one body to {HEALTHY} webhooks, {what} | {rate:.0} deliveries/s | | ≥ 1000/s | {verdict} |"
    );

    let hung = Arc::new(AtomicUsize::new(0));
    for _ in 0..HANGING {
        let router = Router::new().route("/", post(hang)).with_state(Arc::clone(&hung));
        let one = destination(caller, router).await;
        for (token, _) in tokens.iter().take(HEALTHY + 1) {
            subscribe(caller, &one, token).await;
        }
    }
    for ((token, _), destination) in single.iter().zip(&healthy) {
        subscribe(caller, destination, token).await;
    }
    let mut times = paced(caller, single, |token| token..token + 1, &arrivals, "single").await;
    let name =
        format!("record → webhook, {PER_SECOND}/s, each to one of {HEALTHY} while {HANGING} others hang, {what}");
    row(&name, &mut times, 50.0, 250.0);
    let mut times = paced(caller, shared, |_| 0..HEALTHY, &arrivals, "shared").await;
    let name =
        format!("record → webhook, {PER_SECOND}/s, each to all of {HEALTHY} while {HANGING} others hang, {what}");
    row(&name, &mut times, 50.0, 250.0);
    assert!(hung.load(Ordering::Relaxed) >= HANGING, "those that should hang were not asked");
}

fn at(now: Moment, n: usize) -> Moment {
    now.plus(-i64::try_from(n).unwrap())
}

/// Many hits on one token, each in a post of its own.
pub async fn flood(caller: &Caller, token: &(String, String), what: &str) {
    let arrivals = [Arrivals::default()];
    let router = Router::new().route("/", post(receive)).with_state(arrivals[0].clone());
    let one = destination(caller, router).await;
    subscribe(caller, &one, &token.0).await;
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let posts = (0..FLOOD_AT_ONCE).map(|_| {
        let (caller, key, next) = (caller.clone(), token.1.clone(), Arc::clone(&next));
        tokio::spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= FLOOD {
                    break;
                }
                let record = record(&key, &format!("flood-{number}"), SystemClock.now());
                caller.api(Method::POST, "/ingest/cloudtrail", &record).await;
            }
        })
    });
    for post in posts.collect::<Vec<_>>() {
        post.await.unwrap();
    }
    let filed = begun.elapsed().as_secs_f64();
    let heard = all_in(&arrivals, FLOOD).await.duration_since(begun).as_secs_f64();
    let verdict = if heard <= 60.0 { "reached" } else { "**not reached**" };
    println!(
        "| {FLOOD} hits on one token, a post each, {FLOOD_AT_ONCE} at a time, {what} | filed in {filed:.1} s | \
         told in {heard:.1} s | ≤ 60 s | {verdict} |"
    );
}
