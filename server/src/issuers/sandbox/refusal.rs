//! Why the sandbox refuses, in each service's own codes and words.
//!
//! Sources: "Common errors" of the IAM, EC2 and DynamoDB API references, "Error responses" of S3's, "Troubleshoot
//! access denied error messages" of the IAM guide.

use super::call::{Call, Protocol};
use super::sigv4::{Claim, basic};
use app::model::moment::Moment;

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is not signed.
    Unsigned,
    /// It is signed in a way that cannot be read.
    Malformed(String),
    /// There is no such key, or it is switched off; AWS does not say which.
    UnknownKey(String),
    /// The signature is not the key's. S3 shows what it signed, to compare.
    WrongSignature {
        /// The key.
        access_key_id: String,
        /// What the client sent.
        signature: String,
        /// What the sandbox signed.
        string_to_sign: String,
        /// And the request in it.
        canonical_request: String,
    },
    /// The client's clock is too far off.
    Skewed(Skew),
    /// The body is not the one that was signed.
    WrongDigest,
    /// The body is longer than the sandbox reads.
    TooLarge,
    /// The key's user may not do this; it may do nothing.
    Denied {
        /// The user.
        arn: String,
        /// Words for the resource, if this service names it.
        resource: Option<String>,
    },
    /// Our fault.
    Broken,
}

/// How a signature's time and the server's are apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skew {
    /// The signature's time, as the client wrote it.
    pub stamp: String,
    /// The server's time.
    pub now: Moment,
    /// How far apart they may be, in milliseconds.
    pub allowed: i64,
    /// Whether the signature's time is yet to come.
    pub early: bool,
    /// For how many seconds a presigned address was good, if its time is over.
    pub lapsed: Option<i64>,
}

/// A refusal in a service's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The HTTP status.
    pub status: u16,
    /// The error's code.
    pub code: &'static str,
    /// The error's message.
    pub message: String,
    /// What S3 tells beside it.
    pub beside: Vec<(&'static str, String)>,
}

/// Minutes by which clocks may differ: fifteen for S3 and EC2, five for the others.
fn minutes_allowed(protocol: Protocol) -> i64 {
    if matches!(protocol, Protocol::S3 | Protocol::Ec2) { 15 } else { 5 }
}

/// Whether the claim was signed too long ago, or too far ahead.
///
/// # Errors
/// How far they are apart.
pub fn check_clock(protocol: Protocol, claim: &Claim, now: Moment) -> Result<(), Skew> {
    let allowed = minutes_allowed(protocol) * app::model::moment::MINUTE;
    let age = now.since(claim.signed_at);
    let skew = Skew { stamp: claim.stamp.clone(), now, allowed, early: age < 0, lapsed: None };
    if age < -allowed {
        return Err(skew);
    }
    match claim.expires {
        // A presigned address says itself how long it is good.
        Some(seconds) if age > seconds.saturating_mul(1_000) => Err(Skew { lapsed: Some(seconds), ..skew }),
        None if age > allowed => Err(skew),
        _ => Ok(()),
    }
}

impl Refusal {
    /// In the words of the service that was called.
    pub fn words(&self, call: &Call) -> Words {
        let plain =
            |status, code, message: &str| Words { status, code, message: message.to_owned(), beside: Vec::new() };
        match (self, call.protocol) {
            (Self::Broken, Protocol::S3) => {
                plain(500, "InternalError", "We encountered an internal error. Please try again.")
            }
            (Self::Broken, _) => {
                plain(500, "InternalFailure", "The request processing has failed because of an unknown error.")
            }
            (Self::Denied { arn, resource }, _) => denied(call, arn, resource.as_deref()),
            (_, Protocol::S3) => self.of_s3(),
            (_, Protocol::Ec2) => self.of_ec2(),
            (_, Protocol::Query | Protocol::RestXml) => self.of_query(),
            (_, Protocol::Json(_) | Protocol::Cbor) => self.of_json(400),
            (_, Protocol::RestJson) => self.of_json(403),
        }
    }

    /// The error code in the record; `None` where no record is kept.
    pub fn code_in_record(&self, call: &Call) -> Option<&'static str> {
        match (self, call.protocol) {
            (Self::Denied { .. }, Protocol::Ec2) => Some("Client.UnauthorizedOperation"),
            // CloudTrail has one code for a refusal by policy, whatever the service calls it in its answer.
            (Self::Denied { .. }, _) => Some("AccessDenied"),
            _ => None,
        }
    }

    fn of_query(&self) -> Words {
        let (status, code, message) = match self {
            Self::Unsigned => (403, "MissingAuthenticationToken", "Request is missing Authentication Token".to_owned()),
            Self::Malformed(message) => (400, "IncompleteSignature", message.clone()),
            Self::UnknownKey(_) => (403, "InvalidClientTokenId", TOKEN_INVALID.to_owned()),
            Self::Skewed(skew) => (403, "SignatureDoesNotMatch", skew.sentence()),
            Self::TooLarge => (413, "RequestEntityTooLarge", "Request entity is too large".to_owned()),
            _ => (403, "SignatureDoesNotMatch", NO_MATCH.to_owned()),
        };
        Words { status, code, message, beside: Vec::new() }
    }

    fn of_json(&self, status: u16) -> Words {
        let (status, code, message) = match self {
            Self::Unsigned => {
                (status, "MissingAuthenticationTokenException", "Missing Authentication Token".to_owned())
            }
            Self::Malformed(message) => (status, "IncompleteSignatureException", message.clone()),
            Self::UnknownKey(_) => (status, "UnrecognizedClientException", TOKEN_INVALID.to_owned()),
            Self::Skewed(skew) => (status, "InvalidSignatureException", skew.sentence()),
            Self::TooLarge => (413, "RequestEntityTooLargeException", "Request entity is too large".to_owned()),
            _ => (status, "InvalidSignatureException", NO_MATCH.to_owned()),
        };
        Words { status, code, message, beside: Vec::new() }
    }

    fn of_ec2(&self) -> Words {
        let (status, code, message) = match self {
            Self::Unsigned => (403, "MissingAuthenticationToken", "Request is missing Authentication Token".to_owned()),
            Self::Malformed(message) => (400, "IncompleteSignature", message.clone()),
            Self::Skewed(_) => (400, "RequestExpired", "Request has expired.".to_owned()),
            Self::TooLarge => (413, "RequestEntityTooLarge", "Request entity is too large".to_owned()),
            _ => (401, "AuthFailure", "AWS was not able to validate the provided access credentials".to_owned()),
        };
        Words { status, code, message, beside: Vec::new() }
    }

    fn of_s3(&self) -> Words {
        let words = |status, code, message: &str, beside| Words { status, code, message: message.to_owned(), beside };
        match self {
            Self::Malformed(message) => words(400, "AuthorizationHeaderMalformed", message, Vec::new()),
            Self::UnknownKey(key) => words(
                403,
                "InvalidAccessKeyId",
                "The AWS Access Key Id you provided does not exist in our records.",
                vec![("AWSAccessKeyId", key.clone())],
            ),
            Self::WrongSignature { access_key_id, signature, string_to_sign, canonical_request } => words(
                403,
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
                vec![
                    ("AWSAccessKeyId", access_key_id.clone()),
                    ("StringToSign", string_to_sign.clone()),
                    ("SignatureProvided", signature.clone()),
                    ("StringToSignBytes", bytes_of(string_to_sign)),
                    ("CanonicalRequest", canonical_request.clone()),
                    ("CanonicalRequestBytes", bytes_of(canonical_request)),
                ],
            ),
            Self::Skewed(skew) if skew.lapsed.is_some() => words(
                403,
                "AccessDenied",
                "Request has expired",
                vec![
                    ("X-Amz-Expires", skew.lapsed.unwrap_or_default().to_string()),
                    ("ServerTime", whole_seconds(skew.now)),
                ],
            ),
            Self::Skewed(skew) => words(
                403,
                "RequestTimeTooSkewed",
                "The difference between the request time and the current time is too large.",
                vec![
                    ("RequestTime", skew.stamp.clone()),
                    ("ServerTime", whole_seconds(skew.now)),
                    ("MaxAllowedSkewMilliseconds", skew.allowed.to_string()),
                ],
            ),
            Self::WrongDigest => words(
                400,
                "XAmzContentSHA256Mismatch",
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
                Vec::new(),
            ),
            Self::TooLarge => {
                words(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", Vec::new())
            }
            _ => words(403, "AccessDenied", "Access Denied", Vec::new()),
        }
    }
}

const TOKEN_INVALID: &str = "The security token included in the request is invalid.";
const NO_MATCH: &str = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

impl Skew {
    /// What most services say: which time was compared with which.
    fn sentence(&self) -> String {
        let minutes = self.allowed / app::model::moment::MINUTE;
        let (now, stamp) = (basic(self.now), &self.stamp);
        match (self.early, self.lapsed) {
            (true, _) => {
                let limit = basic(self.now.plus(self.allowed));
                format!("Signature not yet current: {stamp} is still later than {limit} ({now} + {minutes} min.)")
            }
            (false, Some(seconds)) => {
                let limit = basic(self.now.plus(-seconds.saturating_mul(1_000)));
                format!("Signature expired: {stamp} is now earlier than {limit} ({now} - {seconds} sec.)")
            }
            (false, None) => {
                let limit = basic(self.now.plus(-self.allowed));
                format!("Signature expired: {stamp} is now earlier than {limit} ({now} - {minutes} min.)")
            }
        }
    }
}

/// An explicit deny, as the policy of every token's user has it.
fn denied(call: &Call, arn: &str, resource: Option<&str>) -> Words {
    let action = call.full_action();
    let on = resource.map(|resource| format!(" on resource: {resource}")).unwrap_or_default();
    let sentence = format!(
        "User: {arn} is not authorized to perform: {action}{on} with an explicit deny in an identity-based policy"
    );
    let (status, code, message) = match call.protocol {
        Protocol::Ec2 => {
            (403, "UnauthorizedOperation", format!("You are not authorized to perform this operation. {sentence}"))
        }
        Protocol::Query | Protocol::RestXml | Protocol::S3 => (403, "AccessDenied", sentence),
        Protocol::Json(_) | Protocol::Cbor => (400, "AccessDeniedException", sentence),
        Protocol::RestJson => (403, "AccessDeniedException", sentence),
    };
    Words { status, code, message, beside: Vec::new() }
}

/// S3's way to show white space: the bytes in hexadecimal.
fn bytes_of(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

fn whole_seconds(time: Moment) -> String {
    Moment(time.0 - time.0.rem_euclid(1_000)).rfc3339()
}
