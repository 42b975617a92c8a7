//! The clerk: what many ask for at the same time shares a transaction, and nobody's fault is another's.

use crate::house::{Folder, TestHouse, beginning};
use app::model::{fault::Fault, viewer::Viewer};
use aviary::{
    clerk::{self, Clerk, Entry},
    house::House,
    people::teams,
    store::{Tx, people::settings},
};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};
use tokio::sync::{Notify, Semaphore};

/// What happens to the entries of one test.
#[derive(Default)]
struct Log {
    /// How many entries each transaction had that was begun.
    groups: Mutex<Vec<usize>>,
    /// How many entries were said to be committed.
    committed: AtomicUsize,
    begun: Notify,
}

/// Writes a setting; waits for the gate first, if there is one.
struct Line {
    number: usize,
    log: Arc<Log>,
    gate: Option<Arc<Semaphore>>,
    heavy: bool,
}

const BAD: usize = 13;
const BROKEN: usize = 14;

impl Entry for Line {
    type Answer = (usize, Arc<Log>);

    fn weight(&self) -> usize {
        if self.heavy { 150 } else { 1 }
    }

    async fn write(lines: &[&Self], _: &House, tx: &mut Tx) -> Result<Vec<Self::Answer>, Fault> {
        let log = &lines[0].log;
        log.groups.lock().unwrap().push(lines.len());
        log.begun.notify_one();
        for line in lines {
            if let Some(gate) = &line.gate {
                gate.acquire().await.unwrap().forget();
            }
            settings::set(tx, &format!("line {}", line.number), "written").await?;
            assert!(line.number != BROKEN, "a mistake in a room");
            if line.number == BAD {
                return Err(Fault::conflict("a bad line"));
            }
        }
        Ok(lines.iter().map(|line| (line.number * 10, Arc::clone(log))).collect())
    }

    fn committed(_: &House, (_, log): &Self::Answer) {
        log.committed.fetch_add(1, Ordering::Relaxed);
    }
}

/// A house with a clerk who is kept busy by line 0 until a permit is added to the gate.
async fn busy() -> (Folder, Arc<House>, Clerk<Line>, Arc<Log>, Arc<Semaphore>, clerk::Ticket<(usize, Arc<Log>)>) {
    let folder = Folder::new();
    let (house, _) = TestHouse::build(&folder, &[], beginning()).await;
    let (clerk, inbox) = Clerk::new();
    tokio::spawn(clerk::work(Arc::downgrade(&house), inbox));
    let (log, gate) = (Arc::new(Log::default()), Arc::new(Semaphore::new(0)));
    let first = Line { number: 0, log: Arc::clone(&log), gate: Some(Arc::clone(&gate)), heavy: false };
    let first = clerk.ask(first).await.unwrap();
    log.begun.notified().await;
    (folder, house, clerk, log, gate, first)
}

async fn written(house: &House, number: usize) -> bool {
    let mut session = house.store.read().await.unwrap();
    settings::get(&mut session, &format!("line {number}")).await.unwrap().is_some()
}

#[tokio::test]
async fn those_who_come_while_one_is_written_share_the_next_transaction_and_each_hears_its_own() {
    let (_folder, house, clerk, log, gate, first) = busy().await;
    let mut tickets = Vec::new();
    for number in 100..150 {
        let line = Line { number, log: Arc::clone(&log), gate: None, heavy: false };
        tickets.push((number, clerk.ask(line).await.unwrap()));
    }
    assert_eq!(clerk.waiting(), 50);
    assert!(!written(&house, 0).await && !written(&house, 100).await);
    gate.add_permits(1);
    assert_eq!(first.await.unwrap().0, 0);
    for (number, ticket) in tickets {
        assert_eq!(ticket.await.unwrap().0, number * 10);
        assert!(written(&house, number).await, "the answer came before the commit");
    }
    assert_eq!(*log.groups.lock().unwrap(), [1, 50]);
    assert_eq!(log.committed.load(Ordering::Relaxed), 51);
}

#[tokio::test]
async fn one_bad_entry_fails_alone() {
    let (_folder, house, clerk, log, gate, _first) = busy().await;
    let mut tickets = Vec::new();
    for number in [10, 11, 12, BAD, 15, 16, 17] {
        let line = Line { number, log: Arc::clone(&log), gate: None, heavy: false };
        tickets.push((number, clerk.ask(line).await.unwrap()));
    }
    gate.add_permits(1);
    for (number, ticket) in tickets {
        let heard = ticket.await.map(|(answer, _)| answer);
        assert_eq!(
            (heard.is_ok(), written(&house, number).await),
            (number != BAD, number != BAD),
            "{number}: {heard:?}"
        );
    }
    assert_eq!(*log.groups.lock().unwrap(), [1, 7, 1, 1, 1, 1, 1, 1, 1], "together, then each alone");
    assert_eq!(log.committed.load(Ordering::Relaxed), 7);
}

#[tokio::test]
async fn a_transaction_is_bounded_and_who_went_away_is_written_all_the_same() {
    let (_folder, house, clerk, log, gate, _first) = busy().await;
    for number in 1..=4 {
        let line = Line { number, log: Arc::clone(&log), gate: None, heavy: true };
        drop(clerk.ask(line).await.unwrap());
    }
    gate.add_permits(1);
    let last = Line { number: 5, log: Arc::clone(&log), gate: None, heavy: true };
    clerk.ask(last).await.unwrap().await.unwrap();
    assert_eq!(*log.groups.lock().unwrap(), [1, 2, 2, 1]);
    assert!(written(&house, 1).await && written(&house, 4).await);
}

#[tokio::test]
async fn when_the_queue_is_full_callers_wait_and_nobody_is_turned_away() {
    let (_folder, house, clerk, log, gate, _first) = busy().await;
    let clerk = Arc::new(clerk);
    let posts: Vec<_> = (1_000..3_000)
        .map(|number| {
            let (clerk, log) = (Arc::clone(&clerk), Arc::clone(&log));
            tokio::spawn(async move { clerk.ask(Line { number, log, gate: None, heavy: false }).await.unwrap().await })
        })
        .collect();
    while clerk.waiting() < 1_024 {
        tokio::task::yield_now().await;
    }
    gate.add_permits(1);
    for post in posts {
        post.await.unwrap().unwrap();
    }
    assert!(written(&house, 1_000).await && written(&house, 2_999).await);
    let groups = log.groups.lock().unwrap().clone();
    assert_eq!(groups.iter().sum::<usize>(), 2_001);
    assert!(groups.iter().all(|entries| *entries <= 200) && groups.len() <= 20, "{groups:?}");
}

#[tokio::test]
async fn a_mistake_in_a_room_ends_its_transaction_and_not_the_clerk() {
    let (_folder, house, clerk, log, gate, first) = busy().await;
    let line = |number| Line { number, log: Arc::clone(&log), gate: None, heavy: false };
    let broken = clerk.ask(line(BROKEN)).await.unwrap();
    gate.add_permits(1);
    first.await.unwrap();
    assert!(broken.await.is_err());
    clerk.ask(line(20)).await.unwrap().await.unwrap();
    assert_eq!((written(&house, BROKEN).await, written(&house, 20).await), (false, true));
}

#[tokio::test]
async fn a_clerk_ends_with_its_house() {
    let (_folder, house, clerk, log, gate, first) = busy().await;
    gate.add_permits(1);
    first.await.unwrap();
    // The house is still good for others.
    teams::create(&house, &Viewer::system("test"), "Security").await.unwrap();
    drop(house);
    let line = Line { number: 1, log, gate: None, heavy: false };
    let refused = match clerk.ask(line).await {
        Ok(ticket) => ticket.await.err(),
        Err(fault) => Some(fault),
    };
    assert!(refused.is_some());
}
