//! Bytes → records.
//!
//! Read are: a bare record, a log file (`{"Records": […]}`), an EventBridge event that carries a record as its `detail`,
//! an array of any of these, or several of these one after the other (JSON Lines). Gzip is inflated first.

use super::inflate::{InflateError, Inflater, is_gzip};
use crate::hits::record::{Record, sort_of};
use app::model::fault::{Fault, FaultKind};
use serde::{
    Deserialize,
    de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Value, value::RawValue};
use std::fmt;

/// How large a gzip body may become, in bytes.
pub const INFLATED: usize = 64 << 20;
/// How much of an unreadable record is kept, in bytes.
pub const KEPT: usize = 64 << 10;
/// The largest record. CloudTrail's own limit is 256 KiB, lately 1 MiB.
const LARGEST: usize = 4 << 20;
/// How deep files, arrays and events may lie inside each other.
const NESTED: u32 = 3;

/// What was expected of a body, for people.
const EXPECTED: &str = "a CloudTrail record, {\"Records\": […]}, an EventBridge event, or an array of these";

/// A record that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Why, for people.
    pub reason: String,
    /// Its first part, without control characters that a database refuses.
    pub body: String,
}

/// What was in a body.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// The records, in order.
    pub records: Vec<Record>,
    /// How many entries say nothing about a call, and are meant to: insights and digests.
    pub skipped: usize,
    /// Entries that should have been records and were not.
    pub unreadable: Vec<Unreadable>,
}

/// Reads a body.
///
/// # Errors
/// `Malformed` where it is no JSON: it says where, and what was expected.
pub fn read(body: &[u8]) -> Result<Batch, Fault> {
    let mut inflater;
    let text = if is_gzip(body) {
        inflater = Inflater::new(INFLATED);
        inflater.inflate(body).map_err(|error| {
            let what = match error {
                InflateError::Damaged => "expected a whole gzip file",
                InflateError::TooLarge(_) => "send it in smaller parts",
            };
            Fault::new(FaultKind::Malformed, format!("The body cannot be inflated: {error}; {what}."))
        })?
    } else {
        body
    };
    let mut batch = Batch::default();
    pieces(text, &mut |piece| {
        batch.add(piece);
        true
    })
    .map_err(|error| Fault::new(FaultKind::Malformed, format!("The body is no JSON: {error}. Expected {EXPECTED}.")))?;
    Ok(batch)
}

impl Batch {
    /// Adds what is in a piece: a record, an event with one, or a file or an array of them.
    pub fn add(&mut self, piece: &RawValue) {
        self.add_nested(piece, NESTED);
    }

    fn add_nested(&mut self, piece: &RawValue, nested: u32) {
        if let Err(reason) = self.try_add(piece, nested) {
            let kept = piece.get().get(..floor(piece.get(), KEPT)).unwrap_or_default();
            // JSON escapes all control characters in texts, and DEL is no danger to a database.
            self.unreadable.push(Unreadable { reason, body: kept.to_owned() });
        }
    }

    fn try_add(&mut self, piece: &RawValue, nested: u32) -> Result<(), String> {
        let text = piece.get();
        if text.starts_with('[') && nested > 0 {
            let items: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| error.to_string())?;
            items.into_iter().for_each(|item| self.add_nested(item, nested - 1));
            return Ok(());
        }
        if text.len() > LARGEST && !text.starts_with('{') {
            return Err(format!("it has {} bytes, expected at most {LARGEST}", text.len()));
        }
        let value: Value = serde_json::from_str(text).map_err(|error| format!("it cannot be read: {error}"))?;
        let Some(fields) = value.as_object() else {
            return Err(format!("expected a CloudTrail record, found {}", sort_of(&value)));
        };
        if nested > 0 && fields.contains_key("Records") && !fields.contains_key("eventName") {
            let file: File = serde_json::from_str(text).map_err(|_| "Records is not an array".to_owned())?;
            file.records.into_iter().for_each(|item| self.add_nested(item, nested - 1));
            return Ok(());
        }
        if nested > 0 && fields.contains_key("detail-type") && fields.contains_key("detail") {
            let event: Event =
                serde_json::from_str(text).map_err(|error| format!("the event cannot be read: {error}"))?;
            let sort = value.get("detail-type").and_then(Value::as_str).unwrap_or("of no sort");
            self.try_add(event.detail, 0).map_err(|reason| format!("the detail of the event ({sort}): {reason}"))?;
            return Ok(());
        }
        if is_no_call(&value) {
            self.skipped += 1;
            return Ok(());
        }
        if text.len() > LARGEST {
            return Err(format!("it has {} bytes, expected at most {LARGEST}", text.len()));
        }
        self.records.push(Record::of(text, &value)?);
        Ok(())
    }
}

/// Whether an object is something that CloudTrail writes beside its records: an insight (unusual rates of calls), or a
/// digest (hashes of log files).
fn is_no_call(value: &Value) -> bool {
    let insight = value.get("eventType").and_then(Value::as_str) == Some("AwsCloudTrailInsight");
    insight || (value.get("digestStartTime").is_some() && value.get("logFiles").is_some())
}

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow, rename = "Records")]
    records: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow)]
    detail: &'a RawValue,
}

/// A text is no JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} at line {line}, column {column} (byte {byte})")]
pub struct NotJson {
    /// What is wrong there.
    pub what: String,
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in bytes.
    pub column: usize,
    /// Counted from 0.
    pub byte: usize,
}

/// Splits a text into its pieces: the entries of a log file or of an array, or the values that stand one after the
/// other. Nothing is copied. `each` says whether to go on; what follows after it said no is not looked at. Pieces before
/// a place that cannot be read have been handed on when the error comes.
///
/// # Errors
/// Where the text is no JSON.
pub fn pieces<'a>(text: &'a [u8], each: &mut dyn FnMut(&'a RawValue) -> bool) -> Result<(), NotJson> {
    // Some editors and scripts begin a file with a byte order mark.
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut reader = serde_json::Deserializer::from_slice(text);
    let (mut found, mut stopped) = (false, false);
    let mut each = |piece| {
        found = true;
        stopped = !each(piece);
        !stopped
    };
    let done = if begins_as_file(text) {
        reader.deserialize_map(FileOf(&mut each))
    } else if text.trim_ascii_start().starts_with(b"[") {
        reader.deserialize_seq(EntriesOf(&mut each))
    } else {
        Ok(())
    };
    let done = done.and_then(|()| {
        for piece in reader.into_iter::<&'a RawValue>() {
            if !each(piece?) {
                break;
            }
        }
        Ok(())
    });
    match done {
        _ if stopped => Ok(()),
        Ok(()) if found || !text.trim_ascii().is_empty() => Ok(()),
        Ok(()) => Err(NotJson { what: "it is empty".into(), line: 1, column: 1, byte: 0 }),
        Err(error) => Err(place(text, &error)),
    }
}

/// Whether a text is whole, as far as its ends tell: a file that is something else, or cut off, ends otherwise than it
/// began. So a file that was searched in vain need not be parsed to know that it was one.
pub fn is_whole(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii();
    let ends = match text.strip_suffix(b"}").map(<[u8]>::trim_ascii_end) {
        Some(inner) if begins_as_file(text) => inner.ends_with(b"]"),
        Some(_) => matches!(text.first(), Some(b'{' | b'[')),
        None => text.starts_with(b"[") && text.ends_with(b"]"),
    };
    // In doubt (another field after the records, say), parse it.
    ends || pieces(text, &mut |_| true).is_ok()
}

/// Whether it begins as CloudTrail's log files do. Then its entries are split off in one pass over the text.
pub(crate) fn begins_as_file(text: &[u8]) -> bool {
    let after = |text: &'static [u8], rest: &mut &[u8]| {
        *rest = rest.trim_ascii_start();
        rest.strip_prefix(text).map(|left| *rest = left).is_some()
    };
    let mut rest = text;
    after(b"{", &mut rest) && after(b"\"Records\"", &mut rest) && after(b":", &mut rest) && after(b"[", &mut rest)
}

fn place(text: &[u8], error: &serde_json::Error) -> NotJson {
    let before: usize =
        text.split_inclusive(|byte| *byte == b'\n').take(error.line().saturating_sub(1)).map(<[u8]>::len).sum();
    let whole = error.to_string();
    // The place is said in our own words.
    let what = whole.split(" at line ").next().unwrap_or(&whole).to_owned();
    let byte = (before + error.column().saturating_sub(1)).min(text.len());
    NotJson { what, line: error.line().max(1), column: error.column().max(1), byte }
}

/// The largest place up to `most` at which a text can be cut.
fn floor(text: &str, most: usize) -> usize {
    (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

struct FileOf<'f, 'a>(&'f mut dyn FnMut(&'a RawValue) -> bool);

impl<'a> Visitor<'a> for FileOf<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a log file")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut fields: A) -> Result<(), A::Error> {
        // The first field is known to be Records, an array.
        if fields.next_key::<IgnoredAny>()?.is_some() {
            fields.next_value_seed(EntriesOf(self.0))?;
        }
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

struct EntriesOf<'f, 'a>(&'f mut dyn FnMut(&'a RawValue) -> bool);

impl<'a> DeserializeSeed<'a> for EntriesOf<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'a> Visitor<'a> for EntriesOf<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some(entry) = entries.next_element::<&'a RawValue>()? {
            if !(self.0)(entry) {
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = r#"{"eventName":"A","eventID":"a"}"#;
    const B: &str = r#"{"eventID": "b", "eventName": "B"}"#;

    fn names(body: &str) -> Vec<String> {
        let batch = read(body.as_bytes()).unwrap();
        assert_eq!(batch.unreadable, []);
        batch.records.into_iter().map(|record| record.event_name).collect()
    }

    #[test]
    fn every_wrapping_is_taken_off() {
        let event = |detail: &str| {
            format!(r#"{{"detail-type":"AWS API Call via CloudTrail","source":"aws.sts","detail":{detail}}}"#)
        };
        for (body, expected) in [
            (A.to_owned(), &["A"][..]),
            (format!("\u{feff}  {A}\n"), &["A"]),
            (format!(r#"{{"Records":[{A},{B}]}}"#), &["A", "B"]),
            (format!(r#"{{ "x": 1, "Records" : [ {A} ] }}"#), &["A"]),
            (r#"{"Records":[]}"#.to_owned(), &[]),
            ("[]".to_owned(), &[]),
            (event(A), &["A"]),
            (format!("[{A},{},{{\"Records\":[{B}]}}]", event(B)), &["A", "B", "B"]),
            (format!("{A}\n{B}\n"), &["A", "B"]),
            (format!("{{\"Records\":[{A}]}}\n{{\"Records\":[{B}]}}"), &["A", "B"]),
        ] {
            assert_eq!(names(&body), expected, "{body}");
        }
    }

    #[test]
    fn a_record_is_kept_as_it_was_received() {
        let batch = read(format!("[ {B} ]").as_bytes()).unwrap();
        assert_eq!(batch.records[0].text, B);
    }

    #[test]
    fn one_bad_record_does_not_lose_the_others() {
        let deep = format!(r#"{{"eventName":{}{}}}"#, "[".repeat(400), "]".repeat(400));
        let batch = read(format!(r#"{{"Records":[{A},7,"text",null,{{}},{deep},{B}]}}"#).as_bytes()).unwrap();
        assert_eq!(batch.records.len(), 2);
        let reasons: Vec<_> = batch.unreadable.iter().map(|one| one.reason.as_str()).collect();
        assert_eq!(
            reasons[..3],
            [
                "expected a CloudTrail record, found a number",
                "expected a CloudTrail record, found a text",
                "expected a CloudTrail record, found null",
            ]
        );
        assert!(reasons[3].contains("none of the fields") && reasons[4].contains("recursion limit"), "{reasons:?}");
        assert_eq!(batch.unreadable[0].body, "7");
    }

    #[test]
    fn what_cloudtrail_writes_beside_its_records_is_skipped() {
        let insight = r#"{"eventID":"i","eventType":"AwsCloudTrailInsight","insightDetails":{}}"#;
        let digest = r#"{"awsAccountId":"1","digestStartTime":"2015-08-17T14:01:31Z","logFiles":[]}"#;
        let batch = read(format!("[{insight},{digest}]").as_bytes()).unwrap();
        assert_eq!((batch.skipped, batch.records.len(), batch.unreadable.len()), (2, 0, 0));
    }

    #[test]
    fn other_events_of_eventbridge_are_said_to_be_no_records() {
        let body = r#"{"detail-type":"EC2 Instance State-change Notification","detail":{"state":"running"}}"#;
        let batch = read(body.as_bytes()).unwrap();
        assert!(batch.unreadable[0].reason.contains("EC2 Instance State-change Notification"));
    }

    #[test]
    fn what_is_no_json_is_refused_with_the_place() {
        let place = |body: &str| pieces(body.as_bytes(), &mut |_| true).unwrap_err();
        assert_eq!(place("").what, "it is empty");
        assert_eq!((place("hello").line, place("hello").column, place("hello").byte), (1, 1, 0));
        let wrong = place("{\"Records\":[\n{\"a\":1},\n{\"b\" 2}]}");
        assert_eq!((wrong.line, wrong.column, wrong.byte), (3, 6, 27));
        assert!(place("{\"Records\":[{\"a\":1}").what.starts_with("EOF"));
        let fault = read(b"{\"a\":1} x").unwrap_err();
        assert_eq!(fault.status(), 400);
        assert!(fault.message.contains("line 1, column 9 (byte 8)"), "{}", fault.message);
        assert!(read(b"\xff\xfe{}").unwrap_err().message.contains("byte 0"));
    }

    #[test]
    fn a_large_record_is_no_error() {
        let body = format!(r#"{{"eventName":"A","requestParameters":{{"x":"{}"}}}}"#, "y".repeat(300 << 10));
        assert_eq!(names(&body), ["A"]);
    }

    #[test]
    fn only_the_first_part_of_an_unreadable_record_is_kept() {
        let batch = read(format!("\"{}\"", "é".repeat(KEPT)).as_bytes()).unwrap();
        assert_eq!(batch.unreadable[0].body.len(), KEPT - 1);
    }
}
