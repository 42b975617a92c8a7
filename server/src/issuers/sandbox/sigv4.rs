//! AWS's Signature Version 4, the server's side: was this request signed with that secret?
//!
//! Source: AWS, "Signature Version 4 signing process" (canonical request, string to sign, signing key), and for S3's
//! deviations "Authenticating Requests (AWS Signature Version 4)" in the S3 API reference.

mod canonical;
mod claim;
#[cfg(test)]
mod tests;

pub use canonical::canonical_request;
pub use claim::{Claim, Malformed, Scope, claim_of};

use app::model::{moment::Moment, secret::Secret};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// The one algorithm that the sandbox knows.
pub const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Whether a service belongs to the S3 family, which encodes a path once where all others encode it twice.
pub fn is_s3(service: &str) -> bool {
    matches!(service, "s3" | "s3express" | "s3-object-lambda" | "s3-outposts")
}

/// The text that is signed.
pub fn string_to_sign(claim: &Claim, canonical_request: &str) -> String {
    let digest = hex::encode(Sha256::digest(canonical_request.as_bytes()));
    format!("{ALGORITHM}\n{}\n{}\n{digest}", claim.stamp, claim.scope)
}

/// Whether the claim's signature is the one that this secret makes of this text. Takes the same time for every
/// signature of the right length.
pub fn is_signed_with(secret: &Secret, claim: &Claim, string_to_sign: &str) -> bool {
    let scope = &claim.scope;
    let start = Zeroizing::new(format!("AWS4{}", secret.expose()).into_bytes());
    let key = [&scope.date, &scope.region, &scope.service, "aws4_request"]
        .into_iter()
        .fold(start, |key, part| Zeroizing::new(mac(&key, part.as_bytes())));
    let expected = hex::encode(mac(&key, string_to_sign.as_bytes()));
    expected.as_bytes().ct_eq(claim.signature.as_bytes()).into()
}

/// HMAC-SHA256 (RFC 2104).
fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    // A key of any length is a key for HMAC, so the other arm is never taken; an empty tag matches no signature.
    Hmac::<Sha256>::new_from_slice(key)
        .map(|mac| mac.chain_update(text).finalize().into_bytes().to_vec())
        .unwrap_or_default()
}

/// A time in ISO 8601's basic form, as signatures carry it: `20261121T140309Z`.
pub fn basic(time: Moment) -> String {
    let whole = Moment(time.0 - time.0.rem_euclid(1_000));
    whole.rfc3339().replace(['-', ':'], "")
}

/// Reads [`basic`] back.
fn parse_basic(text: &str) -> Option<Moment> {
    let (date, clock) = text.strip_suffix('Z')?.split_once('T')?;
    if date.len() != 8 || clock.len() != 6 {
        return None;
    }
    let (year, rest) = date.split_at_checked(4)?;
    let (month, day) = rest.split_at_checked(2)?;
    let (hour, rest) = clock.split_at_checked(2)?;
    let (minute, second) = rest.split_at_checked(2)?;
    Moment::parse(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"))
}
