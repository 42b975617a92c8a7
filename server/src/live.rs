//! The bell: says inside this process that something was committed, so that open pages and the delivery worker
//! look at once instead of at their next round. It carries no truth: who misses a ring finds everything in the store.

use app::model::ids::{HitId, TeamId, TokenId};
use std::sync::Arc;
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
    /// Whether it is about a drill: then open pages look again, and nobody is told of a hit.
    pub drill: bool,
}

/// Wakes open pages and the delivery worker.
#[derive(Clone)]
pub struct Bell {
    hits: broadcast::Sender<HitRing>,
    deliveries: Arc<Notify>,
    drills: Arc<Notify>,
    accounts: watch::Sender<u64>,
}

impl Default for Bell {
    fn default() -> Self {
        Self {
            hits: broadcast::channel(1024).0,
            deliveries: Arc::default(),
            drills: Arc::default(),
            accounts: watch::channel(0).0,
        }
    }
}

impl Bell {
    /// Says that a hit was committed.
    pub fn hit(&self, ring: HitRing) {
        // Nobody listening is no error.
        let _ = self.hits.send(ring);
    }

    /// Says that something of a token was changed: open pages look again, and nobody is told of a hit.
    pub fn look_again(&self, token_id: TokenId, team_id: TeamId) {
        self.hit(HitRing { token_id, team_id, hit_id: None, drill: true });
    }

    /// Hears of every hit from now on.
    pub fn listen(&self) -> broadcast::Receiver<HitRing> {
        self.hits.subscribe()
    }

    /// Says that deliveries were committed.
    pub fn deliveries(&self) {
        self.deliveries.notify_one();
    }

    /// Waits until deliveries were committed.
    pub async fn deliveries_rung(&self) {
        self.deliveries.notified().await;
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
