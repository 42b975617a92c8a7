//! The worker: hands over what is due, writes down what came of it, and plans the next attempt.
//!
//! An alert is sent at least once. A worker that dies between handing over and writing down leaves its lease behind;
//! when that runs out, the alert is sent again under the same identifier, by which the receiver knows it.

mod judge;
pub mod note;
mod places;
mod run;

use crate::{
    house::House,
    store::{
        alerts::{
            destinations::Served,
            leases::{self, Lane},
            queue,
        },
        connect::Flavour,
    },
};
use app::model::{
    fault::Fault,
    moment::{Moment, SECOND},
};
use places::{Place, Places, host_of};
use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, timeout},
};

/// How long a lease lasts, in milliseconds. It is renewed while it is used, so this is how long the destinations of a
/// worker that died have to wait.
const LEASE: i64 = 90 * SECOND;

/// The worker looks at least this often, in case another process wrote something.
const AT_LEAST: Duration = Duration::from_secs(5);

/// And not more often than this while what is due is somebody else's to send.
const AT_MOST: Duration = Duration::from_millis(250);

/// Looks are as far apart as this: of destinations that are waited for, because they hang, each hit brings news.
const BETWEEN: Duration = Duration::from_millis(20);

/// How long a destination to which everything was sent stays leased for what comes next. As long as news of it comes in
/// this process, a replica that has news of it too waits this much longer; and news that comes fast needs no new lease
/// each time, which is a transaction.
const LINGER: Duration = Duration::from_millis(250);

/// How long deliveries that are under way may take at a shut-down.
const FAREWELL: Duration = Duration::from_secs(10);

/// A destination that this worker may send to, until then.
struct Leased {
    served: Served,
    until: Moment,
    /// Its place, for as long as something is sent.
    place: Place,
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
    let mut serving = JoinSet::new();
    let places = Places::default();
    let mut pace = tokio::time::interval(BETWEEN);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        pace.tick().await;
        let looked = async {
            for lane in [Lane::Sound, Lane::Doubtful] {
                for leased in lease(&house, &places, lane).await? {
                    serving.spawn(serve_or_say(Arc::clone(&house), leased, places.clone(), Arc::clone(&stop)));
                }
            }
            Ok::<_, Fault>(())
        };
        let looked = looked.await.is_ok();
        tokio::select! {
            () = &mut shutdown => break,
            () = rest(&house, &places, &mut serving, looked) => {}
        }
        // Others may have ended meanwhile; one for each look would leave a heap of them.
        while serving.try_join_next().is_some() {}
    }
    stop.store(true, Ordering::Relaxed);
    let farewell = async { while serving.join_next().await.is_some() {} };
    if timeout(FAREWELL, farewell).await.is_err() {
        tracing::warn!("deliveries were cut off; they are sent again under the same identifiers");
    }
}

/// Hands over what is due now, once to each destination that has something due; how many attempts that were.
///
/// # Errors
/// Where the database refuses.
pub async fn work_once(house: &House) -> Result<usize, Fault> {
    let places = Places::default();
    let mut leased = lease(house, &places, Lane::Sound).await?;
    leased.extend(lease(house, &places, Lane::Doubtful).await?);
    let stop = AtomicBool::new(false);
    let serve = |one| run::serve(house, one, &places, Duration::ZERO, &stop);
    futures::future::join_all(leased.into_iter().map(serve)).await.into_iter().sum()
}

/// Waits for news, or until something is due; after a look that failed, for a while.
async fn rest(house: &House, places: &Places, serving: &mut JoinSet<()>, looked: bool) {
    // Where there is news all the time it is not asked until when there is nothing to do: much is written then, and
    // PostgreSQL would look through all that is no longer there.
    if timeout(AT_MOST, news(house, places, serving)).await.is_err() {
        let pause = if looked { pause(house).await.unwrap_or(AT_LEAST) } else { AT_LEAST };
        let _ = timeout(pause, news(house, places, serving)).await;
    }
}

/// Waits for what was committed, a place, or the end of a run.
async fn news(house: &House, places: &Places, serving: &mut JoinSet<()>) {
    tokio::select! {
        () = house.bell.looking() => {}
        () = places.freed() => {}
        Some(_) = serving.join_next() => {}
    }
}

/// How long to wait for the next delivery.
async fn pause(house: &House) -> Result<Duration, Fault> {
    let due = queue::next_due(&mut *house.store.read().await?).await?;
    let wait = due.map_or(AT_LEAST, |due| Duration::from_millis(u64::try_from(due.since(house.now())).unwrap_or(0)));
    Ok(wait.min(AT_LEAST))
}

async fn forget_leases(house: &House) -> Result<(), Fault> {
    let mut tx = house.store.begin().await?;
    leases::release_all(&mut tx, house.now()).await?;
    Ok(tx.commit().await?)
}

/// Leases destinations of a lane, as many as there are places for, and no more of one host than there are places at it.
async fn lease(house: &House, places: &Places, lane: Lane) -> Result<Vec<Leased>, Fault> {
    let now = house.now();
    if places.free(lane) == 0 || !leases::wanted(&mut *house.store.read().await?, lane, now, &places.full()).await? {
        return Ok(Vec::new());
    }
    let until = now.plus(LEASE);
    // Were it forgotten, somebody else might send the same once more, under the same identifier.
    let mut tx = house.store.begin_light().await?;
    let mut leased = Vec::new();
    loop {
        let limit = places.free(lane);
        if limit == 0 {
            break;
        }
        let flavour = house.store.flavour();
        let some = leases::lease(&mut tx, flavour, lane, (now, until), &places.full(), limit).await?;
        let mut too_many = Vec::new();
        let nobody_else = some.is_empty();
        for served in some {
            let host = host_of(&served.destination.address);
            if served.host.as_ref() != Some(&host) {
                leases::note_host(&mut tx, &served.destination.id, &host).await?;
            }
            match places.enter(lane, &host) {
                Some(place) => leased.push(Leased { served, until, place }),
                None => too_many.push(served.destination.id),
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

async fn serve_or_say(house: Arc<House>, leased: Leased, places: Places, stop: Arc<AtomicBool>) {
    let id = leased.served.destination.id.clone();
    if let Err(fault) = run::serve(&house, leased, &places, LINGER, &stop).await {
        tracing::error!(destination = %id, %fault, "a destination is served no further for now");
    }
}
