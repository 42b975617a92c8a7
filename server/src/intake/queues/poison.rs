//! Messages that cannot be dealt with. They are never deleted: the queue's redrive policy puts them aside, where somebody
//! can look at them and send them again. Each is kept once in the quarantine, with the reason.

use super::{
    consumer::{Consumer, Message},
    outage::Tries,
    state::name_of,
};
use crate::{
    intake::{
        self,
        read::{KEPT, Unreadable},
    },
    store,
};
use app::model::fault::Fault;
use std::sync::atomic::Ordering;

/// How often a message is tried at most before it counts as one that cannot be dealt with. A queue that puts messages
/// aside earlier lowers it.
pub const TRIES: u32 = 5;
/// The longest wait before a message comes again, in seconds.
const LONGEST: i32 = 900;
/// What waiting for a file begins with, in seconds. With four times as many each time, five tries take seven minutes: a
/// bucket that is away for a moment costs no notice.
const WAIT: i32 = 5;

/// A message that means nothing to us: waiting does not help, so it comes again soon and is put aside soon. Where the
/// queue puts nothing aside, it comes more and more rarely.
pub async fn not_understood(consumer: &Consumer, message: &Message, why: &str) {
    quarantine(consumer, message, why).await;
    release(consumer, message, grown(1, 2, message.times)).await;
}

/// A message that may go well later, for a reason of its own, such as a file that is not there yet: it comes again after a
/// while, and after some tries it is kept in the quarantine as well.
pub async fn again(consumer: &Consumer, message: &Message, why: &str) {
    tracing::info!(queue = name_of(&consumer.url), message = message.id, times = message.times, why, "a message waits");
    if message.times >= consumer.tries.load(Ordering::Relaxed) {
        quarantine(consumer, message, why).await;
    }
    release(consumer, message, grown(WAIT, 4, message.times)).await;
}

/// So many seconds after the first time, so many times as many after each one that follows.
fn grown(first: i32, by: i32, times: u32) -> i32 {
    first.saturating_mul(by.saturating_pow(times.saturating_sub(1))).min(LONGEST)
}

async fn release(consumer: &Consumer, message: &Message, after: i32) {
    consumer.in_work.end(&message.receipt);
    let asked = consumer.sqs.change_message_visibility().queue_url(&consumer.url).receipt_handle(&message.receipt);
    if let Err(error) = asked.visibility_timeout(after).send().await {
        tracing::debug!(queue = name_of(&consumer.url), %error, "a message could not be given back; it comes by itself");
    }
}

async fn quarantine(consumer: &Consumer, message: &Message, why: &str) {
    let mut tries = Tries::default();
    while let Err(fault) = keep(consumer, message, why).await {
        if tries.again(consumer).await {
            continue;
        }
        tracing::error!(queue = name_of(&consumer.url), message = message.id, why, %fault,
            "a message that cannot be dealt with could not be kept either");
        break;
    }
}

async fn keep(consumer: &Consumer, message: &Message, why: &str) -> Result<(), Fault> {
    let house = &consumer.house;
    let mut tx = house.store.begin().await?;
    // Redelivery, to whichever replica, is no news.
    if !store::seen_messages::first(&mut tx, &format!("sqs:{}", message.id), house.now()).await? {
        return Ok(());
    }
    tracing::warn!(queue = name_of(&consumer.url), message = message.id, why, "a message cannot be dealt with");
    let reason = format!("Message {} of the queue {}: {why}", message.id, name_of(&consumer.url));
    let body = message.body.chars().take(KEPT / 4).filter(|c| *c != '\0').collect();
    intake::keep(house, &mut tx, consumer.source, &[Unreadable { reason, body }]).await?;
    Ok(tx.commit().await?)
}
