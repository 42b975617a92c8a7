//! The queues of AWS accounts: one consumer for each, started and stopped as accounts come, change and go.

mod consumer;
mod delete;
mod file;
pub mod message;
mod outage;
mod poison;
pub mod state;
mod work;

use crate::{house::House, issuers::aws::AwsIssuer, store};
use app::model::{hit::Source, moment::DAY};
use consumer::Pace;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    task::{JoinHandle, JoinSet},
};

/// How often messages that were seen long ago are forgotten.
const FORGET: Duration = Duration::from_secs(3_600);
/// How long they are remembered: SQS keeps a message for 14 days at most.
const REMEMBERED: i64 = 15 * DAY;
/// How long consumers may take to end when everything ends.
const PATIENCE: Duration = Duration::from_secs(20);

/// A consumer at work.
struct Running {
    issuer: Arc<AwsIssuer>,
    source: Source,
    pace: watch::Sender<Pace>,
    task: JoinHandle<()>,
}

/// Listens to the queues of all accounts until the shut-down.
pub async fn run(house: Arc<House>, shutdown: impl Future<Output = ()>) {
    let mut changes = house.bell.listen_to_accounts();
    let mut forget = tokio::time::interval(FORGET);
    let (mut running, mut ending) = (BTreeMap::new(), Ending::default());
    house.ears.queues.listen();
    tokio::pin!(shutdown);
    loop {
        changes.borrow_and_update();
        arrange(&house, &mut running, &mut ending);
        tokio::select! {
            () = &mut shutdown => break,
            changed = changes.changed() => if changed.is_err() { break },
            _ = forget.tick() => forget_seen(&house).await,
            // Consumers whose account changed end beside the new ones.
            Some(_) = ending.tasks.join_next() => ending.paces.retain(|pace| !pace.is_closed())
        }
    }
    for (_, one) in running {
        ending.add(one);
    }
    for pace in &ending.paces {
        pace.send_replace(Pace::Now);
    }
    let all = async { while ending.tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(PATIENCE, all).await.is_err() {
        tracing::warn!("some work on queues was cut off; its messages come again");
    }
}

/// Consumers that are ending.
#[derive(Default)]
struct Ending {
    tasks: JoinSet<()>,
    paces: Vec<watch::Sender<Pace>>,
}

impl Ending {
    fn add(&mut self, one: Running) {
        one.pace.send_replace(Pace::End);
        self.paces.push(one.pace);
        let task = one.task;
        self.tasks.spawn(async move {
            if let Err(error) = task.await {
                tracing::error!(%error, "a consumer of a queue stopped");
            }
        });
    }
}

/// The account by whose role a queue is read, in this process or in another one; `None` where no account names it.
pub(crate) fn reader(house: &House, url: &str) -> Option<Arc<AwsIssuer>> {
    wanted(house).remove(url).map(|(issuer, _)| issuer)
}

/// The queues that are to be listened to. One that two accounts share is read once, by the role of the first.
fn wanted(house: &House) -> BTreeMap<String, (Arc<AwsIssuer>, Source)> {
    let mut wanted = BTreeMap::new();
    for issuer in house.issuers.aws().iter() {
        let settings = issuer.settings();
        for (url, source) in [(&settings.events_queue, Source::Eventbridge), (&settings.files_queue, Source::Trail)] {
            if !url.is_empty() {
                wanted.entry(url.clone()).or_insert_with(|| (Arc::clone(issuer), source));
            }
        }
    }
    wanted
}

fn arrange(house: &Arc<House>, running: &mut BTreeMap<String, Running>, ending: &mut Ending) {
    let wanted = wanted(house);
    house.ears.queues.set(wanted.iter().map(|(url, (issuer, _))| (url.as_str(), issuer.id())));
    let stays = |url: &String, one: &Running| {
        wanted.get(url).is_some_and(|(issuer, source)| Arc::ptr_eq(issuer, &one.issuer) && *source == one.source)
    };
    for (_, one) in running.extract_if(.., |url, one| !stays(url, one) || one.task.is_finished()) {
        ending.add(one);
    }
    for (url, (issuer, source)) in wanted {
        running.entry(url.clone()).or_insert_with(|| {
            tracing::info!(queue = %url, account = issuer.id(), "listening to a queue");
            let (pace, told) = watch::channel(Pace::On);
            let task = tokio::spawn(consumer::run(Arc::clone(house), Arc::clone(&issuer), url, source, told));
            Running { issuer, source, pace, task }
        });
    }
}

async fn forget_seen(house: &House) {
    let forgotten = async {
        let mut tx = house.store.begin().await?;
        store::seen_messages::forget(&mut tx, house.now().plus(-REMEMBERED)).await?;
        tx.commit().await
    };
    if let Err(error) = forgotten.await {
        tracing::warn!(%error, "old messages could not be forgotten; the next round tries again");
    }
}
