//! One run: what is due to one destination, one after the other, and what comes meanwhile, under one lease.

use super::{
    LEASE, Leased,
    judge::{Tried, judge},
    note::{Health, Note},
    places::{Place, Places, host_of},
};
use crate::{
    alerts::{
        acknowledge,
        channels::{self, Outcome},
        masking,
    },
    clerk::Ticket,
    house::House,
    live::Serving,
    store::alerts::{
        attempts::{self, Next},
        destinations::{self, DestinationRow, Served},
        kept,
        leases::{self, Lane},
        queue::{self, Due},
        standing::Standing,
    },
};
use app::model::{
    alert::{AlertKind, Attempt},
    fault::Fault,
    ids::{DeliveryId, DestinationId},
    moment::{Moment, SECOND},
};
use std::{
    collections::VecDeque,
    sync::atomic::{AtomicBool, AtomicI64, Ordering},
    time::Duration,
};
use zeroize::Zeroizing;

/// How many deliveries are read at once.
const PORTION: usize = 32;

/// How many deliveries may be handed over and not written down yet: as many are sent twice after a crash.
const AHEAD: usize = 50;

/// After how many milliseconds no further alert is begun under a lease, so that others get their turn.
const STRETCH: i64 = 10 * SECOND;

/// How many milliseconds a destination rests where what is due there could not be read.
const REST: i64 = 5 * SECOND;

/// For how many milliseconds what was read of a destination counts while alerts are sent there one after the other.
const FRESH: i64 = 250;

/// How often a lease is renewed: several times before it runs out.
const RENEWAL: Duration = Duration::from_secs(20);

/// How soon that is tried again where it failed.
const RENEWAL_AGAIN: Duration = Duration::from_secs(1);

/// Sends what is due, up to the first failure or until it is to stop, and what comes within `linger` after that; writes
/// it down and ends the lease. How many attempts that were.
///
/// # Errors
/// Where the database refuses. Where an attempt could not be written down, the lease stays and runs out by itself, so that
/// the alert is not sent again at once, and again; else the destination rests for a moment.
pub(super) async fn serve(
    house: &House,
    leased: Leased,
    places: &Places,
    linger: Duration,
    stop: &AtomicBool,
) -> Result<usize, Fault> {
    let Leased { served, until, place } = leased;
    let until = Until { now: AtomicI64::new(until.0), next: AtomicI64::new(until.0) };
    let id = served.destination.id.clone();
    let mut run = Run {
        house,
        places,
        linger,
        bell: house.bell.serve(&id),
        sound: is_sound(&served),
        standing: served.standing,
        secrets: masking::of(house, &served.destination),
        destination: served.destination,
        place: Some(place),
        unwritten: VecDeque::new(),
        lost: false,
        known_at: house.now(),
        tried: 0,
    };
    let done = tokio::select! {
        done = run.hand_over(stop) => done,
        lost = hold(house, &id, &until) => return lost.map(|()| 0),
    };
    if run.lost {
        return done.map(|()| 0);
    }
    // From here on the worker hears of what comes, and looks when this has ended.
    let tried = run.tried;
    drop(run);
    let now = house.now();
    let ends = if done.is_ok() { now } else { now.plus(REST) };
    house.clerks.attempts.ask(Note::Done { destination: id, until: until.either(), now: ends }).await?.await?;
    done.map(|()| tried)
}

/// Until when a lease runs, and from the next renewal on, which may be committed already when it is not known yet.
struct Until {
    now: AtomicI64,
    next: AtomicI64,
}

impl Until {
    fn either(&self) -> [Moment; 2] {
        [&self.now, &self.next].map(|until| Moment(until.load(Ordering::Relaxed)))
    }

    fn latest(&self) -> Moment {
        let [now, next] = self.either();
        now.max(next)
    }
}

/// Whether a destination is known to be well, so that an accepted alert is no news.
fn is_sound(served: &Served) -> bool {
    served.destination.last_error.is_none() && served.standing == Standing::default()
}

/// Renews the lease, as long as that is possible: a run may wait long, as for a slow mail server that many wait for. While
/// it runs, a database that is away is asked again: what is being sent meanwhile would be sent twice else.
async fn hold(house: &House, id: &DestinationId, until: &Until) -> Result<(), Fault> {
    let mut wait = RENEWAL;
    loop {
        tokio::time::sleep(wait).await;
        match renew(house, id, until).await {
            Ok(true) => wait = RENEWAL,
            Ok(false) => {
                tracing::warn!(destination = %id, "a lease ran out while it was being used; another worker goes on");
                return Ok(());
            }
            Err(fault) if house.now() < until.latest() => {
                tracing::warn!(destination = %id, %fault, "a lease could not be renewed yet");
                wait = RENEWAL_AGAIN;
            }
            Err(fault) => return Err(fault),
        }
    }
}

/// Renews the lease once; whether it was still ours.
async fn renew(house: &House, id: &DestinationId, until: &Until) -> Result<bool, Fault> {
    let [now, next] = until.either();
    // Tried again, it is renewed until the same time: it may be that already.
    let longer = if next > now { next } else { house.now().plus(LEASE) };
    let mut tx = house.store.begin().await?;
    let ours = leases::renew(&mut tx, id, [now, next], longer).await?;
    until.next.store(longer.0, Ordering::Relaxed);
    tx.commit().await?;
    if ours {
        until.now.store(longer.0, Ordering::Relaxed);
    }
    Ok(ours)
}

struct Run<'a> {
    house: &'a House,
    places: &'a Places,
    linger: Duration,
    /// Hears of what comes.
    bell: Serving,
    destination: DestinationRow,
    standing: Standing,
    /// What must not be kept of its answers.
    secrets: Zeroizing<Vec<String>>,
    sound: bool,
    /// Its place; none while it waits for what may come.
    place: Option<Place>,
    /// What was handed over and is being written down, the oldest first.
    unwritten: VecDeque<(DeliveryId, Ticket<()>)>,
    /// Whether an attempt could not be written down.
    lost: bool,
    /// When the destination was read last.
    known_at: Moment,
    tried: usize,
}

impl Run<'_> {
    /// Sends what there is to send, and waits until all of that is written down, even where it could not go on.
    async fn hand_over(&mut self, stop: &AtomicBool) -> Result<(), Fault> {
        let done = self.send_all(stop).await;
        done.and(self.settle(0).await)
    }

    async fn send_all(&mut self, stop: &AtomicBool) -> Result<(), Fault> {
        let began = self.house.now();
        let go_on = || !stop.load(Ordering::Relaxed) && self.house.now().since(began) <= STRETCH;
        'run: while go_on() {
            let Some((due, all)) = self.due().await? else { break };
            for one in due {
                if !go_on() || !self.try_one(one).await? {
                    break 'run;
                }
                self.settle(AHEAD).await?;
            }
            if all && !self.bell.is_rung() {
                // Meanwhile more may come, which is then read at once: the busier it is, the more by each read.
                self.settle(0).await?;
                if !self.bell.is_rung() && !self.more_comes().await {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Waits for what may come, in nobody's place; whether something came.
    async fn more_comes(&mut self) -> bool {
        self.place = None;
        tokio::time::timeout(self.linger, self.bell.rung()).await.is_ok()
    }

    /// Reads the destination again: its owner may have changed it meanwhile. Whether something can be sent there.
    async fn look_again(&mut self) -> Result<bool, Fault> {
        let ids = [self.destination.id.0.clone()];
        self.known_at = self.house.now();
        let Some(served) = destinations::served(&mut *self.house.store.read().await?, &ids).await?.pop() else {
            return Ok(false);
        };
        if self.place.is_none() {
            let lane = if served.destination.last_error.is_none() { Lane::Sound } else { Lane::Doubtful };
            self.place = self.places.enter(lane, &host_of(&served.destination.address));
        }
        if self.unwritten.is_empty() {
            // By another replica, an attempt may have been asked for.
            self.sound = is_sound(&served);
            self.standing = served.standing;
        }
        if self.destination != served.destination {
            self.secrets = masking::of(self.house, &served.destination);
            self.destination = served.destination;
        }
        Ok(self.place.is_some())
    }

    /// What waits, the oldest first, and was not tried in this run; and whether that is all of it. `None` where nothing can
    /// be sent.
    async fn due(&mut self) -> Result<Option<(Vec<Due>, bool)>, Fault> {
        // All that was committed until now is read.
        self.bell.forget();
        let stale = self.place.is_none() || self.house.now().since(self.known_at) >= FRESH;
        if stale && !self.look_again().await? {
            return Ok(None);
        }
        if self.standing.failing && self.standing.probe_at.is_none_or(|at| at > self.house.now()) {
            // Of what has come since, only what somebody asked for is sent.
            loop {
                let mut tx = self.house.store.begin().await?;
                let only = [self.destination.id.clone()].into();
                leases::lock(&mut tx, self.house.store.flavour(), only).await?;
                let held = kept::hold(&mut tx, &self.destination.id, false).await?;
                tx.commit().await?;
                if held < kept::AT_ONCE {
                    break;
                }
            }
        }
        let limit = PORTION + self.unwritten.len();
        let mut session = self.house.store.read().await?;
        let mut due = queue::due(&mut session, &self.destination.id, limit).await?;
        let all = due.len() < limit;
        due.retain(|one| self.unwritten.iter().all(|(id, _)| *id != one.id));
        Ok(Some((due, all)))
    }

    /// Tries one delivery, and has it written down; whether it was accepted.
    async fn try_one(&mut self, due: Due) -> Result<bool, Fault> {
        let (house, id) = (self.house, &self.destination.id);
        let at = house.now();
        let (tries, test) = (due.tries, due.kind == AlertKind::Test);
        let due = acknowledge::with_link(house, &self.destination, due);
        let mut outcome = channels::send(house, &self.destination, &due).await;
        house.step("sent");
        let now = house.now();
        outcome.detail = masking::masked(&outcome.detail, &self.secrets);
        let Outcome { verdict, status, .. } = outcome;
        let (next, standing) = judge(self.standing, Tried { verdict, status, tries, test, now }, &*house.chance);
        if next == Next::Dead {
            tracing::warn!(delivery = %due.id, destination = %id, status = outcome.status, "an alert was given up");
        }
        let ok = outcome.ok();
        let news = !(ok && self.sound);
        self.sound = ok;
        self.standing = standing;
        let not_before = match next {
            // What comes after it waits with it, so that the order stays.
            Next::Again(at) => at,
            Next::Sent | Next::Held | Next::Dead => Moment(0),
        };
        let health = news.then(|| {
            let (destination, error) = (self.destination.clone(), outcome.error());
            Box::new(Health { destination, standing, error, not_before, began: at })
        });
        let attempt =
            Attempt { at, duration_ms: now.since(at).max(0), ok, status: outcome.status, detail: outcome.detail };
        let tried = attempts::Tried { id: house.new_id(), delivery: due.id.clone(), attempt, next };
        let ticket = house.clerks.attempts.ask(Note::Tried { tried, health }).await;
        self.lost |= ticket.is_err();
        self.unwritten.push_back((due.id, ticket?));
        self.tried += 1;
        Ok(ok)
    }

    /// Waits until no more than so many are unwritten.
    async fn settle(&mut self, unwritten: usize) -> Result<(), Fault> {
        while self.unwritten.len() > unwritten
            && let Some((_, ticket)) = self.unwritten.pop_front()
        {
            let written = ticket.await;
            self.lost |= written.is_err();
            written?;
        }
        Ok(())
    }
}
