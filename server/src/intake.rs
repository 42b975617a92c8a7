//! The intake room: the ways in. All of them end in [`receive`].

pub mod ears;
pub mod files;
pub mod heard;
pub mod inflate;
pub mod last_used;
pub mod own;
pub mod queues;
pub mod read;
pub mod scan;
pub mod sns;

use crate::{
    hits::{
        bundle::{self, Found},
        matching::{Names, Watch},
        record::{Record, clean},
    },
    house::House,
    store::{
        self, Tx,
        matching::{By, Watched},
    },
    tokens,
};
use app::model::{
    fault::Fault,
    health::Quarantined,
    hit::{Sighting, Source},
    viewer::{Act, Viewer},
};
use read::Unreadable;
use serde::Serialize;
use std::{collections::BTreeSet, sync::Arc};

/// How many records are looked up at once.
const BATCH: usize = 500;
/// How many unreadable records are kept: the latest.
const QUARANTINE: u32 = 10_000;
/// From this size on, a body is read beside the threads that serve.
const LARGE: usize = 256 << 10;

/// What became of the records that were handed in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Received {
    /// How many records there were, those that could not be read included.
    pub read: usize,
    /// How many of them are about a token.
    pub matched: usize,
    /// How many hits were not known before.
    pub new: usize,
    /// How many could not be read; they are kept for an admin to look at.
    pub quarantined: usize,
}

/// Takes what somebody posts: CloudTrail records in any of the forms that [`read::read`] knows, gzip or not.
///
/// # Errors
/// `Forbidden` for those who may not hand in records; `Malformed` where it is no JSON, and then nothing was kept.
pub async fn ingest(house: &House, viewer: &Viewer, source: Source, body: &[u8]) -> Result<Received, Fault> {
    viewer.must(Act::Ingest)?;
    let batch = if body.len() < LARGE {
        read::read(body)?
    } else {
        let body = body.to_vec();
        tokio::task::spawn_blocking(move || read::read(&body)).await.map_err(|error| {
            tracing::error!(%error, "reading a body stopped");
            Fault::internal()
        })??
    };
    let mut received = receive(house, source, batch.records).await?;
    received.read += batch.skipped + batch.unreadable.len();
    received.quarantined = batch.unreadable.len();
    quarantine(house, source, &batch.unreadable).await?;
    Ok(received)
}

/// Takes records: finds the tokens that they are about, and files what is new as hits. When it returns, all of it is
/// committed. The one door for every way in; it asks for no viewer because AWS itself, or the sandbox, is speaking.
///
/// # Errors
/// Where the database refuses. Handing in the same records again is safe.
pub async fn receive(house: &House, source: Source, records: Vec<Record>) -> Result<Received, Fault> {
    let mut received = Received { read: records.len(), ..Received::default() };
    let mut tripped = BTreeSet::new();
    if let Err(fault) = heard::note(house, source, records.iter().filter_map(heard::Arrival::of)).await {
        tracing::warn!(%fault, "when a way was last heard could not be noted");
    }
    let mut records = records.into_iter();
    loop {
        let batch: Vec<Record> = records.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        let watch = Watch::new(watched(house, &Names::of(&batch)).await?);
        let mut found = Vec::new();
        for record in batch {
            let tokens = own::without(house, &record, watch.matches(&record));
            received.matched += usize::from(!tokens.is_empty());
            let record = Arc::new(record);
            found.extend(tokens.into_iter().map(|(token, kind)| Found { token, kind, record: Arc::clone(&record) }));
        }
        let sighting = Sighting { source, received_at: house.now() };
        let filed = bundle::file(house, sighting, found).await?;
        received.new += filed.len();
        tripped.extend(filed.into_iter().filter(|ring| ring.limited).map(|ring| ring.token_id));
    }
    for token in tripped {
        // The hit is committed. Should the response fail, the sweep tries again.
        if let Err(fault) = tokens::respond(house, &token).await {
            tracing::warn!(%token, %fault, "the response to a hit failed");
        }
    }
    Ok(received)
}

/// The tokens that go by any of these names.
pub(crate) async fn watched(house: &House, names: &Names) -> Result<Vec<Watched>, Fault> {
    let all = [
        (By::Key, &names.keys),
        (By::FormerKey, &names.keys),
        (By::Arn, &names.arns),
        (By::UniqueId, &names.unique_ids),
        (By::UserName, &names.user_names),
    ];
    let all = all.map(|(by, names)| (by, names.iter().cloned().collect::<Vec<_>>()));
    let mut found = store::matching::by(&mut *house.store.read().await?, &all).await?;
    // A token may be found by several names, and under several keys.
    found.sort_by(|one, other| (&one.id, &one.access_key_id).cmp(&(&other.id, &other.access_key_id)));
    found.dedup_by(|one, other| (&one.id, &one.access_key_id) == (&other.id, &other.access_key_id));
    Ok(found)
}

/// Keeps what could not be read.
async fn quarantine(house: &House, source: Source, unreadable: &[Unreadable]) -> Result<(), Fault> {
    if unreadable.is_empty() {
        return Ok(());
    }
    let mut tx = house.store.begin().await?;
    keep(house, &mut tx, source, unreadable).await?;
    Ok(tx.commit().await?)
}

/// Keeps what could not be read, together with what else the caller writes.
pub(crate) async fn keep(house: &House, tx: &mut Tx, source: Source, unreadable: &[Unreadable]) -> Result<(), Fault> {
    for one in unreadable {
        let entry = Quarantined {
            id: house.new_id(),
            source: source.word().to_owned(),
            received_at: house.now(),
            reason: clean(&one.reason, 1_024),
            body: one.body.clone(),
        };
        store::quarantine::insert(tx, &entry).await?;
    }
    Ok(store::quarantine::keep_latest(tx, QUARANTINE).await?)
}
