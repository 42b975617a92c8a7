//! What a request says about its own signature, in the `Authorization` header or in the query of a presigned address.

use super::{super::ask::Ask, ALGORITHM, basic, parse_basic};
use app::model::moment::Moment;
use jiff::fmt::rfc2822;

/// The credential scope: what the signing key is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// `20261121`
    pub date: String,
    /// `us-east-1`
    pub region: String,
    /// `iam`
    pub service: String,
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}/aws4_request", self.date, self.region, self.service)
    }
}

/// The signature that a request carries, and everything about it that the request says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The key that is said to have signed.
    pub access_key_id: String,
    /// What the signing key is good for.
    pub scope: Scope,
    /// The signed headers, in lower case, in the order in which they were named.
    pub signed_headers: Vec<String>,
    /// The signature, hexadecimal.
    pub signature: String,
    /// When it was signed, as the text that was signed.
    pub stamp: String,
    /// When it was signed.
    pub signed_at: Moment,
    /// Whether it stands in the query: a presigned address.
    pub presigned: bool,
    /// For how many seconds a presigned address is good, if it says so.
    pub expires: Option<i64>,
    /// Whether a session token came along. The sandbox gives none, so it is always a wrong one.
    pub has_token: bool,
}

/// Why a request's words about its signature cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The sentence that names what is missing or wrong.
    pub message: String,
    /// The service, as far as it can be made out, to answer in its words.
    pub service: String,
}

/// What the request says about its signature; `None` where it is not signed at all.
///
/// # Errors
/// Where it is signed in a way that cannot be read.
pub fn claim_of(ask: &Ask) -> Result<Option<Claim>, Malformed> {
    let header = ask.header("authorization");
    if !header.is_empty() {
        return from_header(ask, header).map(Some);
    }
    let query = ask.query_parameters();
    if query.iter().any(|(name, _)| name == "X-Amz-Signature" || name == "X-Amz-Algorithm") {
        return from_query(ask, &query).map(Some);
    }
    Ok(None)
}

fn from_header(ask: &Ask, header: &str) -> Result<Claim, Malformed> {
    let Some(rest) = header.trim().strip_prefix(ALGORITHM) else {
        let named = header.split_whitespace().next().unwrap_or_default();
        let named: String = named.chars().filter(char::is_ascii_graphic).take(64).collect();
        return Err(Malformed {
            message: format!("Unsupported Authorization Type: '{named}'. Use {ALGORITHM}."),
            service: String::new(),
        });
    };
    let part = |name: &str| {
        rest.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('=')).unwrap_or_default().trim()
    };
    let service = part("Credential").rsplit('/').nth(1).unwrap_or_default().to_owned();
    let (stamp, signed_at) = stamp_of(ask);
    let mut lacking: Vec<String> = ["Credential", "Signature", "SignedHeaders"]
        .into_iter()
        .filter(|name| part(name).is_empty())
        .map(|name| format!("Authorization header requires '{name}' parameter."))
        .collect();
    if signed_at.is_none() {
        lacking.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.".to_owned());
    }
    if !lacking.is_empty() {
        return Err(Malformed { message: lacking.join(" "), service });
    }
    let (access_key_id, scope) = credential(part("Credential"), "Credential")?;
    Ok(Claim {
        access_key_id,
        scope,
        signed_headers: headers_named(part("SignedHeaders")),
        signature: part("Signature").to_owned(),
        stamp,
        signed_at: signed_at.unwrap_or_default(),
        presigned: false,
        expires: None,
        has_token: !ask.header("x-amz-security-token").is_empty(),
    })
}

fn from_query(ask: &Ask, query: &[(String, String)]) -> Result<Claim, Malformed> {
    let part =
        |name: &str| query.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str()).unwrap_or_default();
    let service = part("X-Amz-Credential").rsplit('/').nth(1).unwrap_or_default().to_owned();
    let lacking: Vec<String> =
        ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-Date", "X-Amz-SignedHeaders"]
            .into_iter()
            .filter(|name| part(name).is_empty())
            .map(|name| format!("AWS query-string parameters must include '{name}'."))
            .collect();
    if !lacking.is_empty() {
        return Err(Malformed {
            message: format!("{} Re-examine the query-string parameters.", lacking.join(" ")),
            service,
        });
    }
    if part("X-Amz-Algorithm") != ALGORITHM {
        return Err(Malformed { message: format!("X-Amz-Algorithm only supports \"{ALGORITHM}\""), service });
    }
    let stamp = part("X-Amz-Date").to_owned();
    let Some(signed_at) = parse_basic(&stamp) else {
        let message = "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"".to_owned();
        return Err(Malformed { message, service });
    };
    let expires = match part("X-Amz-Expires") {
        "" => None,
        text => match text.parse::<i64>() {
            Ok(seconds) if (0..=604_800).contains(&seconds) => Some(seconds),
            _ => {
                let message = "X-Amz-Expires must be between 0 and a week (in seconds); that is, less than or equal to 604800 seconds".to_owned();
                return Err(Malformed { message, service });
            }
        },
    };
    let (access_key_id, scope) = credential(part("X-Amz-Credential"), "X-Amz-Credential")?;
    Ok(Claim {
        access_key_id,
        scope,
        signed_headers: headers_named(part("X-Amz-SignedHeaders")),
        signature: part("X-Amz-Signature").to_owned(),
        stamp,
        signed_at,
        presigned: true,
        expires,
        has_token: !part("X-Amz-Security-Token").is_empty() || !ask.header("x-amz-security-token").is_empty(),
    })
}

/// Reads `KEY/DATE/REGION/SERVICE/aws4_request`. The parts stand in records and answers later, so that nothing but
/// what such names consist of is let through.
fn credential(text: &str, place: &str) -> Result<(String, Scope), Malformed> {
    let parts: Vec<&str> = text.split('/').collect();
    let plain = |part: &str| {
        (1..=64).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
    };
    match parts.as_slice() {
        [key, date, region, service, "aws4_request"]
            if !key.is_empty()
                && key.len() <= 128
                && date.len() == 8
                && [date, region, service].iter().all(|part| plain(part)) =>
        {
            let scope = Scope { date: (*date).into(), region: (*region).into(), service: (*service).into() };
            Ok(((*key).to_owned(), scope))
        }
        _ => Err(Malformed {
            message: format!(
                "{place} must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/aws4_request"
            ),
            service: parts.get(3).filter(|part| plain(part)).map(|part| (*part).to_owned()).unwrap_or_default(),
        }),
    }
}

fn headers_named(text: &str) -> Vec<String> {
    text.split(';').map(|name| name.trim().to_ascii_lowercase()).filter(|name| !name.is_empty()).collect()
}

/// When the request was signed: `X-Amz-Date`, else `Date`, which may be an HTTP date (RFC 9110, section 5.6.7).
fn stamp_of(ask: &Ask) -> (String, Option<Moment>) {
    let given = match ask.header("x-amz-date") {
        "" => ask.header("date"),
        date => date,
    };
    match parse_basic(given) {
        Some(time) => (given.to_owned(), Some(time)),
        None => {
            // The old test vectors name a wrong weekday, and so do some clients.
            let read = rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_timestamp(given).ok();
            let time = read.map(|timestamp| Moment(timestamp.as_millisecond()));
            (time.map(basic).unwrap_or_default(), time)
        }
    }
}
