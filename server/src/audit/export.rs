//! Taking the log along: as JSON lines or as CSV, oldest first, a portion at a time, so that no log is too long for the
//! memory.

use super::{Subject, note_on, wanted};
use crate::{
    hits::record::{escaped, misleads},
    house::House,
    store::audit::{self, Wanted},
};
use app::model::{
    audit::{AuditEntry, AuditQuery},
    fault::Fault,
    viewer::{Act, Viewer},
};
use std::sync::Arc;

/// How many entries are read at a time.
const AT_ONCE: u32 = 500;

/// The columns of the CSV, in their order. `before` and `after` are JSON objects of the facts that changed.
pub const COLUMNS: [&str; 16] = [
    "seq",
    "time",
    "actor_kind",
    "actor_id",
    "actor",
    "act",
    "subject_kind",
    "subject_id",
    "subject",
    "detail",
    "before",
    "after",
    "address",
    "request_id",
    "user_agent",
    "hash",
];

/// The form of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object per line, as the API has it.
    Jsonl,
    /// Comma-separated values (RFC 4180) with a line of headings, that no spreadsheet takes for formulas.
    Csv,
}

impl Format {
    /// The word for it, which ends the file's name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jsonl => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8; header=present",
        }
    }
}

/// An export on its way.
pub struct Export {
    house: Arc<House>,
    wanted: Wanted,
    format: Format,
    after: i64,
    up_to: i64,
    begun: bool,
}

impl Export {
    /// Begins an export, and notes that: it holds that entry as its last one, where the query wants it.
    ///
    /// # Errors
    /// `Forbidden` for those who may not read the log; `Invalid` for `from` or `to`.
    pub async fn begin(house: &Arc<House>, viewer: &Viewer, query: &AuditQuery, format: Format) -> Result<Self, Fault> {
        viewer.must(Act::ReadAudit)?;
        let wanted = wanted(query)?;
        let mut tx = house.store.begin().await?;
        let detail = described(query, format);
        let subject = Subject::new("audit", "", "Audit log");
        note_on(house, &mut tx, viewer, ("audit.export", detail.as_str()), subject).await?;
        tx.commit().await?;
        let up_to = audit::head(&mut *house.store.read().await?).await?.seq;
        Ok(Self { house: Arc::clone(house), wanted, format, after: 0, up_to, begun: false })
    }

    /// The next portion; `None` after the last one.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn portion(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        let mut session = self.house.store.read().await?;
        let place = (self.after, self.up_to);
        let entries = audit::between(&mut session, &self.wanted, place, AT_ONCE).await?;
        drop(session);
        let first = !std::mem::replace(&mut self.begun, true);
        match entries.last() {
            Some(last) => self.after = last.seq,
            // The headings stand there in any case.
            None if first && self.format == Format::Csv => {}
            None => return Ok(None),
        }
        match self.format {
            Format::Jsonl => jsonl(&entries).map(Some),
            Format::Csv => csv(&entries, first).map(Some),
        }
    }
}

/// `as csv, only act token.*, from 2027-03-01`
fn described(query: &AuditQuery, format: Format) -> String {
    let parts = [
        ("act", &query.act),
        ("who", &query.who),
        ("subject", &query.subject),
        ("address", &query.address),
        ("from", &query.from),
        ("to", &query.to),
    ];
    let parts = parts.into_iter().filter(|(_, value)| !value.trim().is_empty());
    let parts: String = parts.map(|(name, value)| format!(", {name} {}", value.trim())).collect();
    format!("as {}{parts}", format.word()).chars().take(500).collect()
}

fn jsonl(entries: &[AuditEntry]) -> Result<Vec<u8>, Fault> {
    let mut out = String::new();
    for entry in entries {
        out.push_str(&json(entry)?);
        out.push('\n');
    }
    Ok(out.into_bytes())
}

/// An entry as one line of JSON in which nothing is left that a terminal would obey.
///
/// # Errors
/// `Internal`, where it cannot be written as JSON.
pub fn json(entry: &AuditEntry) -> Result<String, Fault> {
    let text = serde_json::to_string(entry).map_err(|error| {
        tracing::error!(%error, "an entry of the audit log cannot be written as JSON");
        Fault::internal()
    })?;
    Ok(escaped(&text))
}

fn csv(entries: &[AuditEntry], headings: bool) -> Result<Vec<u8>, Fault> {
    let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let failed = |error: csv::Error| {
        tracing::error!(%error, "entries of the audit log cannot be written as CSV");
        Fault::internal()
    };
    if headings {
        out.write_record(COLUMNS).map_err(failed)?;
    }
    for entry in entries {
        let facts = |facts: &Option<_>| {
            let text =
                facts.as_ref().map(serde_json::to_string::<std::collections::BTreeMap<String, serde_json::Value>>);
            text.transpose().map(Option::unwrap_or_default).map_err(|_| Fault::internal())
        };
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let record: [String; 16] = [
            entry.seq.to_string(),
            entry.at.rfc3339(),
            entry.actor_kind.clone(),
            entry.actor_id.clone(),
            entry.actor.clone(),
            entry.act.clone(),
            entry.subject_kind.clone(),
            entry.subject_id.clone(),
            entry.subject.clone(),
            entry.detail.clone(),
            facts(&entry.before)?,
            facts(&entry.after)?,
            text(&entry.address),
            text(&entry.request_id),
            text(&entry.agent),
            entry.hash.clone(),
        ];
        out.write_record(record.map(|cell| safe(&cell))).map_err(failed)?;
    }
    out.into_inner().map_err(|_| Fault::internal())
}

/// A cell that no spreadsheet takes for a formula: one that begins like a formula gets an apostrophe before it (OWASP, CSV
/// Injection). Each record is one line.
fn safe(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = visible(cell);
    if formula { format!("'{text}") } else { text }
}

/// A text in which everything that a terminal would obey, or that turns the direction of writing, is written out.
pub fn visible(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut seen, c| {
        match c {
            '\n' => seen.push_str("\\n"),
            '\r' => seen.push_str("\\r"),
            '\t' => seen.push_str("\\t"),
            c if misleads(c) => seen.extend(c.escape_unicode()),
            c => seen.push(c),
        }
        seen
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(subject: &str) -> AuditEntry {
        AuditEntry { seq: 1, subject: subject.into(), ..AuditEntry::default() }
    }

    #[test]
    fn no_cell_is_a_formula_and_no_record_is_two_lines() {
        for (typed, kept) in [
            ("=HYPERLINK(\"x\")", "'=HYPERLINK(\"x\")"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(1)", "'@SUM(1)"),
            ("\t=1", "'\\t=1"),
            ("\r=1", "'\\r=1"),
            ("laptop = mine", "laptop = mine"),
            ("two\nlines", "two\\nlines"),
            ("\u{1b}[2J\u{202e}", "\\u{1b}[2J\\u{202e}"),
        ] {
            assert_eq!(safe(typed), kept);
        }
    }

    #[test]
    fn the_csv_has_its_headings_once_and_is_quoted_as_the_rfc_says() {
        let first = String::from_utf8(csv(&[entry("a \"b\", c")], true).unwrap()).unwrap();
        let lines: Vec<_> = first.split("\r\n").collect();
        assert_eq!((lines.len(), lines[0]), (3, COLUMNS.join(",").as_str()));
        assert!(lines[1].contains(",\"a \"\"b\"\", c\","), "{first}");
        let next = String::from_utf8(csv(&[entry("x")], false).unwrap()).unwrap();
        assert_eq!(next.matches("\r\n").count(), 1);
    }

    #[test]
    fn a_line_of_json_reads_back_and_holds_nothing_that_a_terminal_obeys() {
        let odd = entry("a\u{9b}2J\u{1b}\u{2028}\u{202e}é\"\\");
        let line = json(&odd).unwrap();
        assert!(line.chars().all(|c| !misleads(c)), "{line}");
        assert_eq!(serde_json::from_str::<AuditEntry>(&line).unwrap(), odd);
    }
}
