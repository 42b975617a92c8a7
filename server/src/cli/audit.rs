//! `aviary audit list | export | verify | head`

use super::{Failure, TheHouse, operator};
use crate::audit::{
    self, Expected,
    export::{self, Export, visible},
};
use app::model::{
    audit::{AuditEntry, AuditQuery},
    moment::{DAY, HOUR, MINUTE, Moment},
};
use clap::{Args, Subcommand, ValueEnum};
use std::{io::Write as _, process::ExitCode};

/// What can be done with the audit log.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// List entries, the newest first.
    List {
        #[command(flatten)]
        which: Which,
        /// How many, at most.
        #[arg(long, default_value_t = 50)]
        limit: usize,
        /// One JSON document a line.
        #[arg(long)]
        json: bool,
    },
    /// Write entries to the standard output, the oldest first. The log says that it was exported.
    Export {
        /// The form.
        #[arg(long, value_enum)]
        format: Form,
        #[command(flatten)]
        which: Which,
    },
    /// Walk the chain of the log, and say where it is not what Aviary wrote: exits with 1 then.
    Verify {
        /// What `aviary audit head` printed earlier, and was kept elsewhere: the log must still lead through it.
        #[arg(long, value_name = "SEQ:HASH")]
        expect: Option<Expected>,
    },
    /// Print the end of the chain as SEQ:HASH. Keep it where nobody who can write the database can change it.
    Head,
}

/// Which entries.
#[derive(Debug, Args)]
pub struct Which {
    /// Only since then: a day, an RFC 3339 time, or how long ago, such as 7d, 12h or 30m.
    #[arg(long, default_value = "", hide_default_value = true, value_name = "TIME")]
    since: String,
    /// Only until then.
    #[arg(long, default_value = "", hide_default_value = true, value_name = "TIME")]
    until: String,
    /// Only this act, such as token.reveal; `token.*` for all that begin so.
    #[arg(long, default_value = "", hide_default_value = true)]
    act: String,
    /// Only of somebody whose name has this in it, or who has this identifier.
    #[arg(long, default_value = "", hide_default_value = true)]
    who: String,
    /// Only where the thing's name or the details have this in them.
    #[arg(long, default_value = "", hide_default_value = true)]
    subject: String,
    /// Only from this address, or from those that begin so.
    #[arg(long, default_value = "", hide_default_value = true)]
    address: String,
}

/// The form of an export.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Form {
    /// One JSON object per line.
    Jsonl,
    /// Comma-separated values with a line of headings.
    Csv,
}

impl Which {
    fn query(self, now: Moment) -> AuditQuery {
        let Self { since, until, act, who, subject, address } = self;
        AuditQuery { act, who, subject, address, from: time(since, now), to: time(until, now), after: None, limit: 0 }
    }
}

/// `7d` as the time that was seven days ago; everything else as it was typed.
fn time(typed: String, now: Moment) -> String {
    let ago = |unit: char| match unit {
        'd' => Some(DAY),
        'h' => Some(HOUR),
        'm' => Some(MINUTE),
        _ => None,
    };
    let length = typed.trim().char_indices().last().and_then(|(at, unit)| {
        let number: i64 = typed.trim().get(..at)?.parse().ok()?;
        number.checked_mul(ago(unit)?)
    });
    length.map_or(typed, |length| now.plus(-length).rfc3339())
}

impl AuditCommand {
    /// Does it.
    pub async fn run(self, house: &TheHouse) -> Result<ExitCode, Failure> {
        let viewer = operator();
        match self {
            Self::List { which, limit, json } => list(house, which.query(house.now()), limit, json).await?,
            Self::Export { format, which } => {
                let format = match format {
                    Form::Jsonl => export::Format::Jsonl,
                    Form::Csv => export::Format::Csv,
                };
                let mut export = Export::begin(house, &viewer, &which.query(house.now()), format).await?;
                let mut out = std::io::stdout();
                let failed = |error: std::io::Error| Failure::Other(format!("the standard output: {error}"));
                while let Some(portion) = export.portion().await? {
                    out.write_all(&portion).map_err(failed)?;
                }
                out.flush().map_err(failed)?;
            }
            Self::Verify { expect } => {
                let found = audit::verify(house, &viewer, expect.as_ref()).await?;
                for finding in &found.findings {
                    println!("{}", visible(finding));
                }
                if !found.findings.is_empty() {
                    eprintln!("The audit log is not what Aviary wrote.");
                    return Ok(ExitCode::FAILURE);
                }
                println!("good: {} entries, up to {}:{}", found.entries, found.seq, found.hash);
            }
            Self::Head => {
                let (seq, hash) = audit::head(house, &viewer).await?;
                println!("{seq}:{hash}");
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn list(house: &TheHouse, mut query: AuditQuery, limit: usize, json: bool) -> Result<(), Failure> {
    let mut left = limit;
    while left > 0 {
        query.limit = u32::try_from(left).unwrap_or(u32::MAX);
        let page = audit::list(house, &operator(), &query).await?;
        for entry in page.items.iter().take(left) {
            println!("{}", if json { export::json(entry)? } else { line(entry) });
        }
        left = left.saturating_sub(page.items.len());
        match page.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    Ok(())
}

fn line(entry: &AuditEntry) -> String {
    let (seq, at) = (entry.seq.to_string(), entry.at.rfc3339());
    let address = entry.address.as_deref().unwrap_or("-");
    [seq.as_str(), &at, &entry.actor, &entry.act, &entry.subject, &entry.detail, address].map(visible).join("\t")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_ago_is_read_as_people_write_it() {
        let now = Moment::parse("2026-11-21T12:00:00Z").unwrap();
        let read = |typed: &str| time(typed.to_owned(), now);
        assert_eq!((read("7d"), read("12h")), ("2026-11-14T12:00:00Z".into(), "2026-11-21T00:00:00Z".into()));
        for same in ["", "2026-11-01", "d", "soon", "é"] {
            assert_eq!(read(same), same);
        }
    }
}
