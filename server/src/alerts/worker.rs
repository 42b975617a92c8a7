//! The worker: hands over what is due, writes down what came of it, and plans the next attempt.
//!
//! An alert is sent at least once. A worker that dies between handing over and writing down leaves its lease behind;
//! when that runs out, the alert is sent again under the same identifier, by which the receiver knows it.

use super::{
    channels::{self, Outcome, Verdict},
    schedule,
};
use crate::{
    house::House,
    store::{
        alerts::{
            destinations::{self, DestinationRow},
            queue::{self, Due, Next},
        },
        connect::Flavour,
    },
};
use app::model::{
    alert::Attempt,
    fault::Fault,
    moment::{MINUTE, Moment, SECOND},
};
use std::{future::Future, pin::pin, sync::Arc, time::Duration};
use tokio::task::JoinSet;

/// How many destinations are served at the same time.
const AT_ONCE: usize = 32;

/// How many alerts go to one destination under one lease.
const IN_A_ROW: u32 = 32;

/// After how many milliseconds no further alert is begun under a lease, so that what was accepted is soon written down.
const STRETCH: i64 = SECOND;

/// How long a lease lasts, in milliseconds: longer than the slowest channel takes for the last alert of a stretch. That
/// is mail, when all destinations wait for the same slow server.
const LEASE: i64 = 3 * MINUTE;

/// After how many failures in a row a destination counts as failing, although the alert is still being tried.
const FAILING: i64 = 3;

/// The worker looks at least this often, in case another process wrote something.
const AT_LEAST: Duration = Duration::from_secs(5);

/// And not more often than this while what is due is somebody else's to send.
const AT_MOST: Duration = Duration::from_millis(250);

/// How long deliveries that are under way may take at a shut-down.
const FAREWELL: Duration = Duration::from_secs(10);

/// A destination that this worker may send to, until then.
struct Leased {
    destination: DestinationRow,
    until: Moment,
}

/// Works until the shut-down.
pub async fn run(house: Arc<House>, shutdown: impl Future<Output = ()>) {
    if house.store.flavour() == Flavour::Sqlite
        && let Err(fault) = forget_leases(&house).await
    {
        tracing::warn!(%fault, "the leases of the process before could not be ended; they run out by themselves");
    }
    let mut shutdown = pin!(shutdown);
    let mut serving: JoinSet<()> = JoinSet::new();
    loop {
        let pause = match lease(&house, AT_ONCE.saturating_sub(serving.len())).await {
            Ok(leased) => {
                for one in leased {
                    serving.spawn(serve_or_say(Arc::clone(&house), one));
                }
                pause(&house).await.unwrap_or(AT_LEAST)
            }
            Err(_) => AT_LEAST,
        };
        tokio::select! {
            () = &mut shutdown => break,
            () = house.bell.deliveries_rung() => {}
            Some(_) = serving.join_next() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
    let farewell = async { while serving.join_next().await.is_some() {} };
    if tokio::time::timeout(FAREWELL, farewell).await.is_err() {
        tracing::warn!("deliveries were cut off; they are sent again under the same identifiers");
    }
}

/// Hands over what is due now, once to each destination that has something due; how many attempts that were.
///
/// # Errors
/// Where the database refuses.
pub async fn work_once(house: &House) -> Result<usize, Fault> {
    let leased = lease(house, AT_ONCE).await?;
    let served = futures::future::join_all(leased.iter().map(|one| serve(house, one))).await;
    served.into_iter().sum()
}

/// How long to wait for the next delivery.
async fn pause(house: &House) -> Result<Duration, Fault> {
    let due = queue::next_due(&mut *house.store.read().await?).await?;
    let wait = due.map_or(AT_LEAST, |due| Duration::from_millis(u64::try_from(due.since(house.now())).unwrap_or(0)));
    Ok(wait.clamp(AT_MOST, AT_LEAST))
}

async fn forget_leases(house: &House) -> Result<(), Fault> {
    let mut tx = house.store.begin().await?;
    queue::release_all(&mut tx, house.now()).await?;
    Ok(tx.commit().await?)
}

async fn lease(house: &House, limit: usize) -> Result<Vec<Leased>, Fault> {
    let now = house.now();
    // Nothing due is the usual case, and must not make writers queue.
    let due = queue::next_due(&mut *house.store.read().await?).await?;
    if limit == 0 || due.is_none_or(|due| due > now) {
        return Ok(Vec::new());
    }
    let until = now.plus(LEASE);
    let mut tx = house.store.begin().await?;
    let leased = queue::lease(&mut tx, house.store.flavour(), now, until, limit).await?;
    tx.commit().await?;
    Ok(leased.into_iter().map(|destination| Leased { destination, until }).collect())
}

async fn serve_or_say(house: Arc<House>, leased: Leased) {
    if let Err(fault) = serve(&house, &leased).await {
        tracing::error!(destination = %leased.destination.id, %fault, "what came of a delivery could not be written down");
    }
}

/// Sends what is due to one destination, one after the other, up to the first failure; writes it all down and ends the
/// lease.
async fn serve(house: &House, leased: &Leased) -> Result<usize, Fault> {
    let began = house.now();
    let id = &leased.destination.id;
    let due = queue::due(&mut *house.store.read().await?, id, began, IN_A_ROW).await?;
    let mut tried = Vec::new();
    for one in due {
        let at = house.now();
        if at.since(began) > STRETCH {
            break;
        }
        let outcome = channels::send(house, &leased.destination, &one).await;
        let attempt = Attempt {
            at,
            duration_ms: house.now().since(at).max(0),
            ok: outcome.ok(),
            status: outcome.status,
            detail: outcome.detail.clone(),
        };
        let failed = !outcome.ok();
        tried.push((one, attempt, outcome));
        if failed {
            break;
        }
    }
    write_down(house, leased, &tried).await?;
    Ok(tried.len())
}

async fn write_down(house: &House, leased: &Leased, tried: &[(Due, Attempt, Outcome)]) -> Result<(), Fault> {
    let id = &leased.destination.id;
    let now = house.now();
    let mut tx = house.store.begin().await?;
    let mut gave_up = false;
    for (due, attempt, outcome) in tried {
        let next = next(house, due, outcome, now);
        gave_up = next == Next::Dead;
        queue::record(&mut tx, &due.id, &house.new_id(), attempt, next).await?;
        if gave_up {
            tracing::warn!(delivery = %due.id, destination = %id, status = outcome.status, "an alert was given up");
        }
    }
    // Only the last attempt of a stretch can have failed.
    if let Some((due, _, outcome)) = tried.last() {
        let failing = !outcome.ok() && (gave_up || due.tries + 1 >= FAILING);
        destinations::set_health(&mut tx, id, failing, outcome.error().as_deref()).await?;
    }
    queue::release(&mut tx, id, leased.until, now).await?;
    Ok(tx.commit().await?)
}

fn next(house: &House, due: &Due, outcome: &Outcome, now: Moment) -> Next {
    match outcome.verdict {
        Verdict::Accepted => Next::Sent,
        Verdict::Never => Next::Dead,
        Verdict::Later(asked) => match schedule::wait(due.tries + 1, asked, &*house.chance) {
            Some(wait) => Next::Again(now.plus(wait)),
            None => Next::Dead,
        },
    }
}
