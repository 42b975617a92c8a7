//! Filing: records that many hand in at the same time share a transaction, and each caller hears its own numbers.

use crate::{
    house::{Folder, TestHouse, beginning},
    logs,
};
use app::model::{
    fault::Fault,
    hit::{HitQuery, Source},
    ids::TokenId,
    incident::IncidentQuery,
    moment::{HOUR, Moment},
    token::TokenForm,
    viewer::Viewer,
};
use aviary::{
    hits::{self, record::Record},
    house::House,
    intake::{self, Received},
    store::{self, Tx, connect::Flavour},
    tokens,
};
use serde_json::{Value, json};
use sqlx::Row as _;
use std::{sync::Arc, time::Duration};
use tokio::task::JoinHandle;

const KEY: &str = "AKIAWATCHED000000001";

/// A house that nobody runs, with a token.
async fn watching() -> (Folder, Arc<House>, TokenId) {
    let folder = Folder::new();
    let (house, _) = TestHouse::build(&folder, &[], beginning()).await;
    aviary::people::teams::create(&house, &Viewer::system("test"), "Security").await.unwrap();
    let token = watch(&house, KEY).await;
    (folder, house, token)
}

/// A token with this key.
async fn watch(house: &House, key: &str) -> TokenId {
    let form =
        TokenForm { access_key_id: key.into(), location: "a test".into(), owner: "ana".into(), ..TokenForm::default() };
    tokens::adopt::adopt(house, &Viewer::system("test"), &form).await.unwrap().id
}

/// Keeps others from writing, as a slow disk does.
async fn hold(house: &House, token: &TokenId) -> Tx {
    let mut tx = house.store.begin().await.unwrap();
    store::tokens::lock(&mut tx, token).await.unwrap();
    tx
}

fn used(event: &str) -> Record {
    used_at(KEY, event, beginning())
}

/// A use of this key then.
fn used_at(key: &str, event: &str, at: Moment) -> Record {
    let mut record: Value = serde_json::from_slice(&logs::own("plain.json")).unwrap();
    record["userIdentity"] = json!({ "type": "IAMUser", "accessKeyId": key });
    record["eventTime"] = json!(at);
    record["eventID"] = json!(event);
    Record::parse(&record.to_string()).unwrap()
}

fn post(house: &Arc<House>, records: Vec<Record>) -> JoinHandle<Result<Received, Fault>> {
    come(house, Source::Webhook, records)
}

/// Records come by this way.
fn come(house: &Arc<House>, way: Source, records: Vec<Record>) -> JoinHandle<Result<Received, Fault>> {
    let house = Arc::clone(house);
    tokio::spawn(async move { intake::receive(&house, way, records).await })
}

async fn until_waiting(house: &House, bundles: usize) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    while house.clerks.hits.waiting() < bundles {
        assert!(tokio::time::Instant::now() < deadline, "only {} wait", house.clerks.hits.waiting());
        tokio::task::yield_now().await;
    }
}

/// Lets so many wait, if the first transaction has not taken them all: it takes what is there when it begins. What follows
/// holds however they are divided.
async fn let_some_wait(house: &House, bundles: usize) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(2);
    while house.clerks.hits.waiting() < bundles && tokio::time::Instant::now() < deadline {
        tokio::task::yield_now().await;
    }
}

/// Begins to count transactions that wrote.
async fn begin_counting(house: &House) {
    if house.store.flavour() == Flavour::Sqlite {
        let mut session = house.store.read().await.unwrap();
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut *session).await.unwrap();
    }
}

/// How many transactions wrote hits (SQLite: anything) since [`begin_counting`].
async fn counted(house: &House, folder: &Folder) -> usize {
    match house.store.flavour() {
        // The write-ahead log: a header of 32 bytes, then frames of 24 bytes and a page each. Bytes 4 to 8 of a frame are
        // not zero where it ends a transaction (sqlite.org, "Database File Format", 4.1).
        Flavour::Sqlite => {
            let log = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
            let log = log.into_iter().find(|path| path.to_str().unwrap().ends_with("-wal")).unwrap();
            let log = std::fs::read(log).unwrap();
            let page = u32::from_be_bytes(log[8..12].try_into().unwrap());
            log[32..].chunks(24 + usize::try_from(page).unwrap()).filter(|frame| frame[4..8] != [0; 4]).count()
        }
        Flavour::Postgres => {
            let mut session = house.store.read().await.unwrap();
            let row = sqlx::query("SELECT COUNT(DISTINCT CAST(xmin AS TEXT)) AS n FROM hits").fetch_one(&mut *session);
            usize::try_from(row.await.unwrap().get::<i64, _>("n")).unwrap()
        }
    }
}

#[tokio::test]
async fn many_posts_at_once_are_filed_in_few_transactions_and_each_hears_its_own_numbers() {
    let (folder, house, token) = watching().await;
    begin_counting(&house).await;
    let others = hold(&house, &token).await;
    let posts: Vec<_> = (0..200)
        .map(|n| {
            let mut records: Vec<_> = (0..=n % 3).map(|part| used(&format!("e-{n}-{part}"))).collect();
            // The same event twice in a post, and a record about nobody.
            records.push(used(&format!("e-{n}-0")));
            records.push(Record::parse(r#"{"eventName": "ListBuckets"}"#).unwrap());
            (n % 3 + 1, post(&house, records))
        })
        .collect();
    until_waiting(&house, 150).await;
    assert!(posts.iter().all(|(_, post)| !post.is_finished()), "nothing is acknowledged before it is committed");
    drop(others);
    let mut new = 0;
    for (hits, post) in posts {
        let received = post.await.unwrap().unwrap();
        assert_eq!((received.read, received.matched, received.new), (hits + 2, hits + 1, hits));
        new += hits;
    }
    let mut session = house.store.read().await.unwrap();
    let row = store::tokens::by_id(&mut session, &token).await.unwrap().unwrap();
    drop(session);
    assert_eq!(row.token.hit_count, i64::try_from(new).unwrap());
    let transactions = counted(&house, &folder).await;
    assert!((1..=40).contains(&transactions), "{transactions} transactions for 200 posts");
}

#[tokio::test]
async fn the_same_event_in_several_posts_at_once_is_new_to_one_of_them() {
    let (_folder, house, token) = watching().await;
    let others = hold(&house, &token).await;
    let posts: Vec<_> = (0..30).map(|_| post(&house, vec![used("e-1"), used("e-2")])).collect();
    let_some_wait(&house, 20).await;
    drop(others);
    let mut new = Vec::new();
    for post in posts {
        new.push(post.await.unwrap().unwrap().new);
    }
    assert_eq!(new.iter().sum::<usize>(), 2, "{new:?}");
}

#[tokio::test]
async fn an_event_that_two_ways_report_at_once_is_one_hit_with_both() {
    let (_folder, house, token) = watching().await;
    let others = hold(&house, &token).await;
    let ways = [Source::Eventbridge, Source::Trail, Source::Eventbridge];
    let come = |n: usize| come(&house, ways[n % 3], vec![used(&format!("e-{}", n / 3))]);
    let posts: Vec<_> = (0..30).map(come).collect();
    let_some_wait(&house, 20).await;
    drop(others);
    let mut new = Vec::new();
    for post in posts {
        new.push(post.await.unwrap().unwrap().new);
    }
    assert_eq!(new.iter().sum::<usize>(), 10, "{new:?}");
    let query = HitQuery { limit: 100, ..HitQuery::default() };
    let hits = hits::list(&house, &Viewer::system("test"), &query).await.unwrap().items;
    assert_eq!(hits.len(), 10);
    for hit in hits {
        let mut sources: Vec<_> = hit.sources.iter().map(|sighting| sighting.source).collect();
        sources.sort();
        assert_eq!(sources, [Source::Eventbridge, Source::Trail], "each way once: {}", hit.event_id);
    }
}

#[tokio::test]
async fn tokens_that_are_used_at_once_each_keep_what_is_theirs() {
    let (folder, house, first) = watching().await;
    let now = house.now();
    let mut keys = vec![(KEY.to_owned(), first.clone())];
    for n in 1..37 {
        let key = format!("AKIAWATCHED000000{n:03}2");
        keys.push((key.clone(), watch(&house, &key).await));
    }
    begin_counting(&house).await;
    let others = hold(&house, &first).await;
    // Each is used three times: two of them are one incident, the third one comes a day before, and one of them comes twice.
    let posts: Vec<_> = keys
        .iter()
        .map(|(key, _)| {
            let at = |event: &str, hours: i64| used_at(key, &format!("{key}-{event}"), now.plus(hours * HOUR));
            post(&house, vec![at("b", -1), at("a", -2), at("b", -1), at("c", -26)])
        })
        .collect();
    let_some_wait(&house, 30).await;
    drop(others);
    for post in posts {
        assert_eq!(post.await.unwrap().unwrap().new, 3);
    }
    let transactions = counted(&house, &folder).await;
    assert!((1..=20).contains(&transactions), "{transactions} transactions for 37 posts");
    let system = Viewer::system("test");
    for (key, token) in keys {
        let query = HitQuery { token_id: Some(token.clone()), ..HitQuery::default() };
        let kept = hits::list(&house, &system, &query).await.unwrap().items;
        let kept: Vec<_> = kept.iter().map(|hit| hit.event_id.strip_prefix(&key).unwrap()).collect();
        assert_eq!(kept, ["-b", "-a", "-c"], "latest first");
        let query = IncidentQuery { token_id: Some(token.clone()), ..IncidentQuery::default() };
        let mut counts: Vec<_> =
            hits::incidents(&house, &system, &query).await.unwrap().items.iter().map(|one| one.hit_count).collect();
        counts.sort_unstable();
        assert_eq!(counts, [1, 2]);
        let bars = hits::chart(&house, &system, &token).await.unwrap().bars;
        assert_eq!(bars.iter().map(|bar| bar.count).sum::<i64>(), 3);
        let row = store::tokens::by_id(&mut house.store.read().await.unwrap(), &token).await.unwrap().unwrap();
        assert_eq!((row.token.hit_count, row.token.last_hit_at), (3, Some(now.plus(-HOUR))));
        assert_eq!(row.facts.first_hit_at, Some(now.plus(-26 * HOUR)));
    }
}

#[tokio::test]
async fn records_that_cannot_be_kept_do_not_fail_their_neighbours() {
    let (_folder, house, token) = watching().await;
    // The database refuses one event, whatever the reason.
    let mut tx = house.store.begin().await.unwrap();
    let (refuse, accept) = match house.store.flavour() {
        Flavour::Sqlite => (
            "CREATE TRIGGER refuse BEFORE INSERT ON hits WHEN NEW.event_id = 'e-7' BEGIN SELECT RAISE(ABORT, 'no'); END",
            "DROP TRIGGER refuse",
        ),
        Flavour::Postgres => (
            "ALTER TABLE hits ADD CONSTRAINT refuse CHECK (event_id <> 'e-7')",
            "ALTER TABLE hits DROP CONSTRAINT refuse",
        ),
    };
    sqlx::query(refuse).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();

    let others = hold(&house, &token).await;
    let posts: Vec<_> = (0..20).map(|n| post(&house, vec![used(&format!("e-{n}")), used(&format!("f-{n}"))])).collect();
    let_some_wait(&house, 10).await;
    drop(others);
    for (n, post) in posts.into_iter().enumerate() {
        let received = post.await.unwrap();
        assert_eq!(received.map(|received| received.new).ok(), (n != 7).then_some(2), "post {n}");
    }
    let query = HitQuery { limit: 100, ..HitQuery::default() };
    let kept = hits::list(&house, &Viewer::system("test"), &query).await.unwrap().items;
    assert_eq!(kept.len(), 38);
    assert!(kept.iter().all(|hit| !hit.event_id.ends_with("-7")), "of the bad post nothing is kept");

    let mut tx = house.store.begin().await.unwrap();
    sqlx::query(accept).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(post(&house, vec![used("e-7"), used("f-7")]).await.unwrap().unwrap().new, 2, "handed in again");
}

#[tokio::test]
async fn a_caller_that_goes_away_takes_nobody_with_it() {
    let (_folder, house, token) = watching().await;
    let others = hold(&house, &token).await;
    let posts: Vec<_> = (0..20).map(|n| post(&house, vec![used(&format!("e-{n}"))])).collect();
    let_some_wait(&house, 5).await;
    for post in posts.iter().step_by(2) {
        post.abort();
    }
    drop(others);
    for (n, post) in posts.into_iter().enumerate() {
        match post.await {
            Ok(received) => assert_eq!(received.unwrap().new, 1, "post {n}"),
            Err(gone) => assert!(gone.is_cancelled() && n % 2 == 0, "post {n}"),
        }
    }
}
