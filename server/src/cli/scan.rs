//! `aviary scan`

use super::{Failure, TheHouse, operator, plain};
use crate::intake::scan::{self, Order, Summary, Telling};
use clap::Args;
use serde_json::json;
use std::{path::PathBuf, process::ExitCode};

/// Look for uses of tokens in CloudTrail files.
///
/// Reads `.json`, JSON Lines, and both of them with gzip. Prints every event that is about a token once: time, key, what
/// it is, event, source address, result, file.
#[derive(Debug, Args)]
pub struct ScanCommand {
    /// Files, or folders with all that is below them.
    #[arg(required = true, value_name = "FILE")]
    paths: Vec<PathBuf>,
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
        let order = Order { paths: self.paths, jobs: self.jobs, record: self.record };
        let tell = if self.json { as_json } else { as_text };
        let summary = scan::scan(house, &operator(), order, &mut |telling| tell(&telling)).await?;
        if self.json {
            println!("{}", json!({ "type": "summary", "summary": summary }));
        } else {
            println!("{}", in_words(&summary, self.record));
        }
        Ok(ExitCode::SUCCESS)
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
    }
}

fn as_json(telling: &Telling<'_>) {
    // JSON escapes the control characters of outside text.
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
    };
    println!("{line}");
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
