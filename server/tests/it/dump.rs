//! Backup and restore: everything comes back, and only into an empty database.

use crate::house::{Folder, TestHouse};
use app::model::viewer::Role;
use aviary::store::{Store, dump};
use axum::http::Method;

#[tokio::test]
async fn what_was_backed_up_is_there_after_a_restore() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "Security", Role::Placer).await;
    let minted = house.mint("Quotes \" and 'apostrophes', umlauts äöü").await;
    let mut file = Vec::new();
    let rows = dump::write(&house.house.store, &mut file).await.unwrap();
    assert!(rows >= 6, "{rows}");
    let text = String::from_utf8(file.clone()).unwrap();
    assert!(!text.contains(minted["secret_access_key"].as_str().unwrap()), "secrets stay sealed");

    let folder = Folder::new();
    std::fs::copy(house.folder.path().join("sealing.key"), folder.path().join("sealing.key")).unwrap();
    let (other, clock) = TestHouse::build(&folder, &[], crate::house::beginning()).await;
    empty(&other.store).await;
    assert_eq!(dump::read(&other.store, file.as_slice()).await.unwrap(), rows);
    let again = dump::read(&other.store, file.as_slice()).await.unwrap_err().to_string();
    assert!(again.contains("not empty"), "{again}");

    let system = app::model::viewer::Viewer::system("test");
    let (before, after) =
        (aviary::audit::head(&house.house, &system).await, aviary::audit::head(&other, &system).await);
    assert_eq!(before.unwrap(), after.unwrap(), "the chain of the audit log goes on where it was");
    let found = aviary::audit::verify(&other, &system, None).await.unwrap();
    assert_eq!(found.findings, [] as [String; 0]);

    let other = TestHouse::run(other, clock, folder).await;
    let path = format!("/tokens/{}/reveal", minted["id"].as_str().unwrap());
    let revealed = other.api_as(&house.admin_key).send(Method::POST, &path, &[], Vec::new()).await.body();
    assert_eq!(revealed["secret_access_key"], minted["secret_access_key"], "the same key opens the same secrets");
    other.signed_in("ana@example.com").await;
}

/// A house that was just built has written nothing but settings and the end of an empty chain, which a restore replaces.
async fn empty(store: &Store) {
    let mut file = Vec::new();
    dump::write(store, &mut file).await.unwrap();
    let text = String::from_utf8(file).unwrap();
    let kept = ["settings", "audit_head"].map(|table| format!("\"table\":\"{table}\""));
    assert!(text.lines().skip(1).all(|line| kept.iter().any(|table| line.contains(table))), "{text}");
}

#[tokio::test]
async fn a_damaged_file_restores_nothing_and_says_where() {
    let house = TestHouse::start().await;
    house.mint("x").await;
    let mut file = Vec::new();
    dump::write(&house.house.store, &mut file).await.unwrap();
    let mut text = String::from_utf8(file).unwrap();
    text.push_str("{\"table\":\"tokens\",\"row\":");
    let folder = Folder::new();
    let (other, _) = TestHouse::build(&folder, &[], crate::house::beginning()).await;
    let error = dump::read(&other.store, text.as_bytes()).await.unwrap_err().to_string();
    assert!(error.starts_with(&format!("line {}", text.lines().count())), "{error}");
    empty(&other.store).await;
    let error = dump::read(&other.store, b"hello".as_slice()).await.unwrap_err().to_string();
    assert!(error.contains("line 1") && error.contains("no dump"), "{error}");
}
