//! The chain of the audit log, and what somebody does to it who got hold of the database.

use super::{by_hand, entries, noted, verified, without_triggers};
use crate::house::TestHouse;
use app::model::viewer::Viewer;
use aviary::{audit, people::teams};
use std::sync::Arc;

/// A house with some entries, whose database somebody got hold of.
async fn open_house() -> TestHouse {
    let house = TestHouse::start().await;
    house.mint("laptop").await;
    house.mint("wiki").await;
    assert_eq!(verified(&house.house, None).await.findings, [] as [String; 0]);
    house
}

#[tokio::test]
async fn the_database_itself_refuses_to_change_an_entry() {
    let house = open_house().await;
    for statement in ["UPDATE audit SET detail = 'x' WHERE seq = 2", "DELETE FROM audit WHERE seq = 2"] {
        assert!(!by_hand(&house.house, &[statement]).await, "{statement}");
    }
    without_triggers(&house.house).await;
    assert!(by_hand(&house.house, &["UPDATE audit SET detail = 'x' WHERE seq = 2"]).await);
}

#[tokio::test]
async fn whatever_is_done_to_the_log_is_found_and_named() {
    let outside = "INSERT INTO audit (id, at, actor, actor_id, act, subject, detail) \
        VALUES ('x', 1700000000000, 'ana', '1', 'token.mint', 'y', '')";
    let (away, back, there) = (
        "UPDATE audit SET seq = -1 WHERE seq = 2",
        "UPDATE audit SET seq = 2 WHERE seq = 3",
        "UPDATE audit SET seq = 3 WHERE seq = -1",
    );
    let cases: [(&[&str], &str); 9] = [
        (&["UPDATE audit SET detail = 'nothing' WHERE seq = 2"], "Entry 2 is not what Aviary wrote"),
        (&["UPDATE audit SET at = at + 1 WHERE seq = 2"], "Entry 2 is not what Aviary wrote"),
        (&["UPDATE audit SET facts_after = '{}' WHERE seq = 3"], "Entry 3 is not what Aviary wrote"),
        (&["DELETE FROM audit WHERE seq = 2"], "Entry 2 was taken away."),
        (&[away, back, there], "Entry 2 is not what Aviary wrote"),
        (&["DELETE FROM audit WHERE seq = (SELECT MAX(seq) FROM audit)"], "Entry 4, the last one, was cut off."),
        (&[outside], "1 entries stand outside of the chain, the first one dated 2023-11-14"),
        (&["UPDATE audit_head SET seq = 1"], "The end of the chain was set back"),
        (&["DELETE FROM settings WHERE name = 'audit_key'"], "The key of the chain is missing"),
    ];
    for (statements, finding) in cases {
        let house = open_house().await;
        without_triggers(&house.house).await;
        assert!(by_hand(&house.house, statements).await, "{statements:?}");
        let found = verified(&house.house, None).await.findings;
        assert!(found.iter().any(|one| one.starts_with(finding)), "{statements:?}: {found:?}");
    }
}

#[tokio::test]
async fn who_sets_all_of_it_back_is_found_out_by_what_was_noted_elsewhere() {
    let house = open_house().await;
    let before = noted(&house.house).await;
    house.mint("backup").await;
    let after = noted(&house.house).await;
    assert!(after.seq > before.seq);
    for expected in [&before, &after] {
        assert_eq!(verified(&house.house, Some(expected)).await.findings, [] as [String; 0]);
    }
    without_triggers(&house.house).await;
    let statements = [
        format!("DELETE FROM audit WHERE seq > {}", before.seq),
        format!("UPDATE audit_head SET seq = {}, hash = '{}'", before.seq, before.hash),
    ];
    assert!(by_hand(&house.house, &[&statements[0], &statements[1]]).await);
    assert_eq!(verified(&house.house, None).await.findings, [] as [String; 0], "by itself it is a shorter log");
    let found = verified(&house.house, Some(&after)).await.findings;
    assert!(found.len() == 1 && found[0].contains("before entry 5 that was noted elsewhere"), "{found:?}");
}

#[tokio::test]
async fn those_who_change_something_at_the_same_time_write_one_unbroken_chain() {
    let house = TestHouse::start().await;
    let before = verified(&house.house, None).await.entries;
    let tasks: Vec<_> = (0..20)
        .map(|n| {
            let house = Arc::clone(&house.house);
            tokio::spawn(async move { teams::create(&house, &Viewer::system("test"), &format!("Team {n}")).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let found = verified(&house.house, None).await;
    assert_eq!((found.findings.as_slice(), found.entries), ([].as_slice(), before + 20));
    let made = entries(&house, "team.create").await;
    let places: Vec<_> = made.iter().map(|entry| entry["seq"].as_i64().unwrap()).collect();
    assert!(places.is_sorted_by(|one, next| one > next), "newest first: {places:?}");
}

#[tokio::test]
async fn what_is_undone_leaves_no_entry_and_no_gap() {
    let house = TestHouse::start().await;
    let system = Viewer::system("test");
    let before = noted(&house.house).await;
    let mut tx = house.house.store.begin().await.unwrap();
    audit::note(&house.house, &mut tx, &system, "team.create", "never", "").await.unwrap();
    drop(tx);
    assert_eq!(noted(&house.house).await, before);
    let mut tx = house.house.store.begin().await.unwrap();
    for n in 0..3 {
        audit::note(&house.house, &mut tx, &system, "team.create", &n.to_string(), "").await.unwrap();
    }
    tx.commit().await.unwrap();
    let found = verified(&house.house, Some(&before)).await;
    assert_eq!((found.findings.as_slice(), found.seq), ([].as_slice(), before.seq + 3));
}

#[tokio::test]
async fn what_an_older_aviary_wrote_is_chained_once() {
    let house = open_house().await;
    let before = verified(&house.house, None).await.entries;
    without_triggers(&house.house).await;
    // As a database is that was made before there was a chain.
    let old = [
        "DELETE FROM settings WHERE name = 'audit_key'",
        "UPDATE audit SET seq = NULL, prev = NULL, hash = NULL, actor_kind = '', subject_kind = ''",
        "UPDATE audit_head SET seq = 0, hash = ''",
    ];
    assert!(by_hand(&house.house, &old).await);
    for _ in 0..2 {
        audit::begin(&house.house).await.unwrap();
        let found = verified(&house.house, None).await;
        assert_eq!((found.findings.as_slice(), found.entries), ([].as_slice(), before + 1));
    }
    let begun = entries(&house, "audit.begin").await;
    assert_eq!(begun[0]["detail"], format!("{before} entries from before were chained as they were found"));
    let whole = house.api().get("/audit?limit=500").await.body();
    let acts: Vec<_> = whole["items"].as_array().unwrap().iter().map(|entry| entry["act"].as_str().unwrap()).collect();
    assert_eq!(acts, ["audit.begin", "token.mint", "token.mint", "api_key.create", "team.create"]);
}

#[tokio::test]
async fn a_key_that_was_taken_away_is_replaced_and_the_log_says_so() {
    let house = open_house().await;
    assert!(by_hand(&house.house, &["DELETE FROM settings WHERE name = 'audit_key'"]).await);
    audit::begin(&house.house).await.unwrap();
    let begun = entries(&house, "audit.begin").await;
    assert!(begun[0]["detail"].as_str().unwrap().starts_with("The key of the chain was missing"), "{begun:?}");
    let found = verified(&house.house, None).await.findings;
    assert!(found[0].starts_with("Entry 1 is not what Aviary wrote"), "{found:?}");
}
