//! Scans log files for uses of watched tokens, on every core.
//!
//! Inflating costs most, so it is all that is done to most files: names are searched for in the bytes, and only records
//! that hold one are parsed and matched as any other. What is found is the same as if all were parsed; a test says so.

pub mod bucket;
mod course;
pub mod days;
pub mod file;
pub mod search;
mod told;
pub mod walk;

use super::receive;
use crate::{
    hits::{matching::Watch, record::Record},
    house::House,
    store::{self, matching::Watched},
};
use app::model::{
    fault::Fault,
    hit::{HitKind, Source},
    ids::TokenId,
    viewer::{Act, Viewer},
};
use course::Course;
use days::Days;
use file::{Found, Scanner};
use search::Search;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::sync_channel,
    },
    thread,
};
use tokio::sync::mpsc;
use told::Told;

/// How many tokens are read from the database at a time.
const PORTION: u32 = 5_000;

/// What to scan, and how.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// Files, and folders with all that is below them.
    pub paths: Vec<PathBuf>,
    /// On which days the calls were made.
    pub days: Days,
    /// How many threads; 0 for one per core.
    pub jobs: usize,
    /// Whether what is found is filed as hits.
    pub record: bool,
    /// Whether to begin anew where a scan of the same was cut off.
    pub anew: bool,
}

/// Something to tell while scanning.
#[derive(Debug)]
pub enum Telling<'a> {
    /// A record is about a token. Each event is told once, however often it occurs.
    Match {
        /// The token.
        token: &'a TokenId,
        /// The key of it that stands in the record; where none does, the one that it has.
        access_key_id: &'a str,
        /// What the record says about it.
        kind: HitKind,
        /// The record.
        record: &'a Record,
        /// Where it was found.
        path: &'a Path,
    },
    /// A scan that was cut off goes on after this file.
    Resumed {
        /// The last path, or key of a bucket, up to which everything is filed.
        after: &'a str,
    },
    /// One more file was scanned.
    Progress {
        /// How many so far.
        files: usize,
        /// Of how many, if that is known.
        of: Option<usize>,
        /// How much they hold, in bytes, inflated.
        bytes: usize,
        /// The latest one.
        at: &'a str,
    },
    /// A file could not be read, or not wholly.
    Problem {
        /// Which file.
        path: &'a Path,
        /// Why.
        why: &'a str,
    },
}

/// What a scan came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// How many files were scanned.
    pub files: usize,
    /// How many files of a folder were not opened, because they can hold no call of the wanted days.
    pub passed_over: usize,
    /// How much they hold, in bytes, inflated.
    pub bytes: usize,
    /// How many files could not be read, or not wholly.
    pub problems: usize,
    /// How many of those may be readable later: the disk or S3 refused them, or did not answer.
    pub later: usize,
    /// How many tokens were looked for.
    pub tokens: usize,
    /// How many events are about a token, each counted once.
    pub matches: usize,
    /// How many of them were not known before; 0 where they are not filed.
    pub new: usize,
}

/// Everything that is watched, gone tokens included.
///
/// # Errors
/// Where the database refuses.
pub async fn everything_watched(house: &House) -> Result<Watch, Fault> {
    Ok(Watch::new(all_watched(house).await?))
}

/// Every token that is watched, gone ones included, once for each of its keys.
///
/// # Errors
/// Where the database refuses.
pub(crate) async fn all_watched(house: &House) -> Result<Vec<Watched>, Fault> {
    let mut session = house.store.read().await?;
    let mut tokens = Vec::new();
    let mut last = String::new();
    loop {
        let portion = store::matching::after(&mut session, &last, PORTION).await?;
        let Some(end) = portion.last() else { return Ok(tokens) };
        end.id.as_str().clone_into(&mut last);
        tokens.extend(portion);
    }
}

/// Scans, and tells of each match and each problem in the order of the files. Where a file could not be read that may be
/// readable later, a scan that files what it finds counts as cut off there: the next one of the same goes on with that file.
///
/// # Errors
/// `Forbidden` for those who may not see all hits, or file some; else where the database refuses.
pub async fn scan(
    house: &House,
    viewer: &Viewer,
    order: Order,
    tell: &mut (dyn FnMut(Telling<'_>) + Send),
) -> Result<Summary, Fault> {
    if !viewer.may(Act::SeeHits, None) || (order.record && !viewer.may(Act::Ingest, None)) {
        return Err(Fault::forbidden("Only those who see the hits of the whole installation may scan for them."));
    }
    let watch = Arc::new(everything_watched(house).await?);
    let mut told = Told::new(Arc::clone(&watch));
    let (mut files, problems) = walk::files(&order.paths);
    let all_files = files.len();
    files.retain(|path| order.days.may_stand_in(path));
    let passed_over = all_files - files.len();
    // Without filing there is nothing to go on with: all of it is told again.
    let mut course = None;
    if order.record {
        let (begun, after) = Course::begin(house, &order, &mut files).await?;
        course = Some(begun);
        if let Some(after) = &after {
            tell(Telling::Resumed { after });
        }
    }
    let (of, tokens) = (files.len(), told.tokens());
    let mut summary = Summary { files: of, passed_over, problems: problems.len(), tokens, ..Summary::default() };
    for (path, why) in &problems {
        tell(Telling::Problem { path, why });
    }
    let (to, mut from) = mpsc::channel(64);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let jobs = if order.jobs == 0 { cores } else { order.jobs };
    let work = tokio::task::spawn_blocking(move || {
        all(&files, &watch, jobs, &mut |path, found| to.blocking_send((path.to_owned(), found)).is_ok());
    });
    let mut done = 0;
    while let Some((path, found)) = from.recv().await {
        done += 1;
        summary.bytes += found.bytes;
        summary.later += usize::from(found.later);
        if let Some(why) = &found.problem {
            summary.problems += 1;
            tell(Telling::Problem { path: &path, why });
        }
        let mut records = Vec::new();
        for (record, tokens) in found.matches.into_iter().filter(|(record, _)| order.days.hold(record)) {
            summary.matches += told.tell(house, &record, tokens, &path, tell);
            records.push(record);
        }
        if order.record && !records.is_empty() {
            summary.new += receive(house, Source::Scan, records).await?.new;
        }
        if let Some(course) = &mut course {
            course.done(house, &path, found.later).await?;
        }
        let at = path.to_string_lossy();
        tell(Telling::Progress { files: done, of: Some(of), bytes: summary.bytes, at: &at });
    }
    work.await.map_err(|error| {
        tracing::error!(%error, "a scan stopped");
        Fault::internal()
    })?;
    if let Some(course) = course {
        course.end(house).await?;
    }
    Ok(summary)
}

/// Scans files on so many threads; `each` gets what was found in the order of the files, and says whether to go on.
pub fn all(files: &[PathBuf], watch: &Watch, jobs: usize, each: &mut dyn FnMut(&Path, Found) -> bool) {
    let search = Search::new(watch.tokens());
    let next = AtomicUsize::new(0);
    let jobs = jobs.clamp(1, files.len().max(1));
    thread::scope(|scope| {
        let (to, from) = sync_channel(jobs * 16);
        for _ in 0..jobs {
            let (to, next, search) = (to.clone(), &next, &search);
            scope.spawn(move || {
                let mut scanner = Scanner::new(watch, search);
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(path) = files.get(index) else { break };
                    if to.send((index, scanner.scan(path))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(to);
        // Threads finish in any order; what comes early waits for its turn.
        let mut early = BTreeMap::new();
        let mut turn = 0;
        for (index, found) in from {
            early.insert(index, found);
            while let Some(found) = early.remove(&turn) {
                let Some(path) = files.get(turn) else { return };
                turn += 1;
                if !each(path, found) {
                    return;
                }
            }
        }
    });
}
