//! `aviary scan`

mod progress;

use super::{Failure, TheHouse, one_line, operator, plain};
use crate::intake::scan::{self, Order, Summary, Telling, bucket};
use app::model::{fault::Fault, moment::Moment};
use clap::Args;
use progress::Progress;
use serde_json::json;
use std::{path::PathBuf, process::ExitCode};

/// Look for uses of tokens in CloudTrail files.
///
/// Reads `.json`, JSON Lines, and both of them with gzip. Prints every event that is about a token once: time, key, what
/// it is, event, source address, result, file. The log files of a trail are read from its bucket: `s3://BUCKET/PREFIX`,
/// where the prefix is what comes before `AWSLogs/`. With `--record` a scan of a bucket that was cut off goes on where it
/// stopped.
///
/// Ends with 1 where a file could not be read, or not wholly.
#[derive(Debug, Args)]
pub struct ScanCommand {
    /// Files, folders with all that is below them, or the address of a trail's bucket.
    #[arg(required = true, value_name = "FILE")]
    paths: Vec<PathBuf>,
    /// Of a bucket: the first day by which files were delivered, such as 2026-03-01.
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// Of a bucket: the last day; today if left out.
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
    /// Of a bucket: the account by whose role it is read.
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    account: String,
    /// Of a bucket: begin anew where a scan was cut off.
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
        let address = self.paths.iter().find_map(|path| path.to_str().filter(|text| text.starts_with("s3://")));
        let Some(address) = address else {
            if self.from.is_some() || self.to.is_some() || !self.account.is_empty() {
                return Err(Fault::field("FILE", "--from, --to and --account are for s3://BUCKET/PREFIX"));
            }
            return Ok(Err(Order { paths: self.paths, jobs: self.jobs, record: self.record }));
        };
        if self.paths.len() > 1 {
            return Err(Fault::field("FILE", "expected one bucket, or files"));
        }
        let day = |name: &str, text: Option<String>| match text.map(|text| (Moment::parse(&text), text)) {
            None => Ok(None),
            Some((Some(day), text)) if text.trim().len() == 10 => Ok(Some(day)),
            Some(_) => Err(Fault::field(name, "expected a day such as 2026-03-01")),
        };
        let from = day("--from", self.from)?;
        let today = from.and_then(|_| Moment::parse(&house.now().day()));
        Ok(Ok(bucket::Order {
            from,
            to: day("--to", self.to)?.or(today),
            account: self.account,
            jobs: self.jobs,
            record: self.record,
            anew: self.anew,
            ..bucket::Order::at(address)?
        }))
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
    if summary.problems > 0 {
        text.push_str(&format!("; {} could not be read, or not wholly", counted(summary.problems, "file")));
    }
    text.push('.');
    text
}
