//! Webhooks: JSON by POST, signed as Standard Webhooks describes
//! (<https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>).

use super::{Outcome, PATIENCE, PATIENCE_FOR_PROOF, Parts, Proof, Verdict, address, http, sentence};
use crate::{
    alerts::destinations::sealing::whole,
    house::{ChanceExt as _, House},
    net::{NetError, Reply},
    store::alerts::{destinations::DestinationRow, queue::Due},
};
use ::http::{HeaderName, header::CONTENT_TYPE};
use app::model::{
    alert::DestinationForm,
    fault::{Fault, FieldFault},
    secret::Secret,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::time::Duration;
use zeroize::Zeroizing;

/// What every signing secret begins with.
const PREFIX: &str = "whsec_";

/// A signing secret of 256 bits.
pub fn new_secret(bytes: [u8; 32]) -> Secret {
    Secret::new(format!("{PREFIX}{}", STANDARD.encode(bytes)))
}

/// The value of `webhook-signature`: `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`. `None` where the secret
/// is none of ours.
pub fn signature(secret: &Secret, id: &str, seconds: i64, body: &str) -> Option<String> {
    let key = Zeroizing::new(STANDARD.decode(secret.expose().strip_prefix(PREFIX)?).ok()?);
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{seconds}.").as_bytes());
    mac.update(body.as_bytes());
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

/// What was typed for a new webhook. Its secret is ours to make.
pub(super) fn read(form: &DestinationForm) -> Result<Parts, Vec<FieldFault>> {
    match address::web(&form.address) {
        Ok(url) => Ok(Parts::new(url.into())),
        Err(expected) => Err(vec![address::wrong("address", expected)]),
    }
}

/// Hands an alert to a webhook.
pub(super) async fn send(house: &House, destination: &DestinationRow, due: &Due) -> Outcome {
    match post(house, destination, due.id.as_str(), &due.payload, PATIENCE).await {
        Ok(reply) => http::judge(house, &reply, |_| false),
        Err(error) => Outcome::new(Verdict::Later(None), None, &sentence(&error)),
    }
}

/// Asks a webhook to echo a random text. One that accepts the request and does not echo it got a code all the same, so
/// that its owner can confirm it by what arrived there.
pub(super) async fn prove(house: &House, destination: &DestinationRow, code: &str) -> Result<Proof, String> {
    let challenge = house.chance.code();
    let body = serde_json::json!({ "type": "aviary.challenge", "challenge": challenge, "code": code }).to_string();
    let reply = post(house, destination, &house.new_id(), &body, PATIENCE_FOR_PROOF).await;
    let reply = reply.map_err(|error| sentence(&error))?;
    if !(200..300).contains(&reply.status) {
        return Err(format!("It answered the challenge with status {}; expected 200.", reply.status));
    }
    let echoed: Option<serde_json::Value> = serde_json::from_str(&reply.body_start).ok();
    let remark = match echoed.as_ref().and_then(|echoed| echoed.get("challenge")).and_then(|value| value.as_str()) {
        Some(echoed) if echoed == challenge => return Ok(Proof::Confirmed),
        Some(_) => "It answered with another challenge than the one that was sent.",
        None => "Its answer was not the JSON {\"challenge\": \"…\"} with the challenge that was sent.",
    };
    Ok(Proof::CodeSent { remark: Some(remark.to_owned()) })
}

/// Posts a signed body to a webhook.
///
/// # Errors
/// Where nothing was answered. A secret that does not open is a mistake of ours, but must not stop the worker.
async fn post(
    house: &House,
    destination: &DestinationRow,
    id: &str,
    body: &str,
    patience: Duration,
) -> Result<Reply, NetError> {
    let unusable = |why: &str| NetError::Unusable(why.to_owned());
    let address = whole(house, destination).map_err(|_| unusable("its address does not open"))?;
    let url = url::Url::parse(&address).map_err(|error| unusable(&error.to_string()))?;
    let seconds = house.now().0.div_euclid(1_000);
    let secrets = secrets(house, destination).map_err(|_| unusable("its signing secret does not open"))?;
    let signatures: Option<Vec<String>> = secrets.iter().map(|secret| signature(secret, id, seconds, body)).collect();
    let signatures = signatures.ok_or_else(|| unusable("its signing secret is not one of ours"))?;
    let headers = [
        (CONTENT_TYPE, "application/json".to_owned()),
        (HeaderName::from_static("webhook-id"), id.to_owned()),
        (HeaderName::from_static("webhook-timestamp"), seconds.to_string()),
        (HeaderName::from_static("webhook-signature"), signatures.join(" ")),
    ];
    house.net.post(&url, &headers, body.to_owned(), patience).await
}

/// The secrets that sign: the one that counts, and the one before for a while.
fn secrets(house: &House, destination: &DestinationRow) -> Result<Vec<Secret>, Fault> {
    let sealed = destination.sealed_secret.as_deref().ok_or_else(Fault::internal)?;
    let counts = destination.old_secret_until.is_some_and(|until| house.now() < until);
    let old = destination.sealed_old_secret.as_deref().filter(|_| counts);
    [Some(sealed), old].into_iter().flatten().map(|one| house.sealer.open(one, destination.id.as_str())).collect()
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
