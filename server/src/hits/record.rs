//! A tolerant view of one CloudTrail record. Every field may be absent or of another type than AWS documents: that is
//! never an error, because a record that is thrown away is a hit that nobody sees.
//!
//! The fields: AWS, "CloudTrail record contents" and "CloudTrail userIdentity element".

use super::{
    canonical::content_id,
    names::{Actor, Target},
};
use app::model::moment::Moment;
use serde_json::Value;

/// Limits of the columns, in characters. The record itself is kept whole.
const WORD: usize = 256;
const AGENT: usize = 1_024;

/// What a record says, as far as Aviary asks.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The record's text as it was received.
    pub text: String,
    /// CloudTrail's `eventID`, or `sha256:…` of the content where there is none.
    pub event_id: String,
    /// When the call was made; absent where the record does not say so in a form that can be read.
    pub event_time: Option<Moment>,
    /// `GetCallerIdentity`; empty where absent, as are all texts below.
    pub event_name: String,
    /// `sts.amazonaws.com`
    pub event_source: String,
    /// `us-east-1`
    pub aws_region: String,
    /// The account in whose trail it stands: twelve digits.
    pub account: String,
    /// An address, or the name of an AWS service.
    pub source_ip: String,
    /// What the caller said it is.
    pub user_agent: String,
    /// `AccessDenied`; absent where the call succeeded.
    pub error_code: Option<String>,
    /// Who acted.
    pub actor: Actor,
    /// Which user or key the call was about, if it changes one.
    pub target: Option<Target>,
}

/// Fields of which a CloudTrail record has at least one.
const MARKS: [&str; 5] = ["eventName", "eventSource", "eventID", "eventTime", "userIdentity"];

impl Record {
    /// Reads a record.
    ///
    /// # Errors
    /// In words, where the text is no JSON object or has nothing of a CloudTrail record in it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let value = serde_json::from_str(text).map_err(|error| format!("it cannot be read: {error}"))?;
        Self::of(text, &value)
    }

    /// Reads a record that is JSON already; `text` is how it was received.
    ///
    /// # Errors
    /// As [`Record::parse`].
    pub fn of(text: &str, value: &Value) -> Result<Self, String> {
        let Value::Object(fields) = value else {
            return Err(format!("expected an object, found {}", sort_of(value)));
        };
        if !MARKS.iter().any(|mark| fields.contains_key(*mark)) {
            return Err("it has none of the fields of a CloudTrail record, such as eventName or userIdentity".into());
        }
        let event_id = word(value, "eventID");
        let target = Target::of(value);
        Ok(Self {
            text: text.to_owned(),
            // An identifier that is empty, or longer than any of AWS's, would make a poor name: take the content's.
            event_id: if event_id.is_empty() || event_id.len() > 128 { content_id(value) } else { event_id },
            event_time: value.get("eventTime").and_then(Value::as_str).and_then(Moment::parse),
            event_name: word(value, "eventName"),
            event_source: word(value, "eventSource"),
            aws_region: word(value, "awsRegion"),
            account: word(value, "recipientAccountId"),
            source_ip: word(value, "sourceIPAddress"),
            user_agent: clean(plain(value, "userAgent"), AGENT),
            error_code: Some(word(value, "errorCode")).filter(|code| !code.is_empty()),
            actor: Actor::of(value),
            target,
        })
    }
}

/// The text of a field; empty where it is absent or no text.
pub(super) fn plain<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn word(value: &Value, field: &str) -> String {
    clean(plain(value, field), WORD)
}

/// Text from outside, made fit for a column and a line: control characters and those that turn the direction of
/// writing become U+FFFD, and what is too long is cut.
pub fn clean(text: &str, most: usize) -> String {
    let mut out: String = text.chars().take(most).map(|c| if misleads(c) { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(most).is_some() {
        out.pop();
        out.push('…');
    }
    out
}

/// Whether a character can change what its surroundings look like on a terminal or a page.
pub fn misleads(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// JSON of which a terminal obeys nothing: what JSON itself leaves as it is, such as the second set of control characters,
/// is escaped as JSON escapes the first. It stands within texts only, so it means the same.
pub fn escaped(json: &str) -> String {
    json.chars().fold(String::with_capacity(json.len()), |mut line, c| {
        if misleads(c) {
            line.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            line.push(c);
        }
        line
    })
}

/// What sort of value it is, for people.
pub fn sort_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Record {
        Record::parse(text).unwrap()
    }

    #[test]
    fn fields_of_another_type_count_as_absent() {
        let record = read(
            r#"{"eventName":["a"],"eventSource":7,"eventID":{},"eventTime":true,"awsRegion":null,"sourceIPAddress":[],
                "userAgent":1.5,"errorCode":0,"userIdentity":"root","requestParameters":"truncated","eventVersion":null}"#,
        );
        assert_eq!((record.event_name.as_str(), record.source_ip.as_str(), record.user_agent.as_str()), ("", "", ""));
        assert_eq!((record.event_time, record.error_code), (None, None));
        assert!(record.event_id.starts_with("sha256:"));
    }

    #[test]
    fn a_record_without_an_event_id_gets_one_from_its_content() {
        let one = read(r#"{"eventName":"Encrypt","eventSource":"kms.amazonaws.com"}"#);
        let same = read(r#"{ "eventSource": "kms.amazonaws.com", "eventName": "Encrypt" }"#);
        let other = read(r#"{"eventName":"Decrypt","eventSource":"kms.amazonaws.com"}"#);
        assert_eq!(one.event_id, same.event_id);
        assert_ne!(one.event_id, other.event_id);
    }

    #[test]
    fn a_time_without_a_zone_is_utc() {
        let with = read(r#"{"eventTime":"2023-07-10T11:54:33Z"}"#);
        assert_eq!(read(r#"{"eventTime":"2023-07-10T11:54:33"}"#).event_time, with.event_time);
        assert_eq!(read(r#"{"eventTime":"The time, in ISO-8601 format"}"#).event_time, None);
    }

    #[test]
    fn text_that_could_fool_a_reader_is_made_harmless_and_bounded() {
        let record = read(r#"{"userAgent":"aws\u001b[2J\u0000\u202e","eventName":"A\nB"}"#);
        assert_eq!(record.user_agent, "aws\u{fffd}[2J\u{fffd}\u{fffd}");
        assert_eq!(record.event_name, "A\u{fffd}B");
        let long = read(&format!(r#"{{"eventName":"A","userAgent":"{}"}}"#, "é".repeat(5000)));
        assert_eq!(long.user_agent.chars().count(), AGENT);
        assert!(long.user_agent.ends_with('…'));
        assert_eq!(clean("exact", 5), "exact");
    }

    #[test]
    fn what_is_no_record_is_refused_with_the_reason() {
        assert_eq!(Record::parse("[]").unwrap_err(), "expected an object, found an array");
        assert!(Record::parse("{}").unwrap_err().contains("none of the fields"));
        let deep = format!(r#"{{"eventName":{}1{}}}"#, "[".repeat(500), "]".repeat(500));
        assert!(Record::parse(&deep).unwrap_err().contains("recursion limit"));
    }
}
