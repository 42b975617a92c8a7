//! Deletes messages that are done with: in batches, and looking at what SQS says of each.

use super::state::name_of;
use aws_sdk_sqs::{Client, types::DeleteMessageBatchRequestEntry};
use futures::{StreamExt as _, stream};
use std::time::Duration;
use tokio::sync::mpsc;

/// How many SQS deletes at most at once.
const BATCH: usize = 10;
/// How many batches are on their way at once.
const AT_ONCE: usize = 4;
/// How often a deletion is tried.
const TRIES: u32 = 3;

/// Deletes what comes, until nobody sends any more.
pub async fn run(sqs: Client, url: String, receipts: mpsc::Receiver<String>) {
    let batches = stream::unfold(receipts, async |mut receipts| {
        let mut batch = Vec::with_capacity(BATCH);
        (receipts.recv_many(&mut batch, BATCH).await > 0).then_some((batch, receipts))
    });
    batches.for_each_concurrent(AT_ONCE, async |batch| delete(&sqs, &url, batch).await).await;
}

async fn delete(sqs: &Client, url: &str, mut batch: Vec<String>) {
    for again in 0..TRIES {
        if again > 0 {
            tokio::time::sleep(Duration::from_millis(200 << again)).await;
        }
        let entries = batch.iter().enumerate().filter_map(|(n, receipt)| {
            DeleteMessageBatchRequestEntry::builder().id(n.to_string()).receipt_handle(receipt).build().ok()
        });
        match sqs.delete_message_batch().queue_url(url).set_entries(Some(entries.collect())).send().await {
            Ok(answer) => {
                let failed: Vec<usize> = answer.failed().iter().filter_map(|one| one.id().parse().ok()).collect();
                let mut n = 0;
                batch.retain(|_| {
                    n += 1;
                    failed.contains(&(n - 1))
                });
                // A receipt that has run out cannot be used again: the message comes once more, and is known then.
                let over = answer.failed().iter().all(|one| one.sender_fault());
                if batch.is_empty() || over {
                    break;
                }
            }
            Err(error) => tracing::debug!(queue = name_of(url), %error, "messages could not be deleted"),
        }
    }
    if !batch.is_empty() {
        tracing::warn!(
            queue = name_of(url),
            count = batch.len(),
            "messages that are filed could not be deleted; they come again"
        );
    }
}
