//! Exchanging the sealing key, beside a running Aviary, and through the command line.

use crate::house::{Folder, TestHouse};
use app::model::{
    moment::{MINUTE, SECOND},
    viewer::{Actor, Role, Viewer},
};
use aviary::{
    people::persons,
    rekey,
    store::sealed::{self, PLACES},
};
use axum::http::{Method, StatusCode};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use std::{collections::BTreeSet, path::Path};

/// The database that a house is on.
fn database(house: &TestHouse) -> String {
    house.house.config.database.expose_secret().to_owned()
}

/// Another Aviary over the same state: what a restart, or another replica, is.
async fn another(house: &TestHouse) -> TestHouse {
    let variables = [("AVIARY_DATABASE", database(house))];
    let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));
    let (built, clock) = TestHouse::build(&house.folder, &variables, house.clock_now()).await;
    TestHouse::run(built, clock, Folder::new()).await
}

/// `aviary rekey`: whether it did it, and what it said on both ways out.
async fn aviary_rekey(house: &TestHouse, arguments: &[&str]) -> (bool, String) {
    let out = house.command(&[&["rekey"], arguments].concat()).await;
    let said = [out.stdout, out.stderr].concat();
    (out.status.success(), String::from_utf8(said).unwrap())
}

async fn reveal(house: &TestHouse, token: &Value) -> (StatusCode, String) {
    let path = format!("/tokens/{}/reveal", token["id"].as_str().unwrap());
    let answer = house.api().send(Method::POST, &path, &[], Vec::new()).await;
    let secret = answer.body()["secret_access_key"].as_str().unwrap_or_default().to_owned();
    (answer.status, secret)
}

async fn must_open(house: &TestHouse, tokens: &[&Value]) {
    for token in tokens {
        let secret = token["secret_access_key"].as_str().unwrap().to_owned();
        assert_eq!(reveal(house, token).await, (StatusCode::OK, secret));
    }
}

#[tokio::test]
async fn the_key_is_exchanged_while_aviary_serves() {
    let first = TestHouse::start().await;
    first.person("ana@example.com", "", Role::Viewer).await;
    let file = first.folder.path().join("sealing.key");
    let keys = || std::fs::read_to_string(&file).unwrap().lines().map(str::to_owned).collect::<Vec<_>>();
    let old = keys();
    let one = first.mint("wiki").await;
    assert!(aviary_rekey(&first, &["--check"]).await.0, "all of it is sealed with the only key");

    let (made, said) = aviary_rekey(&first, &["--new-key"]).await;
    assert!(made, "{said}");
    assert_eq!(keys()[0], old[0], "the old one goes on sealing");
    assert!(keys()[1].starts_with("next "), "{said}");
    let (twice, said) = aviary_rekey(&first, &["--new-key"]).await;
    assert!(!twice && said.contains("waits already"), "{said}");
    must_open(&first, &[&one]).await;

    // Until it was restarted it could not open what the new key seals, and nobody could sign in any more.
    let (done, said) = aviary_rekey(&first, &[]).await;
    let name = keys_name(&said);
    assert!(!done && said.contains("does not know the sealing key"), "{said}");
    assert!(said.contains(&first.house.config.listen.to_string()) && said.contains("Restart it"), "{said}");
    assert!(!first.house.sealer.names().contains(&name), "it is the new one: {said}");
    assert_eq!(keys()[0], old[0], "nothing was done: {said}");
    assert!(aviary_rekey(&first, &["--check"]).await.0);
    must_open(&first, &[&one]).await;
    first.signed_in("ana@example.com").await;
    first.end().await;

    // Restarted, it knows both.
    let second = another(&first).await;
    let two = second.mint("laptop").await;
    let (done, said) = aviary_rekey(&first, &[]).await;
    assert!(done, "{said}");
    assert!(said.contains("tokens.sealed_secret") && said.contains(" 2 sealed anew"), "{said}");
    assert_eq!(keys()[1..], old, "the new one stands first now");
    must_open(&second, &[&one, &two]).await;
    second.signed_in("ana@example.com").await;

    // Until its next start it seals with the key that was first when it began; that is seen, and nothing is thrown away.
    let three = second.mint("build server").await;
    let (none, said) = aviary_rekey(&first, &["--check"]).await;
    assert!(!none && said.contains(" 1 with a former key"), "{said}");
    let (forgot, said) = aviary_rekey(&first, &["--forget"]).await;
    assert!(!forgot && said.contains("need a former key"), "{said}");
    assert_eq!(keys().len(), 2);
    // Nothing needs the former key now, but what it seals next would.
    assert!(aviary_rekey(&first, &[]).await.0);
    let (forgot, said) = aviary_rekey(&first, &["--forget"]).await;
    assert!(!forgot && said.contains("still seals with a former key"), "{said}");
    assert_eq!(keys().len(), 2);
    second.end().await;

    let third = another(&first).await;
    let four = third.mint("printer").await;
    for _ in 0..2 {
        assert!(aviary_rekey(&first, &[]).await.0, "it can be repeated");
    }
    assert!(aviary_rekey(&first, &["--check"]).await.0);
    assert!(aviary_rekey(&first, &["--forget"]).await.0);
    assert_eq!(keys().len(), 1);
    assert_ne!(keys(), old);

    let fourth = another(&first).await;
    must_open(&fourth, &[&one, &two, &three, &four]).await;
    fourth.signed_in("ana@example.com").await;
}

/// The name of the key that is spoken of.
fn keys_name(said: &str) -> String {
    let (_, after) = said.split_once("the sealing key ").unwrap_or_else(|| panic!("no key: {said}"));
    after.chars().take_while(char::is_ascii_hexdigit).collect()
}

#[tokio::test]
async fn an_aviary_that_was_killed_holds_nobody_up_for_long() {
    let house = TestHouse::start().await;
    // What is answered comes after it has said that it serves.
    house.mint("wiki").await;
    assert!(aviary_rekey(&house, &["--new-key"]).await.0);
    let system = Viewer::system("test");
    let refused = async |key: &str| rekey::may_seal_with(&house.house, &system, key).await.unwrap_err();
    let fault = refused("0badf00d").await;
    assert_eq!(fault.status(), 409, "{fault}");
    assert!(fault.message.contains("0badf00d") && fault.message.contains("If it was killed"), "{fault}");
    // It says that it is there no more, as one that was killed: clocks may differ by two minutes, and no more.
    house.clock.advance(2 * MINUTE);
    refused("0badf00d").await;
    house.clock.advance(SECOND);
    rekey::may_seal_with(&house.house, &system, "0badf00d").await.unwrap();
    assert!(
        aviary_rekey(&house, &[]).await.1.contains("does not know"),
        "by the operator's clock it has just been here"
    );
}

#[tokio::test]
async fn what_opens_with_no_key_is_left_as_it_is_and_holds_up_nothing() {
    let house = TestHouse::start().await;
    let broken = house.mint("wiki").await;
    let whole = house.mint("laptop").await;
    let place = PLACES[0];
    assert_eq!(place.to_string(), "tokens.sealed_secret");
    let system = Viewer::system("test");
    {
        let mut tx = house.house.store.begin().await.unwrap();
        let rows = sealed::others(&mut tx, place, "nothing", "", 10).await.unwrap();
        let row = rows.iter().find(|row| row.key == broken["id"].as_str().unwrap()).unwrap();
        assert!(sealed::replace(&mut tx, place, row, "x1:AAAA").await.unwrap());
        assert!(!sealed::replace(&mut tx, place, row, "x1:BBBB").await.unwrap(), "it is no longer what was read");
        tx.commit().await.unwrap();
    }
    let counts = rekey::run(&house.house, &system, &house.house.sealer).await.unwrap();
    assert_eq!(counts.iter().map(|count| (count.secrets, count.closed)).max(), Some((0, 1)), "{counts:?}");
    let left = rekey::left(&house.house, &system, &house.house.sealer).await.unwrap();
    assert_eq!(left.iter().map(|count| count.secrets).sum::<u64>(), 1, "and is not forgotten: {left:?}");
    must_open(&house, &[&whole]).await;
}

#[tokio::test]
async fn nobody_but_the_operator_seals_anew() {
    let house = TestHouse::start().await;
    house.person("ana@example.com", "", Role::Admin).await;
    let system = Viewer::system("test");
    let ana = persons::list(&house.house, &system).await.unwrap().remove(0);
    let admin = Viewer { actor: Actor::Person(ana.id), ..system };
    for refused in [
        rekey::run(&house.house, &admin, &house.house.sealer).await,
        rekey::left(&house.house, &admin, &house.house.sealer).await,
    ] {
        assert_eq!(refused.unwrap_err().status(), 403);
    }
}

/// A column that nobody walks would keep a former key in use for ever, or lose what it has.
#[test]
fn every_sealed_column_of_the_schema_is_walked() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let (mut columns, mut table) = (BTreeSet::new(), String::new());
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for line in text.lines() {
            let words: Vec<&str> = line.split("--").next().unwrap().split_whitespace().collect();
            let column = match words.as_slice() {
                ["CREATE", "TABLE", name, ..] => {
                    table = (*name).to_owned();
                    continue;
                }
                ["ALTER", "TABLE", name, "ADD", "COLUMN", column, ..] => {
                    table = (*name).to_owned();
                    *column
                }
                [column, "TEXT", ..] | [column, "TEXT,", ..] => *column,
                _ => continue,
            };
            if column.starts_with("sealed") {
                columns.insert(format!("{table}.{column}"));
            }
        }
    }
    // The key of the audit log's chain is a setting, and so in a column with another name.
    columns.insert("settings.value".to_owned());
    let known: BTreeSet<String> = PLACES.iter().map(ToString::to_string).collect();
    assert_eq!(columns, known);
    assert!(columns.len() >= 6, "{columns:?}");
}
