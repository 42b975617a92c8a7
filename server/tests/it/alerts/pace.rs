//! The pace: what goes out at once, what is held and counted, and that the numbers are right.

use super::{deliveries, destination, exposure, hit, receiver::Receiver, record, subscribe_to, text, used};
use crate::house::{Folder, ManualClock, TestHouse, beginning};
use app::model::{
    alert::{Delivery, DeliveryQuery, DestinationForm, Scope, SubscriptionForm},
    hit::Source,
    ids::{DestinationId, TokenId},
    moment::{DAY, MINUTE},
    pace::Pace,
    token::TokenForm,
    viewer::Viewer,
};
use aviary::{
    alerts::{self, digest, pace::QUIET, worker},
    house::House,
    people::teams,
    store::connect::Flavour,
    tokens,
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, future::poll_fn, pin::Pin, sync::Arc, task::Poll};

/// A house in which nothing runs by itself.
struct Still {
    house: Arc<House>,
    clock: Arc<ManualClock>,
    folder: Folder,
}

impl Still {
    async fn start() -> Self {
        let folder = Folder::new();
        let (house, clock) = TestHouse::build(&folder, &[], beginning()).await;
        teams::create(&house, &Viewer::system("test"), "Security").await.unwrap();
        Self { house, clock, folder }
    }

    async fn mint(&self, location: &str) -> Value {
        let form = TokenForm { location: location.into(), ..TokenForm::default() };
        let minted = tokens::mint::mint(&self.house, &Viewer::system("test"), &form).await.unwrap();
        serde_json::to_value(minted.token).unwrap()
    }

    /// A destination that hears about a token at this pace.
    async fn hearing(&self, receiver: &Receiver, token: &Value, pace: Pace) -> DestinationId {
        let system = Viewer::system("test");
        let form = DestinationForm { kind: "webhook".into(), address: receiver.url.clone(), ..Default::default() };
        let id = alerts::create_destination(&self.house, &system, &form).await.unwrap().destination.id;
        let scope = Scope::Token { token_id: TokenId(text(&token["id"]).into()) };
        let form = SubscriptionForm { pace: Some(pace), ..SubscriptionForm::usual(id.clone(), scope) };
        alerts::subscribe(&self.house, &system, &form).await.unwrap();
        id
    }

    async fn receive(&self, records: &[Value]) {
        let body = json!({ "Records": records }).to_string();
        let system = Viewer::system("test");
        let received = aviary::intake::ingest(&self.house, &system, Source::Webhook, body.as_bytes()).await.unwrap();
        assert_eq!(received.new, records.len());
    }

    async fn held(&self, id: &DestinationId) -> i64 {
        let held = alerts::held(&self.house, &Viewer::system("test"), id).await.unwrap();
        held.iter().map(|one| one.count).sum()
    }

    /// All that was written for a destination, the oldest first.
    async fn log(&self, id: &DestinationId) -> Vec<Delivery> {
        let mut query = DeliveryQuery { destination_id: Some(id.clone()), limit: 500, ..Default::default() };
        let mut all = Vec::new();
        loop {
            let page = alerts::deliveries(&self.house, &Viewer::system("test"), &query).await.unwrap();
            all.extend(page.items);
            match page.next {
                Some(next) => query.after = Some(next),
                None => break,
            }
        }
        all.reverse();
        all
    }
}

/// The counts of the digests among what a receiver got.
fn counted(receiver: &Receiver) -> Vec<i64> {
    let seen = receiver.seen();
    let digests = seen.iter().map(|seen| seen.json()).filter(|body| body["type"] == "digest");
    digests.map(|body| body["data"]["digest"]["count"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn who_chose_nothing_hears_the_first_and_then_a_digest() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    let made = destination(&house, "webhook", &receiver.url).await;
    let token = house.mint("laptop of ana").await;
    let subscribed = subscribe_to(&house, &made, &json!({ "scope": "token", "token_id": token["id"] })).await;
    assert_eq!(subscribed["pace"], "incident");
    let usual = json!(["hit", "unlogged_use", "exposed", "tampered", "expiring", "expired"]);
    assert_eq!(subscribed["kinds"], usual);

    hit(&house, &token, "e-0").await;
    house.until("the first one arrives", || async { receiver.seen().len() == 1 }).await;
    for n in 1..=12 {
        hit(&house, &token, &format!("e-{n}")).await;
    }
    digest::work_once(&house.house).await.unwrap();
    assert_eq!(deliveries(&house, &made).await.len(), 1, "the others are held");

    // The page says so, with the time of the digest.
    house.person("ana@example.com", "", app::model::viewer::Role::Admin).await;
    let page = house.signed_in("ana@example.com").await.get(&format!("/destinations/{}", text(&made["id"]))).await.text;
    assert!(page.contains("12 uses held, digest at "), "{page}");

    house.clock.advance(QUIET);
    digest::work_once(&house.house).await.unwrap();
    house.until("the digest arrives", || async { receiver.seen().len() == 2 }).await;
    let body = receiver.seen()[1].json();
    assert_eq!((&body["type"], &body["data"]["token"]["id"]), (&json!("digest"), &token["id"]));
    let item = &body["data"]["digest"]["items"][0];
    assert_eq!((&item["kind"], &item["count"]), (&json!("hit"), &json!(12)));
    assert_eq!(item["by_call"], json!([{ "name": "sts:GetCallerIdentity", "count": 12 }]));
    assert_eq!(item["by_source"], json!([{ "name": "203.0.113.7", "count": 12 }]));
    assert_eq!(item["first_at"], "2026-11-21T14:03:09Z");
    let incident = format!("{}/incidents/{}", house.url, text(&item["incident"]["id"]));
    assert_eq!((&item["links"]["incident"], &body["data"]["links"]["incident"]), (&json!(incident), &json!(incident)));
    let log = deliveries(&house, &made).await;
    assert_eq!(log[1]["summary"], "The key in laptop of ana: 12 uses");

    // It goes on: what comes is counted again, and after a quiet time in which nothing came the next one is told.
    hit(&house, &token, "e-13").await;
    house.clock.advance(QUIET);
    digest::work_once(&house.house).await.unwrap();
    house.until("another digest arrives", || async { counted(&receiver) == [12, 1] }).await;
    house.clock.advance(QUIET);
    digest::work_once(&house.house).await.unwrap();
    hit(&house, &token, "e-14").await;
    house.until("the next one is told at once", || async { receiver.seen().len() == 4 }).await;
    assert_eq!(receiver.seen()[3].json()["data"]["hit"]["event_id"], "e-14");
}

#[tokio::test]
async fn what_is_new_is_told_at_once_but_nobody_can_flood_with_news() {
    let house = Still::start().await;
    let receiver = Receiver::start().await;
    let token = house.mint("laptop").await;
    let id = house.hearing(&receiver, &token, Pace::Incident).await;
    let news = [
        json!({}),
        json!({ "sourceIPAddress": "203.0.113.8" }),
        json!({ "awsRegion": "us-east-1" }),
        json!({ "userAgent": "Boto3/1.35" }),
        json!({ "eventSource": "iam.amazonaws.com", "eventName": "ListUsers" }),
    ];
    for (n, how) in news.iter().enumerate() {
        house.receive(&[record(&token, &format!("new-{n}"), how), record(&token, &format!("old-{n}"), how)]).await;
        assert_eq!(house.log(&id).await.len(), n + 1, "{how} is told once");
    }
    let agents: Vec<_> =
        (0..50).map(|n| record(&token, &format!("agent-{n}"), &json!({ "userAgent": format!("x/{n}") }))).collect();
    house.receive(&agents).await;
    assert_eq!(house.log(&id).await.len(), 6, "five things that are new, and then no more");
    assert_eq!(house.held(&id).await, 5 + 49);

    // Another kind of news has a pace of its own.
    house.receive(&[record(&token, "exposed", &exposure(&token))]).await;
    assert_eq!(house.log(&id).await.last().unwrap().kind, app::model::alert::AlertKind::Exposed);
    house.clock.advance(QUIET);
    assert_eq!(digest::work_once(&house.house).await.unwrap(), 1);
    worker::work_once(&house.house).await.unwrap();
    assert_eq!(counted(&receiver), [54]);
}

#[tokio::test]
async fn a_digest_that_cannot_be_written_keeps_nobody_else_from_theirs() {
    let house = Still::start().await;
    let receiver = Receiver::start().await;
    let token = house.mint("laptop").await;
    let broken = house.hearing(&receiver, &token, Pace::Incident).await;
    let fine = house.hearing(&receiver, &token, Pace::Incident).await;
    house.receive(&[record(&token, "e-1", &json!({})), record(&token, "e-2", &json!({}))]).await;
    assert_eq!((house.held(&broken).await, house.held(&fine).await), (1, 1));
    let mut tx = house.house.store.begin().await.unwrap();
    // It is looked at first, and no Aviary knows this kind.
    sqlx::query("UPDATE held SET kind = 'nonsense', due_at = 0 WHERE destination_id = $1")
        .bind(broken.0.clone())
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    house.clock.advance(MINUTE + QUIET);
    assert_eq!(digest::work_once(&house.house).await.unwrap(), 1);
    assert_eq!(house.held(&fine).await, 0);
}

/// How many hits the flood has, and how many come at a time: all of them in a minute.
const FLOOD: usize = 10_000;
const WAVE: usize = 500;

#[tokio::test]
async fn a_flood_is_few_messages_with_right_counts_and_every_hit_for_who_wants_every_hit() {
    let house = Still::start().await;
    let receiver = Receiver::start().await;
    let token = house.mint("laptop").await;
    let calm = house.hearing(&receiver, &token, Pace::Incident).await;
    let every = house.hearing(&receiver, &token, Pace::Every).await;
    let began = std::time::Instant::now();
    for wave in (0..FLOOD).collect::<Vec<_>>().chunks(WAVE) {
        let how = |n: usize| json!({ "sourceIPAddress": format!("203.0.113.{}", n % 3) });
        let records: Vec<_> = wave.iter().map(|n| record(&token, &format!("e-{n}"), &how(*n))).collect();
        house.receive(&records).await;
        house.clock.advance(MINUTE / i64::try_from(FLOOD / WAVE).unwrap());
    }
    eprintln!("{FLOOD} hits, each told to one of two destinations: {:?}", began.elapsed());
    assert_eq!(house.log(&calm).await.len(), 3, "one for each source");
    assert_eq!(house.held(&calm).await, i64::try_from(FLOOD - 3).unwrap());
    let told: BTreeSet<_> = house.log(&every).await.into_iter().filter_map(|delivery| delivery.hit_id).collect();
    assert_eq!((told.len(), house.held(&every).await), (FLOOD, 0), "each hit is told, and none twice");

    assert_eq!(digest::work_once(&house.house).await.unwrap(), 0, "it is not time yet");
    house.clock.advance(QUIET);
    assert_eq!(digest::work_once(&house.house).await.unwrap(), 1);
    assert_eq!(house.held(&calm).await, 0);
    let log = house.log(&calm).await;
    assert_eq!((log.len(), log[3].summary.as_str()), (4, &*format!("The key in laptop: {} uses", FLOOD - 3)));

    while worker::work_once(&house.house).await.unwrap() > 0 {}
    let seen = receiver.seen();
    let of_hits = seen.iter().filter_map(|one| one.json()["data"]["hit"]["event_id"].as_str().map(str::to_owned));
    assert_eq!(of_hits.collect::<BTreeSet<_>>().len(), FLOOD, "each hit arrives");
}

#[tokio::test]
async fn once_a_day_everything_comes_in_one_message() {
    let house = Still::start().await;
    let receiver = Receiver::start().await;
    let (laptop, server) = (house.mint("laptop").await, house.mint("server").await);
    let id = house.hearing(&receiver, &laptop, Pace::Daily).await;
    let scope = Scope::Token { token_id: TokenId(text(&server["id"]).into()) };
    let form = SubscriptionForm { pace: Some(Pace::Daily), ..SubscriptionForm::usual(id.clone(), scope) };
    alerts::subscribe(&house.house, &Viewer::system("test"), &form).await.unwrap();
    let records: Vec<_> =
        (0..7).map(|n| record(if n < 5 { &laptop } else { &server }, &format!("e-{n}"), &json!({}))).collect();
    house.receive(&records).await;
    assert!(house.log(&id).await.is_empty());
    let now = house.house.now();
    house.clock.advance(alerts::pace::next(7, now).since(now) - 1);
    assert_eq!(digest::work_once(&house.house).await.unwrap(), 0);
    house.clock.advance(1);
    assert_eq!(digest::work_once(&house.house).await.unwrap(), 1);
    worker::work_once(&house.house).await.unwrap();
    let body = receiver.seen()[0].json();
    let mut counts: Vec<_> = body["data"]["digest"]["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (text(&item["token"]["location"]).to_owned(), item["count"].clone()))
        .collect();
    counts.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(counts, [("laptop".to_owned(), json!(5)), ("server".to_owned(), json!(2))]);
    assert_eq!((&body["data"]["token"], &body["data"]["digest"]["count"]), (&Value::Null, &json!(7)));
    assert_eq!(house.log(&id).await[0].summary, "Digest: 7 alerts about 2 keys");
    house.clock.advance(DAY);
    assert_eq!(digest::work_once(&house.house).await.unwrap(), 0, "nothing happened since");
}

#[tokio::test]
async fn the_most_eager_of_several_subscriptions_counts() {
    let house = TestHouse::start().await;
    let receiver = Receiver::start().await;
    let made = destination(&house, "webhook", &receiver.url).await;
    let token = house.mint("laptop").await;
    subscribe_to(&house, &made, &json!({ "scope": "token", "token_id": token["id"], "pace": "daily" })).await;
    hit(&house, &token, "e-0").await;
    assert!(deliveries(&house, &made).await.is_empty());
    let team = json!({ "scope": "team", "team": "Security", "pace": "every", "kinds": ["hit"] });
    subscribe_to(&house, &made, &team).await;
    for n in 1..=3 {
        hit(&house, &token, &format!("e-{n}")).await;
    }
    assert_eq!(deliveries(&house, &made).await.len(), 3);
    // Of what the eager one does not want to hear, the other one decides.
    used(&house, &token, "exposed", &exposure(&token)).await;
    assert_eq!(deliveries(&house, &made).await.len(), 3);
}

/// Lets a future go on so many times, and drops it then; whether it came to its end.
async fn cut_off<F: Future>(mut work: Pin<Box<F>>, after: usize) -> bool {
    let mut polls = 0;
    poll_fn(move |context| {
        if polls == after {
            return Poll::Ready(false);
        }
        polls += 1;
        work.as_mut().poll(context).map(|_| true)
    })
    .await
}

#[tokio::test]
async fn whatever_is_cut_off_nothing_is_lost_and_nothing_told_twice() {
    let mut house = Still::start().await;
    let receiver = Receiver::start().await;
    let token = house.mint("laptop").await;
    let id = house.hearing(&receiver, &token, Pace::Incident).await;
    let records: Vec<_> = (0..9).map(|n| record(&token, &format!("e-{n}"), &json!({}))).collect();
    house.receive(&records).await;
    house.clock.advance(QUIET);

    // The process ends and begins again: what is held is in the database. (On a server, each house that is built has a
    // database of its own.)
    if house.house.store.flavour() == Flavour::Sqlite {
        let now = house.house.now();
        let Still { house: old, folder, .. } = house;
        old.store.close().await;
        drop(old);
        let (again, clock) = TestHouse::build(&folder, &[], now).await;
        house = Still { house: again, clock, folder };
    }
    assert_eq!(house.held(&id).await, 8);

    // How often one digest has to wait depends on how fast the database answers: so there are as many as it takes.
    let (mut cuts, mut digests) = (0, 0);
    while cuts < 10 {
        let told = house.log(&id).await.len();
        for after in 1.. {
            let ended = cut_off(Box::pin(digest::work_once(&house.house)), after).await;
            let (log, held) = (house.log(&id).await.len(), house.held(&id).await);
            // PostgreSQL may still be undoing the transaction before, and what that holds is left alone.
            if ended && log > told {
                break;
            }
            assert!(after < 10_000, "the digest never comes");
            cuts += u32::from(!ended);
            assert!((log, held) == (told, 8) || (log, held) == (told + 1, 0), "{told} before, now {log}, {held} held");
        }
        assert_eq!((house.log(&id).await.len(), house.held(&id).await), (told + 1, 0));
        digests += 1;
        let more: Vec<_> = (0..8).map(|n| record(&token, &format!("e-{digests}-{n}"), &json!({}))).collect();
        house.receive(&more).await;
        house.clock.advance(QUIET);
        assert_eq!(house.held(&id).await, 8);
    }
    worker::work_once(&house.house).await.unwrap();
    assert_eq!(counted(&receiver), vec![8; digests]);
}
