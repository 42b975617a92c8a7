//! The clerk: writes down what many ask for at the same time, many of it in one transaction.
//!
//! Each commit waits until the disk has it, and SQLite has one writer. Were every entry a transaction of its own, a
//! disk of 100 commits a second would take 100 entries a second. So while one transaction is written, those who come
//! wait in a queue, and the next one takes all of them. Whoever asked hears the answer after the commit, never before.

use crate::{
    house::House,
    store::{Stored, Tx},
};
use app::model::fault::Fault;
use std::{
    future::Future,
    pin::Pin,
    sync::Weak,
    task::{Context, Poll, ready},
};
use tokio::sync::{
    mpsc::{Receiver, Sender, channel},
    oneshot,
};

/// How many entries wait in the queue. Who comes then waits for room in it: nobody is turned away.
const QUEUE: usize = 1_024;

/// How much goes into one transaction: enough to share a commit, and little enough that the next ones do not wait long.
/// The last entry may go beyond it.
const WEIGHT: usize = 200;

/// Something to write down.
pub trait Entry: Send + Sync + 'static {
    /// What whoever asked hears after the commit.
    type Answer: Send + 'static;

    /// How much it is, about the number of rows that it makes.
    fn weight(&self) -> usize;

    /// Writes these, in their order; an answer for each. An entry may come a second time, alone, after a transaction
    /// that it shared with others was undone.
    fn write(
        entries: &[&Self],
        house: &House,
        tx: &mut Tx,
    ) -> impl Future<Output = Result<Vec<Self::Answer>, Fault>> + Send;

    /// Says to the house what is committed, before whoever asked hears it.
    fn committed(house: &House, answer: &Self::Answer);
}

/// Takes entries.
pub struct Clerk<E: Entry>(Sender<Asked<E>>);

/// What waits for the clerk.
pub struct Inbox<E: Entry>(Receiver<Asked<E>>);

struct Asked<E: Entry> {
    entry: E,
    answer: oneshot::Sender<Result<E::Answer, Fault>>,
}

/// The answer to an entry, to be waited for. What was asked for is written down even if nobody waits.
#[must_use = "nothing is known to be written before this ends"]
pub struct Ticket<A>(oneshot::Receiver<Result<A, Fault>>);

impl<A> Future for Ticket<A> {
    type Output = Result<A, Fault>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(ready!(Pin::new(&mut self.0).poll(context)).unwrap_or_else(|_| Err(cut_off())))
    }
}

impl<E: Entry> Clerk<E> {
    /// A clerk, and the inbox for [`work`].
    pub fn new() -> (Self, Inbox<E>) {
        let (to, from) = channel(QUEUE);
        (Self(to), Inbox(from))
    }

    /// How many entries wait in the queue.
    pub fn waiting(&self) -> usize {
        self.0.max_capacity() - self.0.capacity()
    }

    /// Puts an entry into the queue, when there is room for it.
    ///
    /// # Errors
    /// Where the house is being closed.
    pub async fn ask(&self, entry: E) -> Result<Ticket<E::Answer>, Fault> {
        let (answer, heard) = oneshot::channel();
        self.0.send(Asked { entry, answer }).await.map_err(|_| cut_off())?;
        Ok(Ticket(heard))
    }
}

fn cut_off() -> Fault {
    tracing::error!("what was to be written down was cut off");
    Fault::internal()
}

/// Works until the house is gone.
pub async fn work<E: Entry>(house: Weak<House>, mut inbox: Inbox<E>) {
    while let Some(first) = inbox.0.recv().await {
        let Some(house) = house.upgrade() else { break };
        let tx = house.store.begin().await;
        // Who came while others were writing goes along.
        let mut weight = first.entry.weight();
        let mut group = vec![first];
        while weight < WEIGHT
            && let Ok(next) = inbox.0.try_recv()
        {
            weight += next.entry.weight();
            group.push(next);
        }
        // In a task of its own: a mistake in the room that writes ends this group, not the clerk.
        if let Err(error) = tokio::spawn(async move { settle(&house, tx, group).await }).await {
            tracing::error!(%error, "a transaction was cut off");
        }
    }
}

/// Writes a group and answers. Where it cannot be written together, each entry is tried alone, so that nobody's fault is
/// another's.
async fn settle<E: Entry>(house: &House, tx: Stored<Tx>, group: Vec<Asked<E>>) {
    let entries: Vec<&E> = group.iter().map(|asked| &asked.entry).collect();
    let together = match tx {
        Ok(tx) => write(house, tx, &entries).await,
        // The database does not answer: one by one it would not either.
        Err(error) => return refuse(group, &error.into()),
    };
    match together {
        Ok(answers) => {
            for (asked, answer) in group.into_iter().zip(answers) {
                let _ = asked.answer.send(Ok(answer));
            }
        }
        Err(fault) if group.len() < 2 => refuse(group, &fault),
        Err(_) => {
            tracing::warn!(entries = group.len(), "a transaction failed; its entries are written one by one");
            let mut rest = group.into_iter();
            while let Some(asked) = rest.next() {
                let tx = match house.store.begin().await {
                    Ok(tx) => tx,
                    Err(error) => return refuse(std::iter::once(asked).chain(rest), &error.into()),
                };
                let answer = write(house, tx, &[&asked.entry]).await;
                let answer = answer.and_then(|answers| answers.into_iter().next().ok_or_else(cut_off));
                let _ = asked.answer.send(answer);
            }
        }
    }
}

async fn write<E: Entry>(house: &House, mut tx: Tx, entries: &[&E]) -> Result<Vec<E::Answer>, Fault> {
    let answers = E::write(entries, house, &mut tx).await?;
    tx.commit().await?;
    for answer in &answers {
        E::committed(house, answer);
    }
    Ok(answers)
}

fn refuse<E: Entry>(group: impl IntoIterator<Item = Asked<E>>, fault: &Fault) {
    for asked in group {
        let _ = asked.answer.send(Err(fault.clone()));
    }
}
