//! What must not cost a message: a database that is away, and readers that are slow.

use super::{KEY, Listening, account, event, eventually, record, trail};
use crate::{aws::emulator::Emulator, house::TestHouse};
use app::model::{account::AccountForm, secret::Secret, viewer::Viewer};
use aviary::{accounts, issuers::aws::AwsClients};
use axum::{
    Router,
    body::Bytes,
    http::HeaderMap,
    routing::{any, post},
};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use sqlx::Connection as _;
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

/// Takes the tables away that every hit needs, or puts them back.
async fn move_tables(house: &TestHouse, away: bool) {
    let url = house.house.config.database.expose_secret();
    let mut by_hand = sqlx::AnyConnection::connect(url).await.unwrap();
    for table in ["hits", "quarantine", "settings"] {
        let (from, to) = if away {
            (table.to_owned(), format!("{table}_away"))
        } else {
            (format!("{table}_away"), table.to_owned())
        };
        let sql = format!("ALTER TABLE {from} RENAME TO {to}");
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut by_hand).await.unwrap();
    }
    by_hand.close().await.unwrap();
}

#[tokio::test]
async fn a_database_that_is_away_puts_no_message_aside() {
    let Some(aws) = Emulator::start("a database that is away").await else { return };
    // These queues put a message aside as soon as it was given back once.
    let listening = Listening::with(&aws, aws.clients(None), 1).await;
    let bucket = trail::Trail::new(&aws).await;
    bucket.put_records(&trail::key("meanwhile"), &[record("file", KEY)]).await;
    move_tables(&listening.house, true).await;
    listening.events.send_all(&[event(&record("one", KEY)), "no JSON".to_owned()]).await;
    listening.files.send(&bucket.notice(&[&trail::key("meanwhile")])).await;
    let checks = || listening.house.house.ears.queues.checks();
    let tried = |least: u32| {
        let checks = checks();
        let times =
            checks.iter().filter_map(|check| check.says.split_once("(tried ")?.1.split_once(' ')?.0.parse().ok());
        times.filter(|times: &u32| *times >= least).count()
    };
    eventually("both queues say so", async || tried(6) == 2).await;
    assert!(!listening.house.house.ears.queues.all_answer(crate::aws::emulator::ACCOUNT));
    // What comes now stays where it is.
    listening.events.send(&event(&record("two", KEY))).await;
    eventually("they are tried again", async || tried(10) == 2).await;
    let dead = async || (listening.events.dead_depth().await, listening.files.dead_depth().await);
    assert_eq!(dead().await, (0, 0));

    move_tables(&listening.house, false).await;
    eventually("all are hits", async || listening.hits().await.len() == 3).await;
    eventually("only what means nothing is put aside", async || dead().await == (1, 0)).await;
    listening.quiet().await;
    let kept = listening.quarantine().await;
    assert!(kept.len() == 1 && kept[0].contains("no JSON"), "{kept:?}");
    assert!(checks().iter().all(|check| !check.says.contains("waits since")));
}

/// A queue of which every message names a log file, and a bucket that never answers.
async fn slow_bucket(given: Arc<Mutex<i32>>, extended: Arc<Mutex<BTreeSet<String>>>) -> String {
    let queue = async move |headers: HeaderMap, body: Bytes| {
        let asked: Value = serde_json::from_slice(&body).unwrap();
        let action = headers["x-amz-target"].to_str().unwrap().to_owned();
        match action.as_str() {
            "AmazonSQS.ReceiveMessage" => {
                let first = {
                    let mut given = given.lock().unwrap();
                    *given += 10;
                    *given
                };
                let message = |n: i32| {
                    json!({ "MessageId": format!("m-{n}"), "ReceiptHandle": format!("r-{n}"),
                        "Attributes": { "ApproximateReceiveCount": "1" },
                        "Body": json!({ "s3Bucket": "trail", "s3ObjectKey": [trail::key(&n.to_string())] }).to_string() })
                };
                json!({ "Messages": (first - 10..first).map(message).collect::<Vec<_>>() })
            }
            "AmazonSQS.ChangeMessageVisibilityBatch" => {
                let receipts = asked["Entries"].as_array().unwrap().iter();
                let receipts = receipts.map(|one| one["ReceiptHandle"].as_str().unwrap().to_owned());
                extended.lock().unwrap().extend(receipts);
                json!({ "Successful": [], "Failed": [] })
            }
            _ => json!({}),
        }
        .to_string()
    };
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let hangs = any(async || std::future::pending::<()>().await);
    let router = Router::new().route("/", post(queue)).fallback(hangs);
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

#[tokio::test]
async fn messages_that_wait_for_a_reader_stay_hidden() {
    let (given, extended) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(BTreeSet::new())));
    let url = slow_bucket(Arc::clone(&given), Arc::clone(&extended)).await;
    let house = TestHouse::with_aws(AwsClients::at(&url, KEY, &Secret::new("secret".into()))).await;
    let form = AccountForm { files_queue: format!("{url}/123456789012/files"), ..account() };
    accounts::add(&house.house, &Viewer::system("test"), &form).await.unwrap();
    // Four are being read and sixteen wait for that; what else was fetched is held by the four polls.
    let all = || {
        *given.lock().unwrap() >= 40
            && extended.lock().unwrap().len() == usize::try_from(*given.lock().unwrap()).unwrap()
    };
    eventually("the time of all is extended", async || all()).await;
}
