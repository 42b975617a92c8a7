//! A bucket whose lists come in pages, and that gives some of its files only later.

use super::{KEY, account, adopt, hits, record, trail};
use crate::{
    aws::emulator::ACCOUNT,
    house::{Folder, TestHouse, beginning},
    logs,
};
use app::model::{secret::Secret, viewer::Viewer};
use aviary::{
    accounts,
    intake::scan::{
        Summary, Telling,
        bucket::{self, Order},
    },
    issuers::aws::AwsClients,
};
use axum::{
    Router,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::get,
};
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
    sync::{Arc, Mutex},
};

/// How many entries a page of a list has.
const PAGE: usize = 2;

/// What is in it, which of it is refused, and what was fetched.
#[derive(Clone, Default)]
pub struct Bucket {
    files: Arc<BTreeMap<String, Vec<u8>>>,
    refused: Arc<Mutex<BTreeSet<String>>>,
    fetched: Arc<Mutex<Vec<String>>>,
    pages: Arc<Mutex<usize>>,
}

impl Bucket {
    pub async fn open(files: BTreeMap<String, Vec<u8>>) -> (Self, String) {
        let bucket = Self { files: Arc::new(files), ..Self::default() };
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let list =
            async |State(bucket): State<Self>, Query(asked): Query<BTreeMap<String, String>>| bucket.list(&asked);
        let give = async |State(bucket): State<Self>, Path((_, key)): Path<(String, String)>| bucket.give(&key);
        let router = Router::new()
            .route("/{bucket}", get(list))
            .route("/{bucket}/", get(list))
            .route("/{bucket}/{*key}", get(give))
            .with_state(bucket.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (bucket, url)
    }

    /// ListObjectsV2, whose pages have two entries.
    fn list(&self, asked: &BTreeMap<String, String>) -> String {
        *self.pages.lock().unwrap() += 1;
        let of = |name: &str| asked.get(name).map_or("", String::as_str);
        let (prefix, delimiter) = (of("prefix"), of("delimiter"));
        let entry = |key: &String| match key[prefix.len()..].split_once(delimiter).filter(|_| !delimiter.is_empty()) {
            Some((folder, _)) => (true, format!("{prefix}{folder}{delimiter}")),
            None => (false, key.clone()),
        };
        let after = of("continuation-token").max(of("start-after"));
        let entries: BTreeSet<_> = self.files.keys().filter(|key| key.starts_with(prefix)).map(entry).collect();
        let mut rest = entries.into_iter().filter(|(_, name)| name.as_str() > after).peekable();
        let page: Vec<_> = rest.by_ref().take(PAGE).collect();
        let inside: String = page
            .iter()
            .map(|(folder, name)| match folder {
                true => format!("<CommonPrefixes><Prefix>{name}</Prefix></CommonPrefixes>"),
                false => format!("<Contents><Key>{name}</Key><Size>1</Size></Contents>"),
            })
            .collect();
        let more = match (rest.peek(), page.last()) {
            (Some(_), Some((_, last))) => {
                format!("<IsTruncated>true</IsTruncated><NextContinuationToken>{last}</NextContinuationToken>")
            }
            _ => "<IsTruncated>false</IsTruncated>".to_owned(),
        };
        format!("<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{more}{inside}</ListBucketResult>")
    }

    fn give(&self, key: &str) -> Response {
        if self.refused.lock().unwrap().contains(key) {
            let error = "<Error><Code>AccessDenied</Code><Message>not yet</Message></Error>";
            return (StatusCode::FORBIDDEN, error).into_response();
        }
        self.fetched.lock().unwrap().push(key.to_owned());
        self.files[key].clone().into_response()
    }

    fn fetched(&self) -> usize {
        std::mem::take(&mut *self.fetched.lock().unwrap()).len()
    }
}

fn key(day: usize) -> String {
    format!("AWSLogs/{ACCOUNT}/CloudTrail/eu-central-1/2026/03/{day:02}/{ACCOUNT}_{day}.json.gz")
}

fn nine_files() -> BTreeMap<String, Vec<u8>> {
    let file = |day: usize| {
        let records = json!({ "Records": [record(&format!("day-{day}"), KEY)] });
        (key(day), trail::gzip(records.to_string().as_bytes()))
    };
    (1..=9).map(file).collect()
}

async fn scan(house: &TestHouse, order: &Order) -> (Summary, Option<String>) {
    let mut resumed = None;
    let mut tell = |telling: Telling<'_>| {
        if let Telling::Resumed { after } = telling {
            resumed = Some(after.to_owned());
        }
    };
    let system = Viewer::system("test");
    let summary = bucket::scan(&house.house, &system, order.clone(), &mut tell).await.unwrap();
    (summary, resumed)
}

#[tokio::test]
async fn a_scan_does_not_pass_a_file_that_may_be_readable_later() {
    let (bucket, url) = Bucket::open(nine_files()).await;
    let house = TestHouse::with_aws(AwsClients::at(&url, KEY, &Secret::new("secret".into()))).await;
    adopt(&house, KEY, super::ARN).await;
    accounts::add(&house.house, &Viewer::system("test"), &account()).await.unwrap();
    let order = Order { record: true, ..Order::at("s3://trail").unwrap() };
    bucket.refused.lock().unwrap().extend([key(4), key(6)]);
    let (summary, _) = scan(&house, &order).await;
    assert_eq!((summary.files, summary.problems, summary.later, summary.new), (9, 2, 2, 7));
    assert_eq!(bucket.fetched(), 7);
    // Nothing changed: it stays unfinished, and begins with what was refused.
    let (summary, resumed) = scan(&house, &order).await;
    assert_eq!((resumed.as_deref(), summary.later), (Some(key(3).as_str()), 2));
    bucket.refused.lock().unwrap().clear();
    let (summary, resumed) = scan(&house, &order).await;
    assert_eq!((resumed.is_some(), summary.problems, summary.new), (true, 0, 2));
    assert_eq!(hits(&house).await.len(), 9);
    // Now it is finished: the same begins anew.
    assert_eq!(scan(&house, &order).await.1, None);
}

#[tokio::test]
async fn every_page_of_a_list_is_read() {
    let (bucket, url) = Bucket::open(nine_files()).await;
    let house = TestHouse::with_aws(AwsClients::at(&url, KEY, &Secret::new("secret".into()))).await;
    accounts::add(&house.house, &Viewer::system("test"), &account()).await.unwrap();
    let (summary, _) = scan(&house, &Order::at("s3://trail").unwrap()).await;
    assert_eq!(summary.files, 9);
    assert!(*bucket.pages.lock().unwrap() >= 9_usize.div_ceil(PAGE), "in pages of two");
}

#[tokio::test]
async fn the_command_ends_with_one_and_says_why_where_files_are_missing() {
    let (bucket, url) = Bucket::open(nine_files()).await;
    let folder = Folder::new();
    let (house, _) = TestHouse::build(&folder, &[], beginning()).await;
    if std::env::var("AVIARY_TEST_ON").as_deref() == Ok("postgres") {
        return;
    }
    accounts::add(&house, &Viewer::system("test"), &account()).await.unwrap();
    house.store.close().await;
    drop(house);
    let scan = async |place: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aviary"));
        command.args(["scan", "--record", place]).env_clear().env("AVIARY_DATA_DIR", folder.path());
        command.env("AWS_ENDPOINT_URL", &url).env("AWS_ACCESS_KEY_ID", KEY).env("AWS_SECRET_ACCESS_KEY", "secret");
        command.env("AWS_REGION", "us-east-1").env("AVIARY_LOG", "error");
        let done = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        (done.status.code(), String::from_utf8(done.stderr).unwrap())
    };
    bucket.refused.lock().unwrap().insert(key(4));
    let (code, said) = scan("s3://trail").await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("1 may be readable later") && said.contains(&key(4)), "{said}");
    bucket.refused.lock().unwrap().clear();
    assert_eq!(scan("s3://trail").await.0, Some(0));
    // Of a folder as well.
    let log = folder.path().join("cut-off.json");
    std::fs::write(&log, "{\"Records\":[{").unwrap();
    let (code, said) = scan(log.to_str().unwrap()).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("could not be read"), "{said}");
}

#[tokio::test]
async fn every_recorded_file_gives_exactly_its_hits_when_its_bucket_is_scanned() {
    let Some(recorded) = logs::recorded() else { return };
    let (_bucket, url) = Bucket::open(recorded.objects()).await;
    let house = TestHouse::with_aws(AwsClients::at(&url, KEY, &Secret::new("secret".into()))).await;
    recorded.adopt_all(&house).await;
    accounts::add(&house.house, &Viewer::system("test"), &account()).await.unwrap();
    let order = Order { record: true, ..Order::at("s3://trail").unwrap() };
    let (summary, _) = scan(&house, &order).await;
    assert_eq!((summary.problems, summary.matches), (0, recorded.hits.len()));
    recorded.assert_in(&house).await;
}
