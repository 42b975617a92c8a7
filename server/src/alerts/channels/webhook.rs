//! Webhooks: JSON by POST, signed as Standard Webhooks describes
//! (<https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>).

use super::{Outcome, Verdict};
use crate::{
    alerts::schedule,
    house::House,
    net::{NetError, Reply},
    store::alerts::{destinations::DestinationRow, queue::Due},
};
use app::model::{fault::Fault, secret::Secret};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderName, header::CONTENT_TYPE};
use sha2::Sha256;
use std::time::Duration;

/// How long a receiver may take to accept an alert.
const PATIENCE: Duration = Duration::from_secs(15);

/// What every signing secret begins with.
const PREFIX: &str = "whsec_";

/// A signing secret of 256 bits.
pub fn new_secret(bytes: [u8; 32]) -> Secret {
    Secret::new(format!("{PREFIX}{}", STANDARD.encode(bytes)))
}

/// The value of `webhook-signature`: `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`. `None` where the secret
/// is none of ours.
pub fn signature(secret: &Secret, id: &str, seconds: i64, body: &str) -> Option<String> {
    let key = STANDARD.decode(secret.expose().strip_prefix(PREFIX)?).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{seconds}.").as_bytes());
    mac.update(body.as_bytes());
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

/// Hands an alert to a webhook.
pub(super) async fn send(house: &House, destination: &DestinationRow, due: &Due) -> Outcome {
    match post(house, destination, due.id.as_str(), &due.payload, PATIENCE).await {
        Ok(reply) => judge(&reply, house),
        Err(error) => Outcome::new(Verdict::Later(None), None, &sentence(&error)),
    }
}

/// Posts a signed body to a webhook.
///
/// # Errors
/// Where nothing was answered. A secret that does not open is a mistake of ours, but must not stop the worker.
pub async fn post(
    house: &House,
    destination: &DestinationRow,
    id: &str,
    body: &str,
    patience: Duration,
) -> Result<Reply, NetError> {
    let unusable = |why: &str| NetError::Unusable(why.to_owned());
    let url = url::Url::parse(&destination.address).map_err(|error| unusable(&error.to_string()))?;
    let seconds = house.now().0.div_euclid(1_000);
    let secret = secret(house, destination).map_err(|_| unusable("its signing secret does not open"))?;
    let signature =
        signature(&secret, id, seconds, body).ok_or_else(|| unusable("its signing secret is not one of ours"))?;
    let headers = [
        (CONTENT_TYPE, "application/json".to_owned()),
        (HeaderName::from_static("webhook-id"), id.to_owned()),
        (HeaderName::from_static("webhook-timestamp"), seconds.to_string()),
        (HeaderName::from_static("webhook-signature"), signature),
    ];
    house.net.post(&url, &headers, body.to_owned(), patience).await
}

fn secret(house: &House, destination: &DestinationRow) -> Result<Secret, Fault> {
    let sealed = destination.sealed_secret.as_deref().ok_or_else(Fault::internal)?;
    house.sealer.open(sealed, destination.id.as_str())
}

fn judge(reply: &Reply, house: &House) -> Outcome {
    let asked = reply.retry_after.as_deref().and_then(|header| schedule::retry_after(header, house.now()));
    let (verdict, said) = match reply.status {
        200..300 => (Verdict::Accepted, reply.body_start.clone()),
        300..400 => (Verdict::Later(None), format!("Redirects are not followed. {}", reply.body_start)),
        // The receiver says that it is gone for good (RFC 9110, 15.5.11).
        410 => (Verdict::Never, reply.body_start.clone()),
        _ => (Verdict::Later(asked), reply.body_start.clone()),
    };
    Outcome::new(verdict, Some(reply.status), &said)
}

/// The reason as a sentence.
pub fn sentence(error: &NetError) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).chain(['.']).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector of the specification's own libraries.
    #[test]
    fn a_signature_is_that_of_standard_webhooks() {
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into());
        let signed = signature(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, "{\"test\": 2432232314}");
        assert_eq!(signed.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
        assert_eq!(signature(&Secret::new("other".into()), "a", 1, "b"), None);
    }

    #[test]
    fn a_secret_is_fit_for_the_specification() {
        let secret = new_secret([7; 32]);
        assert!(secret.expose().starts_with("whsec_") && signature(&secret, "a", 1, "b").is_some());
    }
}
