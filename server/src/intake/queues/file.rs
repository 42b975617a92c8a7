//! Files what messages brought.

use super::{
    consumer::{Consumer, Message, Shared},
    message::Place,
    poison,
};
use crate::{
    hits::record::Record,
    intake::{
        self,
        files::{self, Trouble},
        read::Batch,
    },
};
use app::model::hit::Source;
use std::sync::Arc;

/// How many messages are filed together at most.
const GROUP: usize = 200;
/// By which way records come that stand in a message, whichever queue it is on: only EventBridge puts them there.
const SOURCE: Source = Source::Eventbridge;

/// Files the records of messages, as many together as have gathered.
pub async fn records(consumer: Arc<Consumer>, from: Shared<(Message, Batch)>) {
    loop {
        let mut group = Vec::new();
        if from.lock().await.recv_many(&mut group, GROUP).await == 0 {
            return;
        }
        let together: Vec<Record> = group.iter().flat_map(|(_, batch)| batch.records.iter().cloned()).collect();
        let filed = intake::receive(&consumer.house, SOURCE, together).await;
        let alone = group.len() == 1;
        for (message, batch) in group {
            let filed = match &filed {
                Ok(_) => Ok(()),
                Err(fault) if alone => Err(fault.clone()),
                // One message must not hold up the others.
                Err(_) => intake::receive(&consumer.house, SOURCE, batch.records).await.map(|_| ()),
            };
            match (filed, batch.unreadable.first()) {
                (Err(fault), _) => poison::again(&consumer, &message, &format!("it could not be filed: {fault}")).await,
                (Ok(()), Some(first)) => poison::not_understood(&consumer, &message, &first.reason).await,
                (Ok(()), None) => drop(consumer.done.send(finish(&consumer, message)).await),
            }
        }
    }
}

/// Reads the log files of messages, one message after the other.
pub async fn files(consumer: Arc<Consumer>, from: Shared<(Message, Vec<Place>)>) {
    loop {
        let next = from.lock().await.recv().await;
        let Some((message, places)) = next else { return };
        match read_all(&consumer, &places).await {
            Ok(()) => drop(consumer.done.send(finish(&consumer, message)).await),
            Err((place, trouble)) => {
                let why = format!("s3://{}/{}: {trouble}", place.bucket, place.key);
                match trouble {
                    Trouble::Unreadable(_) => poison::not_understood(&consumer, &message, &why).await,
                    Trouble::Later(_) | Trouble::Ours(_) => poison::again(&consumer, &message, &why).await,
                }
            }
        }
    }
}

/// Reads every file, also those after one that is in trouble; what comes a second time is known then.
async fn read_all<'a>(consumer: &Consumer, places: &'a [Place]) -> Result<(), (&'a Place, Trouble)> {
    let mut trouble = None;
    for place in places {
        match files::read(&consumer.house, &consumer.issuer, &consumer.buckets, place).await {
            Ok(new) => tracing::debug!(bucket = place.bucket, key = place.key, new, "a log file was read"),
            Err(one) => trouble = trouble.or(Some((place, one))),
        }
    }
    trouble.map_or(Ok(()), Err)
}

/// The receipt by which a message is deleted; its time is extended no more.
pub fn finish(consumer: &Consumer, message: Message) -> String {
    consumer.in_work.end(&message.receipt);
    message.receipt
}
