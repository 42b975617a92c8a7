//! The bell: says inside this process that something was committed, so that open pages and the delivery worker
//! look at once instead of at their next round. It carries no truth: who misses a ring finds everything in the store.

use crate::house::{ChanceExt as _, SystemChance};
use app::model::ids::{DestinationId, HitId, TeamId, TokenId};
use futures::FutureExt as _;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{Notify, broadcast, watch};

/// A hit was committed, or a drill of a token went a step on.
#[derive(Clone, Debug)]
pub struct HitRing {
    /// The token.
    pub token_id: TokenId,
    /// Its team, to decide who hears the ring.
    pub team_id: TeamId,
    /// The hit; `None` where a drill went a step on without one.
    pub hit_id: Option<HitId>,
    /// Whether the token's key is disabled after a number of hits.
    pub limited: bool,
    /// Whether it is about a drill: then open pages look again, and nobody is told of a hit.
    pub drill: bool,
}

/// Wakes open pages and the delivery worker.
#[derive(Clone)]
pub struct Bell {
    hits: broadcast::Sender<HitRing>,
    /// How often that was rung for each team.
    rung: Arc<Mutex<HashMap<TeamId, u64>>>,
    /// From where those are counted: every process has another, so that of two replicas none takes the other's number for
    /// its own. Nothing else depends on it, so it is the system's chance, also where another one is handed in.
    from: u64,
    deliveries: Arc<Notify>,
    /// Who is just serving which destination.
    serving: Arc<Mutex<HashMap<DestinationId, Arc<Notify>>>>,
    drills: Arc<Notify>,
    accounts: watch::Sender<u64>,
}

impl Default for Bell {
    fn default() -> Self {
        Self {
            hits: broadcast::channel(1024).0,
            rung: Arc::default(),
            from: u64::from(u32::from_be_bytes(SystemChance.bytes())),
            deliveries: Arc::default(),
            serving: Arc::default(),
            drills: Arc::default(),
            accounts: watch::channel(0).0,
        }
    }
}

impl Bell {
    /// Says that a hit was committed.
    pub fn hit(&self, ring: HitRing) {
        let mut counts = self.counts();
        *counts.entry(ring.team_id.clone()).or_default() += 1;
        // While the counts are held, so that who listens hears just what was not counted when they began. Nobody
        // listening is no error.
        let _ = self.hits.send(ring);
    }

    /// Says that something of a token was changed: open pages look again, and nobody is told of a hit.
    pub fn look_again(&self, token_id: TokenId, team_id: TeamId) {
        self.hit(HitRing { token_id, team_id, hit_id: None, limited: false, drill: true });
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<TeamId, u64>> {
        self.rung.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number that is another one after each ring for these teams; of rings for others it says nothing.
    pub fn rung(&self, teams: impl Fn(&TeamId) -> bool) -> u64 {
        self.sum(&self.counts(), teams)
    }

    fn sum(&self, counts: &HashMap<TeamId, u64>, teams: impl Fn(&TeamId) -> bool) -> u64 {
        self.from + counts.iter().filter(|(team, _)| teams(team)).map(|(_, count)| count).sum::<u64>()
    }

    /// Hears of every hit from now on, for whichever team.
    pub fn listen(&self) -> broadcast::Receiver<HitRing> {
        self.hits.subscribe()
    }

    /// As [`listen`](Self::listen), with the number that [`rung`](Self::rung) gives at this moment: each ring for these
    /// teams that is heard makes it one more.
    pub fn listen_since(&self, teams: impl Fn(&TeamId) -> bool) -> (broadcast::Receiver<HitRing>, u64) {
        let counts = self.counts();
        (self.hits.subscribe(), self.sum(&counts, teams))
    }

    /// Says that deliveries to these destinations were committed, or may be sent now: to who is just serving them, and
    /// of those that nobody serves, to the worker.
    pub fn deliveries(&self, to: &[DestinationId]) {
        let serving = self.serving.lock().unwrap_or_else(PoisonError::into_inner);
        let mut unserved = false;
        for destination in to {
            match serving.get(destination) {
                Some(served) => served.notify_one(),
                None => unserved = true,
            }
        }
        if unserved {
            self.look();
        }
    }

    /// Lets the worker look for deliveries that are due.
    pub fn look(&self) {
        self.deliveries.notify_one();
    }

    /// Waits until the worker is to look.
    pub async fn looking(&self) {
        self.deliveries.notified().await;
    }

    /// Hears of deliveries to a destination, instead of the worker, until what this gives is dropped.
    pub fn serve(&self, destination: &DestinationId) -> Serving {
        let heard = Arc::new(Notify::new());
        let mut serving = self.serving.lock().unwrap_or_else(PoisonError::into_inner);
        serving.insert(destination.clone(), Arc::clone(&heard));
        Serving { bell: self.clone(), destination: destination.clone(), heard }
    }

    /// Says that drills were asked for.
    pub fn drills(&self) {
        self.drills.notify_one();
    }

    /// Waits until drills were asked for.
    pub async fn drills_rung(&self) {
        self.drills.notified().await;
    }

    /// Says that the AWS accounts are others than before.
    pub fn accounts(&self) {
        self.accounts.send_modify(|times| *times += 1);
    }

    /// Hears of every change of the AWS accounts from now on.
    pub fn listen_to_accounts(&self) -> watch::Receiver<u64> {
        self.accounts.subscribe()
    }
}

/// Somebody who serves a destination.
pub struct Serving {
    bell: Bell,
    destination: DestinationId,
    heard: Arc<Notify>,
}

impl Serving {
    /// Waits until deliveries to the destination were committed since this was asked, or [`forgotten`](Self::forget), last.
    pub async fn rung(&self) {
        self.heard.notified().await;
    }

    /// Whether that is so already. It is forgotten thereby.
    pub fn is_rung(&self) -> bool {
        self.heard.notified().now_or_never().is_some()
    }

    /// Forgets what was rung so far: for who is about to read all of it.
    pub fn forget(&self) {
        let mut rung = std::pin::pin!(self.heard.notified());
        rung.as_mut().enable();
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let mut serving = self.bell.serving.lock().unwrap_or_else(PoisonError::into_inner);
        // Where a lease ran out, somebody else may be serving already.
        if serving.get(&self.destination).is_some_and(|heard| Arc::ptr_eq(heard, &self.heard)) {
            serving.remove(&self.destination);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn destination(name: &str) -> DestinationId {
        DestinationId(name.to_owned())
    }

    #[test]
    fn deliveries_are_rung_where_somebody_serves_and_otherwise_at_the_worker() {
        let bell = Bell::default();
        let (a, b) = (destination("a"), destination("b"));
        let serving = bell.serve(&a);
        bell.deliveries(std::slice::from_ref(&a));
        assert!(bell.looking().now_or_never().is_none(), "it is being served");
        assert!(serving.rung().now_or_never().is_some());
        bell.deliveries(&[a.clone(), b]);
        assert!(bell.looking().now_or_never().is_some(), "nobody serves the other one");
        serving.forget();
        assert!(serving.rung().now_or_never().is_none());
        drop(serving);
        bell.deliveries(&[a]);
        assert!(bell.looking().now_or_never().is_some());
    }

    #[test]
    fn who_lost_a_destination_does_not_take_it_from_who_has_it_now() {
        let bell = Bell::default();
        let a = destination("a");
        let (before, now) = (bell.serve(&a), bell.serve(&a));
        drop(before);
        bell.deliveries(&[a]);
        assert!(now.rung().now_or_never().is_some() && bell.looking().now_or_never().is_none());
    }
}
