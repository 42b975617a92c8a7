//! What `aviary scan` takes: records a second, on one core and on all, with 10,000 watched keys.
//!
//! `make bench` runs it. The log is the folder that `AVIARY_BENCH_LOG` names (`AVIARY_BENCH_RECORDS` says how many records
//! it holds), else one that is made here, by repeating the tests' own records. Nothing here is a test.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a bench may stop where something is not as expected, and measures with the system's clock"
)]

mod log;

use aviary::{
    hits::matching::Watch,
    intake::scan::{self, walk},
    store::matching::Watched,
};
use log::{RECORDS, made};
use std::{path::PathBuf, time::Instant};

const WATCHED: usize = 10_000;
const ROUNDS: usize = 5;

/// Tokens as a house has them, with every name; the first five are used in the log.
fn watch() -> Watch {
    let token = |n: usize| {
        let known = n < 5;
        let name = |name: String| if known { String::new() } else { name };
        Watched {
            id: format!("{n}").into(),
            account: "210987654321".into(),
            access_key_id: if known { format!("AKIAHONEYTOKEN{n:06}") } else { format!("AKIATFQR7NSC{n:08}") },
            arn: name(format!("arn:aws:iam::210987654321:user/ci/build-{n}")),
            unique_id: name(format!("AIDATFQR7NSC5{n:08}")),
            user_name: name(format!("build-{n}")),
        }
    };
    Watch::new((0..WATCHED).map(token).collect())
}

/// The best of some rounds, in seconds, and how many uses were found. The best one: others of the machine's programs can
/// only make it slower.
fn time(files: &[PathBuf], watch: &Watch, jobs: usize) -> (f64, usize, usize) {
    let (mut best, mut uses, mut bytes) = (f64::MAX, 0, 0);
    for _ in 0..ROUNDS {
        (uses, bytes) = (0, 0);
        let start = Instant::now();
        scan::all(files, watch, jobs, &mut |path, found| {
            assert_eq!(found.problem, None, "{}", path.display());
            uses += found.matches.len();
            bytes += found.bytes;
            true
        });
        best = best.min(start.elapsed().as_secs_f64());
    }
    (best, uses, bytes)
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn main() {
    let given = std::env::var_os("AVIARY_BENCH_LOG").map(PathBuf::from);
    let folder = std::env::temp_dir().join(format!("aviary-bench-scan-{}", std::process::id()));
    if given.is_none() {
        std::fs::create_dir_all(&folder).unwrap();
        made(&folder);
    }
    let records = std::env::var("AVIARY_BENCH_RECORDS").map_or(RECORDS, |count| count.parse().expect("a number"));
    let (files, _) = walk::files(&[given.unwrap_or_else(|| folder.clone())]);
    let watch = watch();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!(
        "| scan of {records} records, {WATCHED} watched keys | records/s | MiB/s inflated | uses found | figure to reach |"
    );
    println!("|---|---|---|---|---|");
    for jobs in std::collections::BTreeSet::from([1, cores]) {
        let (seconds, uses, bytes) = time(&files, &watch, jobs);
        let figure = if jobs == 1 { "≥ 400,000/s, 50 found" } else { "" };
        println!(
            "| on {jobs} of {cores} cores | {:.0} | {:.0} | {uses} | {figure} |",
            records as f64 / seconds,
            bytes as f64 / f64::from(1 << 20) / seconds,
        );
    }
    let _ = std::fs::remove_dir_all(&folder);
}
