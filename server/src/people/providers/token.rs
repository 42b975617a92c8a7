//! Whether an ID token is what it should be (OpenID Connect Core 1.0, 3.1.3.7), and its claims.

use super::{
    directory::Known,
    jwt::{self, ALGORITHMS},
    refusal::Refusal,
};
use crate::people::claims::{self, Claims};
use app::model::moment::{MINUTE, Moment};
use chrono::{DateTime, Utc};
use openidconnect::{
    ClaimsVerificationError, ClientId, IssuerUrl, Nonce, SignatureVerificationError,
    core::{CoreIdToken, CoreIdTokenVerifier},
};

/// How far the provider's clock may be from ours.
pub const SKEW: i64 = MINUTE;

/// What the check of the time of issue says, to tell it from the check of the end.
const EARLY: &str = "issued in the future";

/// What a token is compared with.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Aviary's identifier at the provider.
    pub client_id: &'a str,
    /// What was sent along, and has to come back; `None` for a token that answers no sign-in.
    pub nonce: Option<&'a str>,
    /// Now.
    pub now: Moment,
}

/// The claims of a token that is what it should be.
///
/// # Errors
/// Why it is not.
pub fn verify(token: &CoreIdToken, known: &Known, expected: &Expected<'_>) -> Result<Claims, Refusal> {
    let read = jwt::read(&token.to_string())?;
    let issuer = IssuerUrl::new(known.discovery.issuer.clone()).map_err(|_| Refusal::Issuer)?;
    let (earliest, latest) = (time(expected.now.plus(-SKEW))?, time(expected.now.plus(SKEW))?);
    // No client secret is handed in, so that no shared secret can ever prove anything.
    let verifier = CoreIdTokenVerifier::new_public_client(
        ClientId::new(expected.client_id.to_owned()),
        issuer,
        known.keys.clone(),
    )
    .set_allowed_algs(ALGORITHMS)
    .set_time_fn(move || earliest)
    .set_issue_time_verifier_fn(move |at| if at <= latest { Ok(()) } else { Err(EARLY.to_owned()) });
    let checked = match expected.nonce {
        Some(nonce) => token.claims(&verifier, &Nonce::new(nonce.to_owned())),
        None => token.claims(&verifier, |_: Option<&Nonce>| -> Result<(), String> { Ok(()) }),
    };
    checked.map_err(|error| refusal(&error, &read))?;
    if read.claims.get("azp").is_some_and(|party| party.as_str() != Some(expected.client_id)) {
        return Err(Refusal::AuthorizedParty);
    }
    if claims::text(&read.claims, "sub").is_none_or(|subject| subject.is_empty() || subject.len() > 255) {
        return Err(Refusal::Subject);
    }
    Ok(read.claims)
}

fn time(moment: Moment) -> Result<DateTime<Utc>, Refusal> {
    DateTime::from_timestamp_millis(moment.0).ok_or(Refusal::Expired)
}

fn refusal(error: &ClaimsVerificationError, token: &jwt::Jwt) -> Refusal {
    use SignatureVerificationError as Signature;
    match error {
        ClaimsVerificationError::Expired(why) if why == EARLY => Refusal::IssuedAt,
        ClaimsVerificationError::Expired(_) => Refusal::Expired,
        ClaimsVerificationError::InvalidAudience(_) => Refusal::Audience,
        ClaimsVerificationError::InvalidIssuer(_) => Refusal::Issuer,
        ClaimsVerificationError::InvalidNonce(_) => Refusal::Nonce,
        ClaimsVerificationError::InvalidSubject(_) => Refusal::Subject,
        ClaimsVerificationError::SignatureVerification(signature) => match signature {
            Signature::NoSignature => Refusal::Unsigned,
            Signature::DisallowedAlg(_) | Signature::UnsupportedAlg(_) => Refusal::Algorithm(token.algorithm()),
            Signature::NoMatchingKey | Signature::InvalidKey(_) => Refusal::UnknownKey,
            Signature::AmbiguousKeyId(_) => Refusal::WhichKey,
            _ => Refusal::Signature,
        },
        _ => Refusal::Unreadable,
    }
}

/// When somebody last proved to the provider who they are (`auth_time`), where it says so.
pub fn authenticated_at(claims: &Claims) -> Option<Moment> {
    claims::moment(claims, "auth_time")
}
