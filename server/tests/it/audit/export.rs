//! Taking the log along as files.

use super::{entries, noted};
use crate::house::TestHouse;
use app::model::{
    audit::AuditEntry,
    viewer::{Role, Viewer},
};
use aviary::{
    audit::{self, export::COLUMNS},
    people::teams,
};
use axum::http::StatusCode;

#[tokio::test]
async fn json_lines_have_every_entry_in_order_however_many_there_are() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let ana = house.signed_in("ana@example.com").await;
    let mut tx = house.house.store.begin().await.unwrap();
    for n in 0..1_200 {
        let name = format!("Team {n}\u{1b}[2J");
        audit::note(&house.house, &mut tx, &Viewer::system("test"), "team.create", &name, "").await.unwrap();
    }
    tx.commit().await.unwrap();
    let answer = ana.get("/settings/audit.jsonl").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.header("content-disposition").ends_with(".jsonl\""), "{}", answer.header("content-disposition"));
    assert!(!answer.text.contains('\u{1b}'));
    let read: Vec<AuditEntry> = answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let last = read.last().unwrap();
    assert_eq!(
        (last.act.as_str(), last.detail.as_str(), last.actor.as_str()),
        ("audit.export", "as jsonl", "ana@example.com")
    );
    assert!(read.iter().zip(1..).all(|(entry, place)| entry.seq == place), "each one once, from the first one on");
    let end = noted(&house.house).await;
    assert_eq!((last.seq, &last.hash), (end.seq, &end.hash));

    let some = ana.get("/settings/audit.jsonl?act=person.*").await.text;
    assert!(some.lines().count() >= 2 && some.lines().all(|line| line.contains("\"act\":\"person.")), "{some}");
    assert_eq!(entries(&house, "audit.export").await[0]["detail"], "as jsonl, act person.*");
}

#[tokio::test]
async fn no_cell_of_the_csv_is_a_formula() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let ana = house.signed_in("ana@example.com").await;
    let system = Viewer::system("test");
    for name in ["=1+1", "@SUM(A1)", "-2", "+3", "plain, \"quoted\""] {
        teams::create(&house.house, &system, name).await.unwrap();
    }
    let answer = ana.get("/settings/audit.csv?act=team.create").await;
    assert!(answer.header("content-type").starts_with("text/csv"));
    let mut read = csv::Reader::from_reader(answer.text.as_bytes());
    assert_eq!(read.headers().unwrap().iter().collect::<Vec<_>>(), COLUMNS);
    let rows: Vec<csv::StringRecord> = read.records().map(Result::unwrap).collect();
    let subjects: Vec<_> = rows.iter().map(|row| row.get(8).unwrap()).collect();
    assert_eq!(subjects, ["Security", "'=1+1", "'@SUM(A1)", "'-2", "'+3", "plain, \"quoted\""]);
    for cell in rows.iter().flatten() {
        assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
    }
    let none = ana.get("/settings/audit.csv?act=token.mint").await.text;
    assert_eq!(none.trim_end(), COLUMNS.join(","), "without entries there are headings");
}
