//! Scanning log files: what the fast way finds is what parsing everything finds.

use crate::{
    house::{Folder, TestHouse},
    logs,
};
use app::model::{hit::HitKind, ids::TokenId, viewer::Viewer};
use aviary::{
    hits::matching::Watch,
    intake::{
        read,
        scan::{self, Order, Summary, Telling},
    },
    store::matching::Watched,
};
use axum::http::{Method, StatusCode};
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

async fn adopt(house: &TestHouse, key: &str, arn: &str) {
    let form = json!({ "access_key_id": key, "arn": arn, "location": "a test", "owner": "ana" });
    let answer = house.api().json(Method::POST, "/tokens/adopt", &form).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
}

type Seen = BTreeSet<(String, String, String)>;

async fn run(house: &TestHouse, paths: Vec<PathBuf>, record: bool) -> (Summary, Seen, Vec<(String, String)>) {
    let (mut seen, mut problems) = (Seen::new(), Vec::new());
    let order = Order { paths, jobs: 3, record };
    let viewer = Viewer::system("test");
    let summary = scan::scan(&house.house, &viewer, order, &mut |telling| match telling {
        Telling::Match { access_key_id, kind, record, .. } => {
            let new = seen.insert((access_key_id.to_owned(), record.event_id.clone(), kind.word().to_owned()));
            assert!(new, "each is told once");
        }
        Telling::Problem { path, why } => {
            problems.push((path.file_name().unwrap().to_string_lossy().into_owned(), why.to_owned()));
        }
        Telling::Progress { files, of, .. } => assert!(Some(files) <= of, "{files} of {of:?}"),
        Telling::Resumed { after } => panic!("a folder is scanned whole, not after {after}"),
    })
    .await
    .unwrap();
    assert_eq!(summary.matches, seen.len());
    (summary, seen, problems)
}

#[tokio::test]
async fn our_own_logs_are_scanned_and_what_is_no_json_is_told() {
    let house = TestHouse::start().await;
    adopt(&house, "AKIAWATCHED000000001", "arn:aws:iam::111122223333:user/ci/deploy").await;
    let mut folder = logs::own_folder();
    folder.push("not-json.txt");
    let (summary, seen, problems) = run(&house, vec![logs::own_folder(), folder], true).await;
    let kinds = |kind: &str| seen.iter().filter(|(_, _, of)| of == kind).count();
    // The one whose only name is the user's unique id cannot be known of an adopted key.
    assert_eq!((kinds("use"), kinds("tampered"), kinds("exposed")), (30, 1, 1), "{seen:#?}");
    assert_eq!(summary.new, 32);
    let names: Vec<_> = problems.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["cut-off.json", "not-json.txt"], "{problems:?}");
    assert_eq!(house.api().get("/hits").await.body()["items"][0]["sources"][0]["source"], "scan");
    let (again, ..) = run(&house, vec![logs::own_folder()], true).await;
    assert_eq!((again.matches, again.new), (32, 0));
    assert_eq!(house.api().get("/tokens").await.body()["items"][0]["state"], "exposed");
}

#[tokio::test]
async fn without_record_a_scan_changes_nothing() {
    let house = TestHouse::start().await;
    adopt(&house, "AKIAWATCHED000000001", "").await;
    let (summary, ..) = run(&house, vec![logs::own_folder()], false).await;
    assert!(summary.matches > 20 && summary.new == 0);
    assert_eq!(house.api().get("/hits").await.body()["items"], json!([]));
    assert_eq!(house.api().get("/tokens").await.body()["items"][0]["state"], "arming");
}

#[tokio::test]
async fn a_broken_line_or_file_loses_nothing_but_itself() {
    let house = TestHouse::start().await;
    adopt(&house, "AKIAWATCHED000000001", "").await;
    let folder = Folder::new();
    let record = |n: u32| {
        json!({ "eventID": format!("id-{n}"), "eventName": "X", "userIdentity": { "accessKeyId": "AKIAWATCHED000000001" } }).to_string()
    };
    let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
    write("a.jsonl", format!("{}\n{{\"broken\n{}\nnoise\n{}\n", record(1), record(2), record(3)));
    write("b.json", format!("{{\"Records\":[{},{}", record(4), record(5)));
    write("c.json.gz", "no gzip".to_owned());
    std::fs::create_dir_all(folder.path().join("deep/er")).unwrap();
    write("deep/er/d.json", format!("\u{feff}[{}]", record(6)));
    write("empty.json", String::new());
    write("notes.txt", record(7));
    let missing = folder.path().join("missing.json");
    let (_, seen, problems) = run(&house, vec![folder.path().to_owned(), missing], false).await;
    let ids: Vec<_> = seen.iter().map(|(_, id, _)| id.as_str()).collect();
    assert_eq!(ids, ["id-1", "id-2", "id-3", "id-4", "id-5", "id-6"]);
    let names: BTreeSet<_> = problems.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, BTreeSet::from(["a.jsonl", "b.json", "c.json.gz", "empty.json", "missing.json"]), "{problems:?}");
}

/// What parsing everything finds: event, token, kind.
fn slowly(path: &Path, watch: &Watch) -> BTreeMap<(String, TokenId), HitKind> {
    let Ok(batch) = read::read(&std::fs::read(path).unwrap()) else { return BTreeMap::new() };
    let matches = |record| watch.matches(record).into_iter();
    let found = batch.records.iter().flat_map(|record| {
        matches(record).map(|(token, kind)| ((record.event_id.clone(), token), kind)).collect::<Vec<_>>()
    });
    found.collect()
}

#[test]
fn the_fast_way_finds_what_parsing_everything_finds() {
    let mut files = scan::walk::files(&[logs::own_folder()]).0;
    files.retain(|file| !file.ends_with("cut-off.json"));
    let mut tokens =
        vec![token("AKIAWATCHED000000001", "arn:aws:iam::111122223333:user/ci/deploy", "AIDAWATCHED000000001")];
    if logs::shared_folder().is_some() {
        files.extend(logs::shared_files("invictus/CloudTrail"));
        files.extend(logs::shared_files("stratus"));
        // Every third key, and for others the user alone: so that each way to match is taken.
        tokens.extend(logs::shared_keys().iter().step_by(3).map(|key| token(key, "", "")));
        for (n, (arn, unique_id)) in users(&files).into_iter().enumerate() {
            tokens.push(token(&format!("AKIAMADEUP{n:010}"), if n % 2 == 0 { &arn } else { "" }, &unique_id));
        }
    }
    let watch = Watch::new(tokens);
    let mut found = 0;
    scan::all(&files, &watch, 2, &mut |path, fast| {
        assert_eq!(fast.problem, None, "{}", path.display());
        let fast: BTreeMap<_, _> = fast
            .matches
            .into_iter()
            .flat_map(|(record, tokens)| {
                tokens.into_iter().map(move |(token, kind)| ((record.event_id.clone(), token), kind))
            })
            .collect();
        assert_eq!(fast, slowly(path, &watch), "{}", path.display());
        found += fast.len();
        true
    });
    assert!(found > 30, "{found}");
}

fn token(key: &str, arn: &str, unique_id: &str) -> Watched {
    Watched {
        id: key.into(),
        account: "111122223333".into(),
        access_key_id: key.into(),
        arn: arn.into(),
        unique_id: unique_id.into(),
        user_name: arn.rsplit('/').next().unwrap_or_default().into(),
    }
}

/// Users that occur in these files: ARN and unique id.
fn users(files: &[PathBuf]) -> BTreeSet<(String, String)> {
    let mut users = BTreeSet::new();
    for file in files {
        if let Ok(batch) = read::read(&std::fs::read(file).unwrap()) {
            for actor in batch.records.into_iter().map(|record| record.actor) {
                if let (Some(arn), Some(id)) = (actor.arns.first(), actor.unique_ids.first()) {
                    users.insert((arn.clone(), id.clone()));
                }
            }
        }
    }
    users
}

#[tokio::test]
async fn every_key_of_the_recorded_logs_has_exactly_its_events() {
    let Some(oracle) = logs::oracle() else { return };
    let house = TestHouse::start().await;
    for key in logs::shared_keys() {
        adopt(&house, &key, "").await;
    }
    let folder = logs::shared_folder().unwrap().join("invictus/CloudTrail");
    let (summary, seen, problems) = run(&house, vec![folder.clone(), folder.clone()], true).await;
    assert_eq!(problems, []);
    let uses = seen.iter().filter(|(_, _, kind)| kind == "use").count();
    assert_eq!(i64::try_from(uses).unwrap(), oracle.values().sum::<i64>());
    assert_eq!(summary.new, summary.matches);
    let (again, ..) = run(&house, vec![folder], true).await;
    assert_eq!(again.new, 0);
    logs::assert_oracle(&house, &oracle).await;
}
