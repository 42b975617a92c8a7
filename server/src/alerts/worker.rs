//! The worker: hands over what is due, writes down what came of it, and plans the next attempt.
//!
//! An alert is sent at least once. A worker that dies between handing over and writing down leaves its lease behind;
//! when that runs out, the alert is sent again under the same identifier, by which the receiver knows it.

mod hosts;
mod judge;
pub mod note;
mod run;

use crate::{
    house::House,
    store::{
        alerts::{
            destinations::{DestinationRow, Served},
            leases::{self, Lane},
            queue,
            standing::Standing,
        },
        connect::Flavour,
    },
};
use app::model::{
    fault::Fault,
    moment::{Moment, SECOND},
};
use hosts::{Hosts, Place, host_of};
use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::task::JoinSet;

/// How many destinations are served at the same time.
const SOUND: usize = 256;

/// How many of those whose last attempt failed are served besides. Each may hang until its patience ends, and they
/// never take the place of the others.
const DOUBTFUL: usize = 64;

/// How long a lease lasts, in milliseconds. It is renewed while it is used, so this is how long the destinations of a
/// worker that died have to wait.
const LEASE: i64 = 90 * SECOND;

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
    standing: Standing,
    /// Its place at its host, for as long as it is served.
    _place: Place,
}

/// Works until the shut-down.
pub async fn run(house: Arc<House>, shutdown: impl Future<Output = ()>) {
    if house.store.flavour() == Flavour::Sqlite
        && let Err(fault) = forget_leases(&house).await
    {
        tracing::warn!(%fault, "the leases of the process before could not be ended; they run out by themselves");
    }
    let mut shutdown = pin!(shutdown);
    let stop = Arc::new(AtomicBool::new(false));
    let (mut sound, mut doubtful) = (JoinSet::new(), JoinSet::new());
    let hosts = Hosts::default();
    loop {
        let looked = async {
            for (lane, serving, most) in [(Lane::Sound, &mut sound, SOUND), (Lane::Doubtful, &mut doubtful, DOUBTFUL)] {
                for leased in lease(&house, &hosts, lane, most.saturating_sub(serving.len())).await? {
                    serving.spawn(serve_or_say(Arc::clone(&house), leased, Arc::clone(&stop)));
                }
            }
            pause(&house).await
        };
        let pause = looked.await.unwrap_or(AT_LEAST);
        tokio::select! {
            () = &mut shutdown => break,
            () = house.bell.deliveries_rung() => {}
            Some(_) = sound.join_next() => {}
            Some(_) = doubtful.join_next() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
    stop.store(true, Ordering::Relaxed);
    let farewell = async { while sound.join_next().await.is_some() || doubtful.join_next().await.is_some() {} };
    if tokio::time::timeout(FAREWELL, farewell).await.is_err() {
        tracing::warn!("deliveries were cut off; they are sent again under the same identifiers");
    }
}

/// Hands over what is due now, once to each destination that has something due; how many attempts that were.
///
/// # Errors
/// Where the database refuses.
pub async fn work_once(house: &House) -> Result<usize, Fault> {
    let hosts = Hosts::default();
    let mut leased = lease(house, &hosts, Lane::Sound, SOUND).await?;
    leased.extend(lease(house, &hosts, Lane::Doubtful, DOUBTFUL).await?);
    let stop = AtomicBool::new(false);
    let served = futures::future::join_all(leased.iter().map(|one| run::serve(house, one, &stop))).await;
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
    leases::release_all(&mut tx, house.now()).await?;
    Ok(tx.commit().await?)
}

/// Leases destinations of a lane, as many as there are places for, and no more of one host than there are places at it.
async fn lease(house: &House, hosts: &Hosts, lane: Lane, limit: usize) -> Result<Vec<Leased>, Fault> {
    let now = house.now();
    if limit == 0 || !leases::wanted(&mut *house.store.read().await?, lane, now, &hosts.full()).await? {
        return Ok(Vec::new());
    }
    let until = now.plus(LEASE);
    let mut tx = house.store.begin().await?;
    let mut leased = Vec::new();
    while leased.len() < limit {
        let flavour = house.store.flavour();
        let some = leases::lease(&mut tx, flavour, lane, (now, until), &hosts.full(), limit - leased.len()).await?;
        let mut too_many = Vec::new();
        let nobody_else = some.is_empty();
        for Served { destination, host: noted, standing } in some {
            let host = host_of(&destination.address);
            if noted.as_ref() != Some(&host) {
                leases::note_host(&mut tx, &destination.id, &host).await?;
            }
            match hosts.enter(&host) {
                Some(place) => leased.push(Leased { destination, until, standing, _place: place }),
                None => too_many.push(destination.id),
            }
        }
        leases::give_back(&mut tx, &too_many, until, now).await?;
        // Their host is full now, so the next look passes over it.
        if nobody_else || too_many.is_empty() {
            break;
        }
    }
    tx.commit().await?;
    if !leased.is_empty() {
        house.step("claimed");
    }
    Ok(leased)
}

async fn serve_or_say(house: Arc<House>, leased: Leased, stop: Arc<AtomicBool>) {
    if let Err(fault) = run::serve(&house, &leased, &stop).await {
        tracing::error!(destination = %leased.destination.id, %fault, "what came of a delivery could not be written down");
    }
}
