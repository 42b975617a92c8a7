//! Notes when each way last brought a record of one of our accounts, whether it was about a token or not.

use crate::{accounts::is_region, hits::record::Record, house::House, store, store::heard::Heard};
use app::model::{
    fault::Fault,
    hit::Source,
    moment::{Moment, SECOND},
};
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

/// How often each way is written down at most, in milliseconds.
const EVERY: i64 = 10 * SECOND;
/// How many ways are told apart at most. AWS has some 35 regions; what claims more is made up.
const MOST: usize = 20_000;
/// The longest name of a region.
const NAME: usize = 24;

/// A call whose record arrived.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// The account in whose trail it stands.
    pub account: &'a str,
    /// The region in which it was made.
    pub region: &'a str,
    /// When it was made.
    pub at: Moment,
}

impl<'a> Arrival<'a> {
    /// What a record says of itself; `None` where it does not say when.
    pub fn of(record: &'a Record) -> Option<Self> {
        Some(Self { account: &record.account, region: &record.aws_region, at: record.event_time? })
    }
}

type Way = (String, String, Source);

/// When each way was last written down by this process.
#[derive(Debug, Default)]
pub struct Written(Mutex<BTreeMap<Way, Moment>>);

impl Written {
    /// Whether it is time to write this way down again; then it counts as written.
    fn is_due(&self, way: &Way, now: Moment) -> bool {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match written.get(way) {
            Some(at) if now.since(*at) < EVERY => false,
            None if written.len() >= MOST => false,
            _ => {
                written.insert(way.clone(), now);
                true
            }
        }
    }
}

/// Notes arrivals by a way. At most one row per account, region and way is written in ten seconds, so that a burst costs
/// no commits of its own; of several arrivals the latest call counts.
///
/// # Errors
/// Where the database refuses.
pub async fn note<'a>(
    house: &House,
    source: Source,
    arrivals: impl IntoIterator<Item = Arrival<'a>>,
) -> Result<(), Fault> {
    if !matches!(source, Source::Eventbridge | Source::Trail | Source::Webhook | Source::Sns) {
        return Ok(());
    }
    let accounts = house.issuers.aws();
    let mut latest: BTreeMap<(&str, &str), Moment> = BTreeMap::new();
    for arrival in arrivals {
        // Only our own accounts, and only what can be a region: what a record claims must not fill the table.
        let ours = accounts.iter().any(|issuer| issuer.id() == arrival.account);
        if ours && arrival.region.len() <= NAME && is_region(arrival.region) {
            let at = latest.entry((arrival.account, arrival.region)).or_insert(arrival.at);
            *at = arrival.at.max(*at);
        }
    }
    let now = house.now();
    let due = |(account, region): &(&str, &str)| {
        house.ears.written.is_due(&((*account).to_owned(), (*region).to_owned(), source), now)
    };
    let due: Vec<_> = latest.into_iter().filter(|(way, _)| due(way)).collect();
    if due.is_empty() {
        return Ok(());
    }
    let mut tx = house.store.begin().await?;
    for ((account, region), at) in due {
        let heard = Heard { region: region.to_owned(), source, at: now, lag_ms: now.since(at).max(0) };
        store::heard::note(&mut tx, account, &heard).await?;
    }
    Ok(tx.commit().await?)
}
