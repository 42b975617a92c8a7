//! Files what messages brought.

use super::{
    consumer::{Consumer, Message, Shared},
    message::Place,
    outage::Tries,
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
use app::model::{fault::Fault, hit::Source};
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
        let all = || group.iter().flat_map(|(_, batch)| batch.records.iter().cloned()).collect();
        let together = file(&consumer, all).await;
        for (message, batch) in group {
            let filed = match &together {
                Ok(()) => Ok(()),
                // One message must not hold up the others.
                Err(_) => file(&consumer, || batch.records.clone()).await,
            };
            match (filed, batch.unreadable.first()) {
                (Err(fault), _) => poison::again(&consumer, &message, &format!("it could not be filed: {fault}")).await,
                (Ok(()), Some(first)) => poison::not_understood(&consumer, &message, &first.reason).await,
                (Ok(()), None) => drop(consumer.done.send(finish(&consumer, message)).await),
            }
        }
    }
}

/// Files records, and waits for a database that is away.
async fn file(consumer: &Consumer, records: impl Fn() -> Vec<Record> + Send + Sync) -> Result<(), Fault> {
    let mut tries = Tries::default();
    loop {
        let fault = match intake::receive(&consumer.house, SOURCE, records()).await {
            Ok(_) => return Ok(()),
            Err(fault) => fault,
        };
        if !tries.again(consumer).await {
            return Err(fault);
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
        match read(consumer, place).await {
            Ok(new) => tracing::debug!(bucket = place.bucket, key = place.key, new, "a log file was read"),
            Err(one) => trouble = trouble.or(Some((place, one))),
        }
    }
    trouble.map_or(Ok(()), Err)
}

/// Reads a file, and waits for a database that is away.
async fn read(consumer: &Consumer, place: &Place) -> Result<usize, Trouble> {
    let mut tries = Tries::default();
    loop {
        match files::read(&consumer.house, &consumer.issuer, &consumer.buckets, place).await {
            Err(Trouble::Ours(fault)) if !tries.again(consumer).await => return Err(Trouble::Ours(fault)),
            Err(Trouble::Ours(_)) => {}
            done => return done,
        }
    }
}

/// The receipt by which a message is deleted; its time is extended no more.
pub fn finish(consumer: &Consumer, message: Message) -> String {
    consumer.in_work.end(&message.receipt);
    message.receipt
}
