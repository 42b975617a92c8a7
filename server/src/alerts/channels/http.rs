//! What the channels over HTTP share: posting JSON to an address that is a secret, and reading what was answered.

use super::{Outcome, Proof, Verdict, sentence, unsealed};
use crate::{alerts::schedule, house::House, net::Reply, store::alerts::destinations::DestinationRow};
use ::http::header::CONTENT_TYPE;
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// Posts JSON to the address that a destination hides. Pages of errors repeat it: what is kept of an answer is masked where
/// it is written down ([`masking`](crate::alerts::masking)).
///
/// # Errors
/// Why nothing was answered, in a sentence that does not hold the address.
pub(super) async fn post_hidden(
    house: &House,
    destination: &DestinationRow,
    body: &Value,
    patience: Duration,
) -> Result<Reply, String> {
    let secret = unsealed(house, destination)?;
    let url = Url::parse(secret.expose()).map_err(|_| "What it hides is no address.".to_owned())?;
    let headers = [(CONTENT_TYPE, "application/json; charset=utf-8".to_owned())];
    house.net.post(&url, &headers, body.to_string(), patience).await.map_err(|error| sentence(&error))
}

/// Posts a message, and says what came of it. `hopeless` knows the answers after which trying again is pointless.
pub(super) async fn deliver(
    house: &House,
    destination: &DestinationRow,
    body: &Value,
    hopeless: impl Fn(&Reply) -> bool,
) -> Outcome {
    match post_hidden(house, destination, body, super::PATIENCE).await {
        Ok(reply) => judge(house, &reply, hopeless),
        Err(why) => Outcome::new(Verdict::Later(None), None, &why),
    }
}

/// What an answer means for an alert: all of 2xx accepts it, and what is refused is tried again unless the service says
/// that this is pointless.
pub(super) fn judge(house: &House, reply: &Reply, hopeless: impl Fn(&Reply) -> bool) -> Outcome {
    let said = &reply.body_start;
    let (verdict, said) = match reply.status {
        200..300 => (Verdict::Accepted, said.clone()),
        300..400 => (Verdict::Later(None), format!("Redirects are not followed. {said}")),
        429 => (Verdict::Later(asked(house, reply)), said.clone()),
        // The receiver says that it is gone for good (RFC 9110, 15.5.11).
        410 => (Verdict::Never, said.clone()),
        _ if hopeless(reply) => (Verdict::Never, said.clone()),
        _ => (Verdict::Later(asked(house, reply)), said.clone()),
    };
    Outcome::new(verdict, Some(reply.status), &said)
}

/// How long the other side asks to wait, in milliseconds: by its header, or by the seconds in its JSON.
fn asked(house: &House, reply: &Reply) -> Option<i64> {
    let header = reply.retry_after.as_deref().and_then(|header| schedule::retry_after(header, house.now()));
    header.or_else(|| seconds_in(&reply.body_start))
}

fn seconds_in(body: &str) -> Option<i64> {
    let body: Value = serde_json::from_str(body).ok()?;
    let seconds = body.get("retry_after")?.as_f64()?;
    // Beyond a day it means nothing; the schedule has a bound of its own.
    std::time::Duration::try_from_secs_f64(seconds.clamp(0.0, 86_400.0))
        .ok()
        .and_then(|asked| i64::try_from(asked.as_millis()).ok())
}

/// What an answer to the message with the code means.
///
/// # Errors
/// Why the message did not arrive.
pub(super) fn code_sent(reply: &Reply) -> Result<Proof, String> {
    if (200..300).contains(&reply.status) {
        return Ok(Proof::CodeSent { remark: None });
    }
    let outcome = Outcome::new(Verdict::Never, Some(reply.status), &reply.body_start);
    Err(outcome.error().unwrap_or_default())
}

/// The largest form of a message that has at most so many bytes: its texts are cut shorter until it has.
pub(super) fn within(largest: usize, render: impl Fn(usize) -> Value) -> Value {
    let mut most = 2_000;
    loop {
        let body = render(most);
        if body.to_string().len() <= largest || most <= 15 {
            return body;
        }
        most /= 2;
    }
}

/// Whether an answer is a refusal (4xx) in which one of these words stands.
pub(super) fn refused_with(reply: &Reply, words: &[&str]) -> bool {
    (400..500).contains(&reply.status) && words.iter().any(|word| reply.body_start.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_in_a_body_is_in_seconds() {
        assert_eq!(seconds_in(r#"{"message": "You are being rate limited.", "retry_after": 64.57}"#), Some(64_570));
        assert_eq!(seconds_in(r#"{"retry_after": -1}"#), Some(0));
        assert_eq!(seconds_in(r#"{"retry_after": 1e300}"#), Some(86_400_000));
        assert_eq!(seconds_in("slow down"), None);
    }
}
