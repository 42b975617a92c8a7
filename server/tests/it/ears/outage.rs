//! What must not cost a message: a database that is away.

use super::{KEY, Listening, event, eventually, record, trail};
use crate::{aws::emulator::Emulator, house::TestHouse};
use secrecy::ExposeSecret as _;
use sqlx::Connection as _;

/// Takes the tables away that every hit needs, or puts them back.
async fn move_tables(house: &TestHouse, away: bool) {
    let url = house.house.config.database.expose_secret();
    let mut by_hand = sqlx::AnyConnection::connect(url).await.unwrap();
    for table in ["hits", "settings"] {
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
