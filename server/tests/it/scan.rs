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
    let order = Order { paths, jobs: 3, record, ..Order::default() };
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

/// A call by this key, as a record.
fn call(id: &str, key: &str, time: &str) -> serde_json::Value {
    json!({ "eventID": id, "eventName": "ListBuckets", "eventTime": time, "userIdentity": { "accessKeyId": key } })
}

/// Writes a log file with these records.
fn write(folder: &Folder, name: &str, records: &[serde_json::Value]) {
    let path = folder.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, json!({ "Records": records }).to_string()).unwrap();
}

#[tokio::test]
async fn of_a_rotated_token_each_event_is_told_with_the_key_that_stands_in_it() {
    let house = TestHouse::start().await;
    let token = house.mint("vault").await;
    let text = |of: &serde_json::Value, name: &str| of[name].as_str().unwrap().to_owned();
    let (id, first) = (text(&token, "id"), text(&token, "access_key_id"));
    let rotated = house.api().send(Method::POST, &format!("/tokens/{id}/rotate"), &[], Vec::new()).await;
    assert_eq!(rotated.status, StatusCode::OK, "{}", rotated.text);
    let second = text(&rotated.body(), "access_key_id");
    assert_ne!(first, second);
    let folder = Folder::new();
    // A session of the token's user carries no key of the token.
    let mut session = call("session", "ASIASESSION000000000", "2026-03-01T10:02:00Z");
    session["userIdentity"]["arn"] = token["arn"].clone();
    let changed = json!({ "eventID": "changed", "eventName": "UpdateAccessKey", "eventSource": "iam.amazonaws.com",
        "userIdentity": { "accessKeyId": "ASIAADMIN00000000000" }, "requestParameters": { "accessKeyId": first } });
    let time = "2026-03-01T10:02:00Z";
    write(&folder, "a.json", &[call("one", &first, time), call("two", &second, time), session, changed]);
    let (_, seen, problems) = run(&house, vec![folder.path().to_owned()], false).await;
    assert_eq!(problems, []);
    let of = |id: &str| seen.iter().find(|(_, event, _)| event == id).unwrap_or_else(|| panic!("{id}: {seen:?}"));
    for (event, key) in [("one", &first), ("two", &second), ("session", &second), ("changed", &first)] {
        assert_eq!(&of(event).0, key, "{event}");
    }
    let printed = house.command(&["scan", folder.path().to_str().unwrap()]).await;
    let printed = String::from_utf8(printed.stdout).unwrap();
    let uses = |key: &str| printed.lines().filter(|line| line.split('\t').nth(1) == Some(key)).count();
    assert_eq!((uses(&first), uses(&second)), (2, 2), "{printed}");
}

#[tokio::test]
async fn of_a_range_of_days_only_calls_of_these_days_are_told() {
    let house = TestHouse::start().await;
    adopt(&house, "AKIAWATCHED000000001", "").await;
    let folder = Folder::new();
    let of_day = |day: u32, hour: &str| {
        call(&format!("{day:02}T{hour}"), "AKIAWATCHED000000001", &format!("2026-03-{day:02}T{hour}:00Z"))
    };
    for day in 1..=9 {
        let name = format!("AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/{day:02}/x.json");
        // A call shortly before midnight stands in the file of the next day.
        write(&folder, &name, &[of_day(day, "12:00"), of_day((day - 1).max(1), "23:59")]);
    }
    // A file of another name holds many days, and a record of no time may be of any.
    let timeless = call("timeless", "AKIAWATCHED000000001", "once upon a time");
    write(&folder, "export.json", &[of_day(2, "01:00"), of_day(4, "01:00"), of_day(9, "01:00"), timeless]);
    write(&folder, "1_CloudTrail_eu-west-1_20260302T0000Z_x.json", &[of_day(4, "02:00")]);
    let scan = async |arguments: &[&str]| {
        let all = [&["scan", "--json", folder.path().to_str().unwrap()], arguments].concat();
        let done = house.command(&all).await;
        let lines: Vec<serde_json::Value> =
            String::from_utf8(done.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let ids = lines.iter().filter_map(|line| Some(line["event_id"].as_str()?.to_owned()));
        let ids: BTreeSet<String> = ids.collect();
        (done.status.code(), ids, lines.last().map(|line| line["summary"].clone()), done.stderr)
    };
    let (code, ids, summary, _) = scan(&["--from", "2026-03-03", "--to", "2026-03-04"]).await;
    let expected = ["03T12:00", "03T23:59", "04T01:00", "04T12:00", "04T23:59", "timeless"];
    assert_eq!((code, ids), (Some(0), expected.map(str::to_owned).into()));
    let summary = summary.unwrap();
    // Two by their folder, and one by its name, were delivered before the first day.
    assert_eq!((&summary["passed_over"], &summary["files"], &summary["matches"]), (&json!(3), &json!(8), &json!(6)));
    let (_, ids, ..) = scan(&["--to", "2026-03-01"]).await;
    assert_eq!(ids, ["01T12:00", "01T23:59", "timeless"].map(str::to_owned).into());
    let (_, ids, ..) = scan(&["--from", "2026-03-09"]).await;
    assert_eq!(ids, ["09T01:00", "09T12:00", "timeless"].map(str::to_owned).into());
    // What is filed is of these days too, also of a file that is named.
    let export = folder.path().join("export.json");
    let filed = house.command(&["scan", "--record", "--from", "2026-03-09", export.to_str().unwrap()]).await;
    assert!(filed.status.success(), "{}", String::from_utf8_lossy(&filed.stderr));
    let hits = house.api().get("/hits").await.body();
    let mut filed: Vec<_> = hits["items"].as_array().unwrap().iter().map(|hit| hit["event_id"].as_str()).collect();
    filed.sort();
    assert_eq!(filed, [Some("09T01:00"), Some("timeless")]);
    for wrong in [&["--from", "yesterday"][..], &["--from", "2026-03-04", "--to", "2026-03-03"]] {
        let (code, _, _, said) = scan(wrong).await;
        assert!(code != Some(0) && !said.is_empty(), "{wrong:?}");
    }
}

/// Scans and files; stops when so many files are done. How many were done in all, and the file after which it went on.
async fn until(house: &TestHouse, order: &Order, most: usize) -> (Option<Summary>, usize, Option<String>) {
    let (enough, mut told) = tokio::sync::watch::channel(0);
    let mut resumed = None;
    let mut tell = |telling: Telling<'_>| match telling {
        Telling::Progress { files, .. } => {
            // Each file is later than the one before, so that how far it got is written down.
            house.clock.advance(3_000);
            enough.send_replace(files);
        }
        Telling::Resumed { after } => resumed = Some(after.to_owned()),
        Telling::Match { .. } | Telling::Problem { .. } => {}
    };
    let viewer = Viewer::system("test");
    let done = tokio::select! {
        done = scan::scan(&house.house, &viewer, order.clone(), &mut tell) => Some(done.unwrap()),
        _ = told.wait_for(|files| *files >= most) => None,
    };
    let files = *enough.borrow();
    (done, files, resumed)
}

#[tokio::test]
async fn a_scan_of_a_folder_that_files_goes_on_where_it_was_cut_off() {
    let house = TestHouse::start().await;
    adopt(&house, "AKIAWATCHED000000001", "").await;
    let folder = Folder::new();
    let time = "2026-03-01T10:02:00Z";
    for n in 1..=9 {
        let name = format!("of-{}/{n}.json", n % 2);
        write(&folder, &name, &[call(&format!("id-{n}"), "AKIAWATCHED000000001", time)]);
    }
    let order = Order { paths: vec![folder.path().to_owned()], jobs: 1, record: true, ..Order::default() };
    let filed = async || house.api().get("/hits?limit=500").await.body()["items"].as_array().unwrap().len();
    let (cut, before, resumed) = until(&house, &order, 3).await;
    assert!(cut.is_none() && (3..9).contains(&before) && resumed.is_none(), "{before}, {resumed:?}");
    let (summary, files, resumed) = until(&house, &order, usize::MAX).await;
    let resumed = resumed.expect("it goes on");
    assert!(files < 9 && before + files >= 9, "{before} before, {files} after {resumed}");
    assert!(Path::new(&resumed).starts_with(folder.path()), "{resumed}");
    assert_eq!((summary.unwrap().files, filed().await), (files, 9));
    // It was finished: the same begins from the beginning.
    let (summary, files, resumed) = until(&house, &order, usize::MAX).await;
    assert_eq!((summary.unwrap().new, files, resumed), (0, 9, None));

    // Other days are another scan, one that does not file goes on with nothing, and a person may say to begin anew.
    assert!(until(&house, &order, 3).await.0.is_none());
    let days = scan::days::Days { from: app::model::moment::Moment::parse("2026-03-01"), to: None };
    assert_eq!(until(&house, &Order { days, ..order.clone() }, usize::MAX).await.1, 9);
    assert_eq!(until(&house, &Order { record: false, ..order.clone() }, usize::MAX).await.1, 9);
    assert_eq!(until(&house, &Order { anew: true, ..order.clone() }, usize::MAX).await.1, 9);
    assert_eq!(until(&house, &order, usize::MAX).await.2, None, "that one was finished");

    // Where a file came among those that are done, it is not passed by.
    assert!(until(&house, &order, 5).await.0.is_none());
    write(&folder, "of-0/1.json", &[call("came-later", "AKIAWATCHED000000001", time)]);
    let (summary, files, resumed) = until(&house, &order, usize::MAX).await;
    assert_eq!((summary.unwrap().new, files, resumed), (1, 10, None));
}

#[cfg(unix)]
#[tokio::test]
async fn a_scan_of_a_folder_does_not_pass_a_file_that_may_be_readable_later() {
    let house = TestHouse::start().await;
    adopt(&house, "AKIAWATCHED000000001", "").await;
    let folder = Folder::new();
    let one = |n: u32| [call(&format!("id-{n}"), "AKIAWATCHED000000001", "2026-03-01T10:02:00Z")];
    for n in [1, 2, 4] {
        write(&folder, &format!("{n}.json"), &one(n));
    }
    // A link whose end is not there yet: as a disk that is not mounted.
    let elsewhere = Folder::new();
    std::os::unix::fs::symlink(elsewhere.path().join("3.json"), folder.path().join("3.json")).unwrap();
    std::fs::write(folder.path().join("5.json"), "{\"Records\":[").unwrap();
    let order = Order { paths: vec![folder.path().to_owned()], jobs: 1, record: true, ..Order::default() };
    let (summary, ..) = until(&house, &order, usize::MAX).await;
    let summary = summary.unwrap();
    assert_eq!((summary.files, summary.problems, summary.later, summary.new), (5, 2, 1, 3));
    write(&elsewhere, "3.json", &one(3));
    let (summary, files, resumed) = until(&house, &order, usize::MAX).await;
    let summary = summary.unwrap();
    assert_eq!((files, summary.problems, summary.later, summary.new), (3, 1, 0, 1), "{resumed:?}");
    assert!(resumed.unwrap().ends_with("2.json"));
    assert_eq!(until(&house, &order, usize::MAX).await.2, None);
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
    let folder = Folder::new();
    if let Some(recorded) = logs::recorded() {
        recorded.write_to(folder.path());
        files.extend(scan::walk::files(&[folder.path().to_owned()]).0);
        // Every third key, and for others the user alone: so that each way to match is taken.
        tokens.extend(recorded.keys.iter().step_by(3).map(|key| token(key, "", "")));
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
    let Some(recorded) = logs::recorded() else { return };
    let house = TestHouse::start().await;
    recorded.adopt_all(&house).await;
    let written = Folder::new();
    recorded.write_to(written.path());
    let folder = written.path().to_owned();
    let (summary, seen, problems) = run(&house, vec![folder.clone(), folder.clone()], true).await;
    assert_eq!((problems, seen), (Vec::new(), recorded.hits.clone()));
    assert_eq!(summary.new, summary.matches);
    let (again, ..) = run(&house, vec![folder], true).await;
    assert_eq!(again.new, 0);
    recorded.assert_in(&house).await;
}
