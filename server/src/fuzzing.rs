//! The parsers of bytes from outside, each as one function over bytes: for the fuzz targets in `fuzz/`, and for the test that
//! runs the same over their corpus. No part of what Aviary offers.
//!
//! Each does with the bytes what Aviary does before it believes any of them, and stops where something does not hold.

use crate::{
    alerts::channels::jira::hook,
    hits::record::{Record, misleads},
    intake::{self, queues::message, sns::envelope::Envelope},
    issuers::sandbox::{
        ask::Ask,
        sigv4::{canonical_request, claim_of, is_signed_with, string_to_sign},
    },
    store::cursor::Cursor,
    tokens::mint,
};
use app::model::secret::Secret;
use http::{HeaderMap, HeaderName, HeaderValue};
use std::net::{IpAddr, Ipv4Addr};

/// A parser, fed with bytes.
pub type Target = fn(&[u8]);

/// Every parser, by the name of its fuzz target and of its corpus.
pub const TARGETS: &[(&str, Target)] = &[
    ("cursor", cursor),
    ("idempotency", idempotency),
    ("intake", intake),
    ("jira", jira),
    ("queue", queue),
    ("record", record),
    ("sigv4", sigv4),
    ("sns", sns),
];

/// Feeds the parser of this name.
pub fn feed(name: &str, bytes: &[u8]) {
    if let Some((_, target)) = TARGETS.iter().find(|(known, _)| *known == name) {
        target(bytes);
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn is_harmless(record: &Record) {
    let shown = [
        &record.event_id,
        &record.event_name,
        &record.event_source,
        &record.aws_region,
        &record.account,
        &record.source_ip,
        &record.user_agent,
        record.error_code.as_ref().unwrap_or(&record.event_id),
    ];
    for field in shown {
        assert!(!field.contains(misleads), "a field of {record:?} misleads its reader");
        assert!(field.chars().count() <= 1_024, "a field of {record:?} is too long for its column");
    }
}

/// One CloudTrail record.
fn record(bytes: &[u8]) {
    if let Ok(read) = Record::parse(&text(bytes)) {
        is_harmless(&read);
    }
}

/// What is handed in: records in any wrapping, gzip or not.
fn intake(bytes: &[u8]) {
    if let Ok(batch) = intake::read::read(bytes) {
        batch.records.iter().for_each(is_harmless);
        for one in &batch.unreadable {
            assert!(!one.body.contains('\0'), "a database refuses this");
        }
    }
}

/// A message of a queue.
fn queue(bytes: &[u8]) {
    let _ = message::understand(&text(bytes));
    let _ = message::message(&text(bytes));
}

/// A message as SNS posts it.
fn sns(bytes: &[u8]) {
    if let Ok(envelope) = Envelope::read(bytes) {
        let _ = (envelope.region(), envelope.partition());
        let _ = message::message(&envelope.message);
    }
}

/// A request to the sandbox: a line with method, path and query, lines with headers, an empty line, a body.
fn sigv4(bytes: &[u8]) {
    let (head, body) = match memchr::memmem::find(bytes, b"\n\n").and_then(|at| bytes.split_at_checked(at)) {
        Some((head, rest)) => (head, rest.get(2..).unwrap_or_default()),
        None => (bytes, &[][..]),
    };
    let mut lines = head.split(|byte| *byte == b'\n');
    let first = text(lines.next().unwrap_or_default());
    let mut words = first.splitn(3, ' ').map(str::to_owned);
    let mut headers = HeaderMap::new();
    for line in lines {
        let Some(at) = memchr::memchr(b':', line) else { continue };
        let (name, value) = line.split_at(at);
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
            headers.append(name, value);
        }
    }
    let ask = Ask {
        method: words.next().unwrap_or_default(),
        path: words.next().unwrap_or_default(),
        query: words.next().unwrap_or_default(),
        headers,
        body: Some(body.to_vec()),
        peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
    };
    if let Ok(Some(claim)) = claim_of(&ask) {
        let signed = string_to_sign(&claim, &canonical_request(&ask, &claim));
        let secret = Secret::new("a secret that nobody has".to_owned());
        assert!(!is_signed_with(&secret, &claim, &signed), "a signature out of nothing: {claim:?}");
    }
}

/// A cursor in an address.
fn cursor(bytes: &[u8]) {
    if let Ok(read) = Cursor::decode(&text(bytes)) {
        assert!(!read.id.contains('\0'), "a database refuses this");
        assert_eq!(Cursor::decode(&read.encode()).ok(), Some(read));
    }
}

/// An `Idempotency-Key`.
fn idempotency(bytes: &[u8]) {
    let name = text(bytes);
    if mint::is_name(&name) {
        assert!(name.len() <= 255 && !name.contains(misleads), "this is no name: {name:?}");
    }
}

/// What Jira posts: a line with the signature, then the body.
fn jira(bytes: &[u8]) {
    let (header, body) = match memchr::memchr(b'\n', bytes).and_then(|at| bytes.split_at_checked(at)) {
        Some((header, body)) => (text(header), body.get(1..).unwrap_or_default()),
        None => (String::new(), bytes),
    };
    let _ = hook::read(body);
    let secret = Secret::new("a secret that nobody has".to_owned());
    assert!(!hook::is_signed(&secret, &header, body), "a signature out of nothing: {header:?}");
}
