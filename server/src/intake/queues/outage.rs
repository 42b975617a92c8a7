//! Waiting for the database. While nothing can be written down no message is to blame: those that were received are kept
//! hidden and tried again here, and no others are fetched. Were they given back instead, each return would count as a
//! try, and the queue's redrive policy would put real hits aside after a few minutes.

use super::{consumer::Consumer, state::name_of};
use crate::{
    house::{ChanceExt as _, House},
    store::people::settings,
};
use std::time::Duration;

/// How often something is tried here while the database answers, before it counts as a try of the message.
const TRIES: u32 = 2;
/// The first wait, doubled with each one that follows.
const FIRST: Duration = Duration::from_millis(250);
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(10);

/// The tries of one piece of work.
#[derive(Debug, Default)]
pub struct Tries(u32);

impl Tries {
    /// Something could not be written down: whether to try it again. Where the database is away, that is said after it is
    /// back; where it answers, the work itself is at fault, and is tried only once more.
    pub async fn again(&mut self, consumer: &Consumer) -> bool {
        if takes(&consumer.house).await {
            self.0 += 1;
            return self.0 < TRIES;
        }
        let queues = &consumer.house.ears.queues;
        let mut back = consumer.fetches.subscribe();
        if queues.waits(&consumer.url, consumer.house.now()) {
            tracing::error!(
                queue = name_of(&consumer.url),
                "the database takes nothing; messages are kept, and no others are fetched until it does"
            );
        }
        consumer.fetches.send_replace(false);
        let mut waits = 0;
        loop {
            let full = FIRST.saturating_mul(1 << u32::min(waits, 6)).min(LONGEST);
            let jitter = consumer.house.chance.below(u64::try_from(full.as_millis() / 2).unwrap_or(1).max(1));
            waits += 1;
            tokio::select! {
                () = tokio::time::sleep(full / 2 + Duration::from_millis(jitter)) => {}
                _ = back.wait_for(|fetches| *fetches) => return true,
            }
            if takes(&consumer.house).await {
                break;
            }
            queues.waits(&consumer.url, consumer.house.now());
        }
        consumer.fetches.send_replace(true);
        if let Some(since) = queues.waits_no_more(&consumer.url) {
            tracing::info!(queue = name_of(&consumer.url), since = %since.exact(), "the database takes messages again");
        }
        true
    }
}

/// Whether the database takes something: one that only answers questions is as good as away.
async fn takes(house: &House) -> bool {
    let written = async {
        let mut tx = house.store.begin().await?;
        settings::set(&mut tx, "queues.probe", &house.now().0.to_string()).await?;
        tx.commit().await
    };
    written.await.is_ok()
}
