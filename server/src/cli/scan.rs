//! `aviary scan`

mod progress;

use super::{Failure, TheHouse, one_line, operator, plain};
use crate::intake::scan::{self, Order, Summary, Telling, bucket, days::Days};
use app::model::{fault::Fault, moment::Moment};
use clap::Args;
use progress::Progress;
use serde_json::json;
use std::{path::PathBuf, process::ExitCode};

/// Look for uses of tokens in CloudTrail files.
///
/// Reads `.json`, JSON Lines, and both of them with gzip. Prints every event that is about a token once: time, key, what
/// it is, event, source address, result, file. The key is the one that stands in the event, be it a former one of its token;
/// where only its user stands there, it is the one that the token has.
///
/// The log files of a trail are read from its bucket: `s3://BUCKET/PREFIX`, where the prefix is what comes before `AWSLogs/`.
///
/// With `--from` and `--to`, of files and folders only calls that were made on these days are counted, by the time that
/// stands in each record; a record that says none that can be read is counted. Files whose CloudTrail name or folder
/// (`CloudTrail/REGION/2026/03/01/`) says that they were delivered before the first day, or more than 30 days after the last
/// one, are not opened. Of a bucket, the days are those on which files were delivered, and all that stands in these files
/// is counted.
///
/// With `--record` it is written down every two seconds how far the scan got. One that was cut off, or met a file that may be
/// readable later, goes on there when the same command is given again, with the same paths and days; `--anew` begins from the
/// beginning. It begins anew by itself where files came among those that are done, or went. Keys that are watched only
/// since it was cut off are not looked for in what is done: then say `--anew`.
///
/// Ends with 1 where a file could not be read, or not wholly.
#[derive(Debug, Args)]
pub struct ScanCommand {
    /// Files, folders with all that is below them, or the address of a trail's bucket.
    #[arg(required = true, value_name = "FILE")]
    paths: Vec<PathBuf>,
    /// The first day, in UTC, such as 2026-03-01: on which calls were made, or a bucket's files delivered.
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// The last day. If left out: of a bucket today, else there is no end.
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
    /// Of a bucket: the account by whose role it is read.
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    account: String,
    /// With `--record`: begin anew where a scan of the same was cut off.
    #[arg(long)]
    anew: bool,
    /// File what is found as hits, with the source `scan`.
    #[arg(long)]
    record: bool,
    /// How many threads; one per core if left out.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    jobs: usize,
    /// Print one JSON object per line, the last one being the summary.
    #[arg(long)]
    json: bool,
}

impl ScanCommand {
    /// Does it.
    pub async fn run(self, house: &TheHouse) -> Result<ExitCode, Failure> {
        let tell = if self.json { as_json } else { as_text };
        let mut progress = Progress::new();
        let mut tell = |telling: Telling<'_>| match telling {
            Telling::Progress { files, of, bytes, at } => progress.step(files, of, bytes, at),
            other => {
                progress.clear();
                tell(&other);
            }
        };
        let (json, record) = (self.json, self.record);
        let summary = match self.of_bucket(house)? {
            Ok(order) => bucket::scan(house, &operator(), order, &mut tell).await?,
            Err(order) => scan::scan(house, &operator(), order, &mut tell).await?,
        };
        progress.clear();
        if json {
            println!("{}", json!({ "type": "summary", "summary": summary }));
        } else {
            println!("{}", in_words(&summary, record));
        }
        if summary.problems == 0 {
            return Ok(ExitCode::SUCCESS);
        }
        eprintln!("{}", what_is_missing(&summary, record));
        Ok(ExitCode::FAILURE)
    }

    /// What is asked for: of a bucket, or of files.
    fn of_bucket(self, house: &TheHouse) -> Result<Result<bucket::Order, Order>, Fault> {
        let days = Days { from: day("--from", self.from.as_deref())?, to: day("--to", self.to.as_deref())? };
        if days.from.zip(days.to).is_some_and(|(from, to)| to < from) {
            return Err(Fault::field("--to", "the last day is before the first"));
        }
        let address = self.paths.iter().find_map(|path| path.to_str().filter(|text| text.starts_with("s3://")));
        let Some(address) = address else {
            if !self.account.is_empty() {
                return Err(Fault::field("--account", "this is for s3://BUCKET/PREFIX"));
            }
            let Self { paths, jobs, record, anew, .. } = self;
            return Ok(Err(Order { paths, days, jobs, record, anew }));
        };
        if self.paths.len() > 1 {
            return Err(Fault::field("FILE", "expected one bucket, or files"));
        }
        let today = days.from.and_then(|_| Moment::parse(&house.now().day()));
        Ok(Ok(bucket::Order {
            from: days.from,
            to: days.to.or(today),
            account: self.account,
            jobs: self.jobs,
            record: self.record,
            anew: self.anew,
            ..bucket::Order::at(address)?
        }))
    }
}

/// A day that somebody typed, at midnight.
fn day(name: &str, text: Option<&str>) -> Result<Option<Moment>, Fault> {
    let Some(text) = text.map(str::trim) else { return Ok(None) };
    match Moment::parse(text) {
        Some(day) if text.len() == 10 => Ok(Some(day)),
        _ => Err(Fault::field(name, "expected a day such as 2026-03-01")),
    }
}

fn as_text(telling: &Telling<'_>) {
    match telling {
        Telling::Match { access_key_id, kind, record, path, .. } => {
            let time = record.event_time.map_or_else(|| "time unknown".to_owned(), |time| time.rfc3339());
            let service = record.event_source.strip_suffix(".amazonaws.com").unwrap_or(&record.event_source);
            println!(
                "{time}\t{access_key_id}\t{}\t{}:{}\t{}\t{}\t{}",
                kind.word(),
                plain(service),
                plain(&record.event_name),
                plain(&record.source_ip),
                plain(record.error_code.as_deref().unwrap_or("ok")),
                plain(&path.display().to_string()),
            );
        }
        Telling::Problem { path, why } => eprintln!("{}: {}", plain(&path.display().to_string()), plain(why)),
        Telling::Resumed { after } => eprintln!("Going on after {}", plain(after)),
        Telling::Progress { .. } => {}
    }
}

fn as_json(telling: &Telling<'_>) {
    let line = match telling {
        Telling::Match { token, access_key_id, kind, record, path } => json!({
            "type": "match",
            "token_id": token,
            "access_key_id": access_key_id,
            "kind": kind,
            "event_id": record.event_id,
            "event_time": record.event_time,
            "event_name": record.event_name,
            "event_source": record.event_source,
            "aws_region": record.aws_region,
            "source_ip": record.source_ip,
            "user_agent": record.user_agent,
            "error_code": record.error_code,
            "signed_with": record.actor.access_key_id,
            "file": path.display().to_string(),
        }),
        Telling::Problem { path, why } => {
            json!({ "type": "problem", "file": path.display().to_string(), "why": why })
        }
        Telling::Resumed { after } => json!({ "type": "resumed", "after": after }),
        Telling::Progress { .. } => return,
    };
    // A list of texts and numbers has no way to fail.
    println!("{}", one_line(&line).unwrap_or_default());
}

/// What a scan with problems leaves open.
fn what_is_missing(summary: &Summary, record: bool) -> String {
    let mut text = format!("{} of the files could not be read, or not wholly; they are named above.", summary.problems);
    if summary.later > 0 {
        text.push_str(&format!(" {} may be readable later.", summary.later));
        if record {
            text.push_str(" The same command goes on with the first of them.");
        }
    }
    text
}

fn in_words(summary: &Summary, record: bool) -> String {
    let counted = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
    let mut text = format!(
        "{} of {} found in {} ({} MiB)",
        counted(summary.matches, "use"),
        counted(summary.tokens, "token"),
        counted(summary.files, "file"),
        summary.bytes.div_ceil(1 << 20),
    );
    if record {
        text.push_str(&format!("; {} filed", counted(summary.new, "new hit")));
    }
    if summary.passed_over > 0 {
        text.push_str(&format!("; {} of other days passed over", counted(summary.passed_over, "file")));
    }
    if summary.problems > 0 {
        text.push_str(&format!("; {} could not be read, or not wholly", counted(summary.problems, "file")));
    }
    text.push('.');
    text
}
