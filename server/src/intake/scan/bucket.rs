//! Scans the log files of a trail in a bucket, for a range of days: what happened while Aviary was down, or before a key was
//! adopted.
//!
//! What is filed is filed in the order of the keys, and how far it got is written down, so that a scan that was cut off goes
//! on there.

mod list;

use super::{Summary, Telling, course::NOTED, days::Days, everything_watched, told::Told};
use crate::{
    hits::record::Record,
    house::House,
    intake::{
        files::{
            Buckets, Trouble,
            look::{Hands, Known, Looker},
        },
        queues::message::Place,
        receive,
        scan::search::Search,
    },
    issuers::aws::AwsIssuer,
    store,
};
use app::model::{
    fault::Fault,
    hit::Source,
    moment::Moment,
    viewer::{Act, Viewer},
};
use futures::StreamExt as _;
use std::{path::Path, sync::Arc};
use tokio::sync::mpsc;

/// How many files are fetched and looked through at once.
const AT_ONCE: usize = 8;
/// How many keys may wait.
const LISTED: usize = 2_000;

/// What to scan, and how.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// The bucket's name.
    pub bucket: String,
    /// What comes before `AWSLogs/`, or a whole prefix of keys; empty for all.
    pub prefix: String,
    /// The first day on which files were delivered, at midnight; absent: from the beginning.
    pub from: Option<Moment>,
    /// The last day, at midnight; absent: to the end.
    pub to: Option<Moment>,
    /// The account by whose role the bucket is read; empty where there is only one.
    pub account: String,
    /// How many files are looked through at once; 0 for the usual number.
    pub jobs: usize,
    /// Whether what is found is filed as hits.
    pub record: bool,
    /// Whether to begin anew where a scan of the same was cut off.
    pub anew: bool,
}

impl Order {
    /// Reads `s3://BUCKET/PREFIX`.
    ///
    /// # Errors
    /// Where it is none.
    pub fn at(address: &str) -> Result<Self, Fault> {
        let rest = address.strip_prefix("s3://").unwrap_or(address);
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() || bucket.contains(':') {
            return Err(Fault::field("FILE", "expected an address such as s3://bucket/prefix"));
        }
        Ok(Self { bucket: bucket.to_owned(), prefix: prefix.to_owned(), ..Self::default() })
    }

    /// The name under which it is written down how far it got.
    fn place(&self) -> String {
        format!("s3://{}/{} {}", self.bucket, self.prefix, Days { from: self.from, to: self.to })
    }

    /// Whether a day is in the range.
    fn holds(&self, day: Moment) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// What was found in one file.
struct Found {
    key: String,
    records: Vec<Record>,
    bytes: u64,
    problem: Option<String>,
    /// Whether the problem may go away.
    later: bool,
}

/// Scans, and tells of each match and each problem in the order of the keys. Where a file could not be read that may be
/// readable later, the scan counts as cut off there: the next one of the same goes on with that file.
///
/// # Errors
/// `Forbidden` for those who may not see all hits, or file some; `Invalid` where no account can read the bucket;
/// `Unavailable` where S3 refuses the list.
pub async fn scan(
    house: &Arc<House>,
    viewer: &Viewer,
    order: Order,
    tell: &mut (dyn FnMut(Telling<'_>) + Send),
) -> Result<Summary, Fault> {
    if !viewer.may(Act::SeeHits, None) || (order.record && !viewer.may(Act::Ingest, None)) {
        return Err(Fault::forbidden("Only those who see the hits of the whole installation may scan for them."));
    }
    let issuer = reader(house, &order)?;
    let place = order.place();
    let after = begin(house, &order, &place).await?;
    if let Some(after) = &after {
        tell(Telling::Resumed { after });
    }
    let all = Arc::new(everything_watched(house).await?);
    let search = Arc::new(Search::new(all.tokens()));
    let mut told = Told::new(Arc::clone(&all));
    let mut summary = Summary { tokens: told.tokens(), ..Summary::default() };
    let buckets = Arc::new(Buckets::default());
    let (to, keys) = mpsc::channel(LISTED);
    let jobs = if order.jobs == 0 { AT_ONCE } else { order.jobs };
    let listing = list::run(&issuer, &buckets, &order, after.clone().unwrap_or_default(), to);
    let files = futures::stream::unfold(keys, async |mut keys| Some((keys.recv().await?, keys)))
        .map(|key| file(&search, &issuer, &buckets, &order.bucket, key))
        .buffered(jobs);
    let mut noted = house.now();
    let mut done = String::new();
    let reading = async {
        let mut files = std::pin::pin!(files);
        while let Some(found) = files.next().await {
            let found = found?;
            summary.files += 1;
            summary.bytes += usize::try_from(found.bytes).unwrap_or(usize::MAX);
            let path = format!("s3://{}/{}", order.bucket, found.key);
            let path = Path::new(&path);
            if let Some(why) = &found.problem {
                summary.problems += 1;
                tell(Telling::Problem { path, why });
            }
            for record in &found.records {
                summary.matches += told.tell(house, record, all.matches(record), path, tell);
            }
            if order.record && !found.records.is_empty() {
                summary.new += receive(house, Source::Scan, found.records).await?.new;
            }
            tell(Telling::Progress { files: summary.files, of: None, bytes: summary.bytes, at: &found.key });
            if found.later {
                summary.later += 1;
                // What is before the first such file is done; of what is after it, nothing is noted.
                if order.record && summary.later == 1 && !done.is_empty() {
                    note(house, &place, &done).await?;
                }
            }
            if order.record && summary.later == 0 && house.now().since(noted) >= NOTED {
                noted = house.now();
                note(house, &place, &found.key).await?;
            }
            done = found.key;
        }
        Ok::<_, Fault>(())
    };
    let (listed, read) = tokio::join!(listing, reading);
    read?;
    listed?;
    if order.record && summary.later == 0 {
        let mut tx = house.store.begin().await?;
        store::scans::end(&mut tx, &place).await?;
        tx.commit().await?;
    }
    Ok(summary)
}

/// The account by whose role the bucket is read.
fn reader(house: &House, order: &Order) -> Result<Arc<AwsIssuer>, Fault> {
    let accounts = house.issuers.aws();
    match (order.account.as_str(), accounts.as_slice()) {
        ("", [only]) => Ok(Arc::clone(only)),
        ("", []) => {
            Err(Fault::field("account", "there is no AWS account yet; add the one whose role reads the bucket"))
        }
        ("", _) => Err(Fault::field("account", "there are several accounts; say whose role reads the bucket")),
        (id, _) => house.issuers.aws_of(id).ok_or_else(|| Fault::field("account", format!("there is no account {id}"))),
    }
}

/// The key after which to go on, if a scan of the same was cut off. Without filing there is nothing to go on with: all of it
/// is told again.
async fn begin(house: &House, order: &Order, place: &str) -> Result<Option<String>, Fault> {
    if !order.record {
        return Ok(None);
    }
    let mut tx = house.store.begin().await?;
    if order.anew {
        store::scans::end(&mut tx, place).await?;
    }
    let after = store::scans::after_key(&mut tx, place).await?;
    tx.commit().await?;
    Ok(after)
}

async fn note(house: &House, place: &str, key: &str) -> Result<(), Fault> {
    let mut tx = house.store.begin().await?;
    store::scans::reached(&mut tx, place, key, house.now()).await?;
    Ok(tx.commit().await?)
}

/// Fetches a file and looks through it.
async fn file(
    search: &Arc<Search>,
    issuer: &Arc<AwsIssuer>,
    buckets: &Buckets,
    bucket: &str,
    key: String,
) -> Result<Found, Fault> {
    let place = Place { bucket: bucket.to_owned(), key: key.clone(), region: String::new() };
    let content = match buckets.fetch(issuer, &place).await {
        Ok(content) => content,
        Err(Trouble::Ours(fault)) => return Err(fault),
        Err(trouble) => {
            let later = matches!(trouble, Trouble::Later(_));
            return Ok(Found { key, records: Vec::new(), bytes: 0, problem: Some(trouble.to_string()), later });
        }
    };
    let search = Arc::clone(search);
    let looked = tokio::task::spawn_blocking(move || {
        let mut records = Vec::new();
        let looked = Looker::default().look(
            &content,
            &mut Hands {
                known: Known::All(&search),
                take: &mut |found| {
                    records.extend(found);
                    Ok(())
                },
            },
        )?;
        Ok::<_, Fault>((looked, records))
    });
    let (looked, records) = looked.await.map_err(|error| {
        tracing::error!(%error, "looking through a log file stopped");
        Fault::internal()
    })??;
    Ok(Found { key, records, bytes: looked.bytes, problem: looked.problem, later: false })
}
