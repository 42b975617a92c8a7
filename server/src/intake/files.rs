//! Log files of trails, in S3: fetched, inflated within bounds, searched, and what is found in them received.
//!
//! A message names a bucket and a key, and whoever may write to the queue may write such a message. That is no danger: the
//! object is read with the account's own role, so it is one that this role may read; only CloudTrail's log files are
//! read; what is read is searched for the names of tokens and goes nowhere else; and its size, what it inflates to, how
//! many are read at once and how many a message may name are bounded. So any bucket that the role can read is fine, and
//! an operator who collects trails in one bucket, or in several, has nothing to configure.

mod fetch;
pub mod look;
mod names;
mod split;
pub mod watchlist;

pub(crate) use fetch::Refused;
pub use fetch::{Buckets, LARGEST};

use super::{heard, heard::Arrival, queues::message::Place, receive, watched};
use crate::{hits::matching::Names, house::House, issuers::aws::AwsIssuer};
use app::model::{fault::Fault, hit::Source, moment::Moment};
use look::{Hands, Known, Looker};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::{
    runtime::Handle,
    sync::{Semaphore, mpsc},
};
use watchlist::Watchlist;

/// How many files are fetched and looked through at once in this process.
pub const AT_ONCE: usize = 8;
/// How many portions of records may wait for the database.
const WAITING: usize = 2;

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// It is not there yet, or not permitted, or S3 does not answer: try again later.
    #[error("{0}")]
    Later(String),
    /// It cannot be read, and never will be.
    #[error("{0}")]
    Unreadable(String),
    /// The database refused: try again later.
    #[error("{0}")]
    Ours(#[from] Fault),
}

/// What the readers of files share.
#[derive(Debug)]
pub struct Reading {
    gate: Semaphore,
    /// As many as there are cores: more at once would only push each other's buffers out of the processor's caches.
    looks: Arc<Semaphore>,
    lookers: Mutex<Vec<Looker>>,
    watchlist: Watchlist,
}

impl Default for Reading {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            gate: Semaphore::new(AT_ONCE),
            looks: Arc::new(Semaphore::new(cores)),
            lookers: Mutex::default(),
            watchlist: Watchlist::default(),
        }
    }
}

impl std::fmt::Debug for Looker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Looker")
    }
}

/// Reads one log file; how many hits in it are new. When it returns, all of them are committed. What is no log file of
/// CloudTrail is passed over.
///
/// # Errors
/// What is in the way. Reading it again is safe.
pub async fn read(
    house: &Arc<House>,
    issuer: &Arc<AwsIssuer>,
    buckets: &Buckets,
    place: &Place,
) -> Result<usize, Trouble> {
    let Some(of) = sort(&place.key) else { return Ok(0) };
    // The gate is never closed.
    let _turn = house.ears.reading.gate.acquire().await;
    let file = buckets.fetch(issuer, place).await?;
    let (new, first_call, problem) = look(house, file).await?;
    if let (Some(at), Some((account, region))) = (first_call, of) {
        let arrival = Arrival { account, region, at };
        if let Err(fault) = heard::note(house, Source::Trail, [arrival]).await {
            tracing::warn!(%fault, "when a way was last heard could not be noted");
        }
    }
    match problem {
        Some(problem) => Err(Trouble::Unreadable(problem)),
        None => Ok(new),
    }
}

/// Looks through a file beside the threads that serve; what is found is received while it goes on.
async fn look(house: &Arc<House>, file: Vec<u8>) -> Result<(usize, Option<Moment>, Option<String>), Fault> {
    let search = watchlist::search(house).await?;
    let turn = Arc::clone(&house.ears.reading.looks).acquire_owned().await;
    let (to, mut from) = mpsc::channel(WAITING);
    let (ours, handle) = (Arc::clone(house), Handle::current());
    let work = tokio::task::spawn_blocking(move || {
        let lookers = &ours.ears.reading.lookers;
        let mut looker = lookers.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        let mut look_up = |names: &Names| handle.block_on(watched(&ours, names));
        let known = search.as_deref().map_or(Known::Asked(&mut look_up), Known::All);
        let take = &mut |records| to.blocking_send(records).map_err(|_| Fault::internal());
        let looked = looker.look(&file, &mut Hands { known, take });
        lookers.lock().unwrap_or_else(PoisonError::into_inner).push(looker);
        drop(turn);
        looked
    });
    let mut new = 0;
    while let Some(records) = from.recv().await {
        new += receive(house, Source::Trail, records).await?.new;
    }
    let looked = work.await.map_err(|error| {
        tracing::error!(%error, "looking through a log file stopped");
        Fault::internal()
    })??;
    Ok((new, looked.first_call, looked.problem))
}

/// Whether an object is a log file of CloudTrail, by its key.
pub fn is_log(key: &str) -> bool {
    sort(key).is_some()
}

/// The account and the region that a key names.
type Of<'a> = Option<(&'a str, &'a str)>;

/// Whether an object is to be read: `None` for what is no log file. CloudTrail puts them under
/// `PREFIX/AWSLogs/[ORGANISATION/]ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/`, and digests and insights beside them.
fn sort(key: &str) -> Option<Of<'_>> {
    let beside = ["/CloudTrail-Digest/", "/CloudTrail-Insight/"];
    if beside.iter().any(|part| key.contains(part)) || !(key.ends_with(".json.gz") || key.ends_with(".json")) {
        return None;
    }
    let of = key
        .split_once("/CloudTrail/")
        .and_then(|(before, after)| Some((before.rsplit('/').next()?, after.split('/').next()?)));
    // Other logs live beside them too, where a bucket is shared: AWSLogs/ACCOUNT/Config/…
    if of.is_none() && key.contains("AWSLogs/") {
        return None;
    }
    Some(of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_log_files_are_read() {
        let own = "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/01/111122223333_CloudTrail_eu-west-1_x.json.gz";
        assert_eq!(sort(own), Some(Some(("111122223333", "eu-west-1"))));
        assert_eq!(sort(&format!("team/AWSLogs/o-abc/{}", &own[8..])), Some(Some(("111122223333", "eu-west-1"))));
        assert_eq!(sort("copies/a.json.gz"), Some(None));
        for other in [
            "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/03/01/x.json.gz",
            "AWSLogs/111122223333/CloudTrail-Insight/eu-west-1/2026/03/01/x.json.gz",
            "AWSLogs/111122223333/Config/eu-west-1/2026/3/1/ConfigHistory/x.json.gz",
            "AWSLogs/111122223333/elasticloadbalancing/eu-west-1/x.log.gz",
            "AWSLogs/111122223333/CloudTrail/",
            "report.csv",
        ] {
            assert_eq!(sort(other), None, "{other}");
        }
    }
}
