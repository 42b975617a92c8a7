//! Who serves now, and with which sealing keys: so that `aviary rekey` does not take a key away from under a program that
//! runs, or seal with one that such a program does not know.
//!
//! Each program that serves says in the database that it is there, every quarter of a minute, and takes that back when it
//! ends. One that was killed counts as there for two minutes more.

use crate::{
    house::House,
    store::serving::{self, ServingRow},
};
use app::model::{
    fault::Fault,
    moment::{DAY, MINUTE, SECOND},
};
use std::{sync::Arc, time::Duration};

/// How often a program says that it is there.
const BEAT: Duration = Duration::from_secs(15);

/// How long after that it is believed, in milliseconds. Clocks of several machines may differ by as much.
const BELIEVED: i64 = 2 * MINUTE;

/// Says that this program serves. It is to be done before the first request is answered.
///
/// # Errors
/// Where the database refuses.
pub async fn begin(house: &House) -> Result<ServingRow, Fault> {
    let now = house.now();
    let row = ServingRow {
        id: house.new_id(),
        place: format!("{}, process {}", house.config.listen, std::process::id()),
        sealing_keys: house.sealer.names(),
        started_at: now,
        seen_at: now,
    };
    let mut tx = house.store.begin().await?;
    serving::forget_before(&mut tx, now.plus(-DAY)).await?;
    serving::note(&mut tx, &row).await?;
    tx.commit().await?;
    Ok(row)
}

/// Says so again and again until the shut-down, and then that it has ended.
pub async fn run(house: Arc<House>, row: ServingRow, shutdown: impl Future<Output = ()>) {
    let work = async {
        loop {
            tokio::time::sleep(BEAT).await;
            if let Err(fault) = again(&house, &row).await {
                tracing::warn!(%fault, "this program could not say that it serves; it tries again");
            }
        }
    };
    tokio::select! { () = work => {}, () = shutdown => {} }
    if let Err(fault) = end(&house, &row).await {
        tracing::warn!(%fault, "this program could not say that it has ended; `aviary rekey` may wait for it for two minutes");
    }
}

async fn again(house: &House, row: &ServingRow) -> Result<(), Fault> {
    let mut tx = house.store.begin().await?;
    serving::note(&mut tx, &ServingRow { seen_at: house.now(), ..row.clone() }).await?;
    Ok(tx.commit().await?)
}

async fn end(house: &House, row: &ServingRow) -> Result<(), Fault> {
    let mut tx = house.store.begin().await?;
    serving::forget(&mut tx, &row.id).await?;
    Ok(tx.commit().await?)
}

/// Makes sure that every program that serves can open what the key of this name seals.
///
/// # Errors
/// `Conflict` where one does not know it: sealed with it, what everybody needs to sign in would be closed there.
pub async fn all_must_know(house: &House, key: &str) -> Result<(), Fault> {
    let others = without(house, |row| row.sealing_keys.iter().any(|name| name == key)).await?;
    let why = "Sealed with it, secrets would not open there, and nobody could sign in. Restart it";
    refuse(&others, &format!("does not know the sealing key {key}. {why}"))
}

/// Makes sure that every program that serves seals with the key of this name.
///
/// # Errors
/// `Conflict` where one seals with another key, which what it seals from now on would need.
pub async fn all_must_seal_with(house: &House, key: &str) -> Result<(), Fault> {
    let others = without(house, |row| row.sealing_keys.first().is_some_and(|name| name == key)).await?;
    refuse(&others, "still seals with a former key. Restart it, run `aviary rekey` once more")
}

/// The programs that are there and of which this does not hold.
async fn without(house: &House, holds: impl Fn(&ServingRow) -> bool) -> Result<Vec<ServingRow>, Fault> {
    let now = house.now();
    let there = serving::between(&mut *house.store.read().await?, now.plus(-BELIEVED), now.plus(BELIEVED)).await?;
    Ok(there.into_iter().filter(|row| !holds(row)).collect())
}

fn refuse(rows: &[ServingRow], says: &str) -> Result<(), Fault> {
    let Some(first) = rows.first() else { return Ok(()) };
    let more = match rows.len() {
        1 => String::new(),
        many => format!(" ({} more like it)", many - 1),
    };
    let until = first.seen_at.plus(BELIEVED + SECOND).exact();
    Err(Fault::conflict(format!(
        "The Aviary at {}, which serves since {}{more}, {says}, and try again. If it was killed, try again after {until}.",
        first.place,
        first.started_at.exact(),
    )))
}
