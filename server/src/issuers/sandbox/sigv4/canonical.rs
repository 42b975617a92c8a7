//! The canonical request: the one text that both sides make of a request, however it was written down on its way.

use super::{
    super::ask::{Ask, pairs},
    Claim, is_s3,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest as _, Sha256};

/// What stays as it is: the unreserved characters of RFC 3986, section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The same, for a path: the slashes between its parts stay too.
const RESERVED_IN_PATH: &AsciiSet = &RESERVED.remove(b'/');

/// The canonical request of what was asked, as the claim says that it was signed.
pub fn canonical_request(ask: &Ask, claim: &Claim) -> String {
    let s3 = is_s3(&claim.scope.service);
    format!(
        "{}\n{}\n{}\n{}\n{}\n{}",
        ask.method,
        canonical_path(&ask.path, s3),
        canonical_query(&ask.query),
        canonical_headers(ask, &claim.signed_headers),
        claim.signed_headers.join(";"),
        payload_hash(ask, claim, s3),
    )
}

/// S3 encodes a path once and takes it as it is, since `a//b/../c` is a good name for an object. All others tidy the
/// path and encode what was sent once more.
fn canonical_path(path: &str, s3: bool) -> String {
    let path = if path.is_empty() { "/" } else { path };
    if s3 {
        let plain = percent_decode_str(path).collect::<Vec<u8>>();
        return percent_encoding::percent_encode(&plain, RESERVED_IN_PATH).to_string();
    }
    let mut kept: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            part => kept.push(part),
        }
    }
    let tail = if path.ends_with('/') && !kept.is_empty() { "/" } else { "" };
    let tidy = format!("/{}{tail}", kept.join("/"));
    utf8_percent_encode(&tidy, RESERVED_IN_PATH).to_string()
}

/// The parameters, each encoded anew, sorted by their encoded names and then values; the signature is not of them.
fn canonical_query(query: &str) -> String {
    let encode = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
    let mut encoded: Vec<(String, String)> = pairs(query)
        .filter(|(name, _)| name != "X-Amz-Signature")
        .map(|(name, value)| (encode(&name), encode(&value)))
        .collect();
    encoded.sort();
    encoded.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// A line for each signed header: its values in the order in which they came, without the spaces around them and
/// with one space for many inside.
fn canonical_headers(ask: &Ask, names: &[String]) -> String {
    let mut lines = String::new();
    for name in names {
        let values: Vec<String> = ask
            .headers
            .get_all(name.as_str())
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()).split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        lines.push_str(&format!("{name}:{}\n", values.join(",")));
    }
    lines
}

/// The hash of the body that was signed. A client may leave the body out of the signature or send it in signed chunks;
/// then a word stands in the hash's place. The sandbox keeps no body, so that it does not check the chunks.
fn payload_hash(ask: &Ask, claim: &Claim, s3: bool) -> String {
    let said = ask.header("x-amz-content-sha256");
    let is_word = said == "UNSIGNED-PAYLOAD" || said.starts_with("STREAMING-");
    // A body that was too long to be read cannot be hashed: then only the client's word for it can be checked.
    if is_word || (!said.is_empty() && (s3 || ask.body.is_none())) {
        return said.to_owned();
    }
    if s3 && claim.presigned {
        return "UNSIGNED-PAYLOAD".to_owned();
    }
    hex::encode(Sha256::digest(ask.body()))
}
