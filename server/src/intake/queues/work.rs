//! What is being worked on, so that SQS does not hand it to somebody else meanwhile.

use super::consumer::Consumer;
use aws_sdk_sqs::types::ChangeMessageVisibilityBatchRequestEntry;
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};
use tokio::time::Instant;

/// For how long a message that was received is hidden from others, in seconds. Should this process die, it comes back
/// after that time.
pub const HIDDEN: i32 = 60;
/// From this age on the time is extended.
const AGE: Duration = Duration::from_secs(20);
/// How often it is looked who is due.
const EVERY: Duration = Duration::from_secs(5);

/// The messages in work, by receipt, and when their time was last extended.
#[derive(Debug, Default)]
pub struct InWork(Mutex<HashMap<String, Instant>>);

impl InWork {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Work on a message begins.
    pub fn begin(&self, receipt: &str) {
        self.lock().insert(receipt.to_owned(), Instant::now());
    }

    /// Work on a message is over.
    pub fn end(&self, receipt: &str) {
        self.lock().remove(receipt);
    }

    /// Those whose time is to be extended now.
    fn due(&self) -> Vec<String> {
        let now = Instant::now();
        let mut due = Vec::new();
        for (receipt, since) in self.lock().iter_mut() {
            if now.duration_since(*since) >= AGE {
                *since = now;
                due.push(receipt.clone());
            }
        }
        due
    }
}

/// Extends the time of what is in work, until nobody works any more.
pub async fn extend(consumer: &Weak<Consumer>) {
    loop {
        tokio::time::sleep(EVERY).await;
        let Some(consumer) = consumer.upgrade() else { return };
        for receipts in consumer.in_work.due().chunks(10) {
            let entries = receipts.iter().enumerate().filter_map(|(n, receipt)| {
                ChangeMessageVisibilityBatchRequestEntry::builder()
                    .id(n.to_string())
                    .receipt_handle(receipt)
                    .visibility_timeout(HIDDEN)
                    .build()
                    .ok()
            });
            let asked = consumer
                .sqs
                .change_message_visibility_batch()
                .queue_url(&consumer.url)
                .set_entries(Some(entries.collect()));
            // What cannot be extended comes a second time, which does no harm.
            if let Err(error) = asked.send().await {
                tracing::debug!(queue = %consumer.url, %error, "messages in work could not be kept hidden");
            }
        }
    }
}
