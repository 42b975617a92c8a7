//! `aviary audit`, as an operator uses it.

use super::{by_hand, without_triggers};
use crate::house::{Folder, TestHouse, beginning};
use app::model::viewer::Viewer;
use aviary::people::teams;
use std::{path::Path, process::Command};

/// How it ended, and what it printed.
async fn aviary(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aviary"));
    command.args(arguments).env_clear().env("AVIARY_DATA_DIR", folder).env("AVIARY_LOG", "off");
    let done = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    (done.status.code(), String::from_utf8(done.stdout).unwrap())
}

#[tokio::test]
async fn the_command_verifies_lists_and_exports() {
    if std::env::var("AVIARY_TEST_ON").as_deref() == Ok("postgres") {
        return;
    }
    let folder = Folder::new();
    let (house, _) = TestHouse::build(&folder, &[], beginning()).await;
    let system = Viewer::system("test");
    for name in ["=Blue", "\u{1b}[31mRed"] {
        // Control characters come in by a way that asks nobody.
        let mut tx = house.store.begin().await.unwrap();
        aviary::audit::note(&house, &mut tx, &system, "team.create", name, "").await.unwrap();
        tx.commit().await.unwrap();
    }
    teams::create(&house, &system, "Green").await.unwrap();
    let at = folder.path();
    let (code, head) = aviary(at, &["audit", "head"]).await;
    assert!(code == Some(0) && head.starts_with("3:"), "{head}");
    let (code, said) = aviary(at, &["audit", "verify", "--expect", head.trim()]).await;
    assert!(code == Some(0) && said.starts_with("good: 3 entries"), "{said}");

    let (_, listed) = aviary(at, &["audit", "list", "--since", "7d", "--act", "team.*"]).await;
    assert_eq!(listed.lines().count(), 3, "{listed}");
    assert!(listed.contains("\\u{1b}[31mRed") && !listed.contains('\u{1b}'), "{listed}");
    let (_, csv) = aviary(at, &["audit", "export", "--format", "csv"]).await;
    assert!(csv.starts_with("seq,time,") && csv.contains(",'=Blue,"), "{csv}");
    let (_, lines) = aviary(at, &["audit", "export", "--format", "jsonl", "--who", "command line"]).await;
    assert_eq!(lines.lines().count(), 2, "the two exports: {lines}");

    without_triggers(&house).await;
    assert!(by_hand(&house, &["UPDATE audit SET actor = 'somebody else' WHERE seq = 1"]).await);
    let (code, said) = aviary(at, &["audit", "verify"]).await;
    assert!(code == Some(1) && said.starts_with("Entry 1 is not what Aviary wrote"), "{said}");
    let (code, _) = aviary(at, &["audit", "verify", "--expect", "soon"]).await;
    assert_eq!(code, Some(2), "what is not understood is no finding");
}

#[tokio::test]
async fn a_backup_says_of_itself_that_it_was_made_and_keeps_the_chain() {
    if std::env::var("AVIARY_TEST_ON").as_deref() == Ok("postgres") {
        return;
    }
    let (folder, other) = (Folder::new(), Folder::new());
    let (house, _) = TestHouse::build(&folder, &[], beginning()).await;
    teams::create(&house, &Viewer::system("test"), "Blue").await.unwrap();
    let file = folder.path().join("all.dump");
    let name = file.to_str().unwrap();
    assert_eq!(aviary(folder.path(), &["backup", name]).await.0, Some(0));
    std::fs::copy(folder.path().join("sealing.key"), other.path().join("sealing.key")).unwrap();
    let (_, head) = aviary(folder.path(), &["audit", "head"]).await;
    assert_eq!(aviary(other.path(), &["restore", name]).await.0, Some(0));
    let (code, said) = aviary(other.path(), &["audit", "verify", "--expect", head.trim()]).await;
    assert!(code == Some(0) && said.starts_with("good: 3 entries"), "{said}");
    let (_, listed) = aviary(other.path(), &["audit", "list"]).await;
    let acts: Vec<_> = listed.lines().map(|line| line.split('\t').nth(3).unwrap()).collect();
    assert_eq!(acts, ["backup.restore", "backup.write", "team.create"]);
}
