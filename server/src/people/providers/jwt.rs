//! A signed token (JWS in compact form, RFC 7515, 7.1): reading it, and whether the provider signed it.

use super::refusal::Refusal;
use crate::people::claims::Claims;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::{
    JsonWebKey as _,
    core::{CoreJsonWebKeySet, CoreJwsSigningAlgorithm},
};
use serde::Deserialize;
use serde_json::Value;

/// The signatures that count: those that a public key proves. With a shared secret, whoever may check could also sign.
pub const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// The longest token that is read, in bytes. Those with hundreds of groups have some ten thousand.
const LONGEST: usize = 64 * 1024;

/// A token's head.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Header {
    /// How it is signed.
    pub alg: String,
    /// The identifier of the key.
    #[serde(default)]
    pub kid: Option<String>,
    /// What sort of token it is.
    #[serde(default)]
    pub typ: Option<String>,
    /// What must be understood, which nothing here does.
    #[serde(default)]
    crit: Option<Value>,
}

/// A token that was read, and not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jwt {
    /// The head.
    pub header: Header,
    /// The claims. Nothing is known of who wrote them before [`Jwt::check`].
    pub claims: Claims,
    signed: String,
    signature: Vec<u8>,
}

/// Reads a token.
///
/// # Errors
/// `Unreadable`, where it is none.
pub fn read(text: &str) -> Result<Jwt, Refusal> {
    let text = text.trim();
    let mut parts = text.split('.');
    let (Some(head), Some(body), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Refusal::Unreadable);
    };
    if text.len() > LONGEST {
        return Err(Refusal::Unreadable);
    }
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| Refusal::Unreadable);
    Ok(Jwt {
        header: serde_json::from_slice(&decode(head)?).map_err(|_| Refusal::Unreadable)?,
        claims: serde_json::from_slice(&decode(body)?).map_err(|_| Refusal::Unreadable)?,
        signed: format!("{head}.{body}"),
        signature: decode(signature)?,
    })
}

impl Jwt {
    /// Whether one of these keys signed it.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, keys: &CoreJsonWebKeySet) -> Result<(), Refusal> {
        if self.header.alg == "none" || self.signature.is_empty() {
            return Err(Refusal::Unsigned);
        }
        if self.header.crit.is_some() {
            return Err(Refusal::Unreadable);
        }
        let named = serde_json::from_value::<CoreJwsSigningAlgorithm>(Value::String(self.header.alg.clone()));
        let Some(algorithm) = named.ok().filter(|algorithm| ALGORITHMS.contains(algorithm)) else {
            return Err(Refusal::Algorithm(self.algorithm()));
        };
        let kid = self.header.kid.as_deref();
        let mut tried = false;
        for key in keys.keys().iter().filter(|key| kid.is_none() || key.key_id().map(|id| id.as_str()) == kid) {
            tried = true;
            if key.verify_signature(&algorithm, self.signed.as_bytes(), &self.signature).is_ok() {
                return Ok(());
            }
        }
        Err(if tried { Refusal::Signature } else { Refusal::UnknownKey })
    }

    /// The name of the algorithm, fit to be shown: it comes from outside.
    pub fn algorithm(&self) -> String {
        self.header.alg.chars().filter(char::is_ascii_alphanumeric).take(12).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_token_is_not_read() {
        for odd in ["", "..", "a.b", "a.b.c", "e30.e30.", "e30.e30.e30.e30", "eyJhbGciOiJSUzI1NiJ9.W10.AA"] {
            assert_eq!(read(odd).err(), Some(Refusal::Unreadable), "{odd}");
        }
        let read = read("eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.eyJzdWIiOiJ4In0.AA").unwrap();
        assert_eq!((read.header.alg.as_str(), read.header.kid.as_deref()), ("RS256", Some("a")));
        assert_eq!(read.check(&CoreJsonWebKeySet::default()), Err(Refusal::UnknownKey));
    }

    #[test]
    fn a_token_without_a_signature_or_with_a_shared_secret_is_refused() {
        let with = |head: &str, signature: &str| {
            read(&format!("{}.e30.{signature}", URL_SAFE_NO_PAD.encode(head)))
                .unwrap()
                .check(&CoreJsonWebKeySet::default())
        };
        assert_eq!(with(r#"{"alg":"none"}"#, ""), Err(Refusal::Unsigned));
        assert_eq!(with(r#"{"alg":"RS256"}"#, ""), Err(Refusal::Unsigned));
        assert_eq!(with(r#"{"alg":"HS256"}"#, "AA"), Err(Refusal::Algorithm("HS256".into())));
        assert_eq!(with(r#"{"alg":"<b>none</b>"}"#, "AA"), Err(Refusal::Algorithm("bnoneb".into())));
        assert_eq!(with(r#"{"alg":"RS256","crit":["x"]}"#, "AA"), Err(Refusal::Unreadable));
    }
}
