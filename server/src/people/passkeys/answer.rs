//! What an authenticator answers, and whether it holds (WebAuthn Level 3, sections 7.1 and 7.2). Pure.
//!
//! No attestation is asked for: which make somebody's device is does not matter here. Then a new key is what the browser
//! says it is, so it is taken as the browser hands it over (section 5.2.1.1), and what is left of authenticator data are
//! fields at fixed places (section 6.1): nothing here reads CBOR. The signature is checked by webpki, on ring.

use super::party::Party;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rustls::pki_types::{SignatureVerificationAlgorithm, SubjectPublicKeyInfoDer};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use webpki::RawPublicKeyEntity;

/// How a passkey may sign, by the numbers of COSE, the preferred one first: ES256, EdDSA, and RS256, which is all that
/// some TPMs have. Browsers hand over the keys of exactly these without CBOR.
pub const ALGORITHMS: [i64; 3] = [-7, -8, -257];

/// The longest identifier of a credential, in bytes (WebAuthn Level 3, section 7.1).
const LONGEST_ID: usize = 1_023;

// Bits of the flags (WebAuthn Level 3, section 6.1).
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const MAY_SYNC: u8 = 0x08;
const SYNCED: u8 = 0x10;
const HAS_CREDENTIAL: u8 = 0x40;

/// What does not hold, for the log. People are told only that their passkey was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(&'static str);

/// A passkey that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Its identifier, base64url.
    pub credential: String,
    /// Its public key: a SubjectPublicKeyInfo in DER, base64url.
    pub public_key: String,
    /// How it signs.
    pub algorithm: i64,
    /// How often it signed, if it counts.
    pub counter: i64,
    /// Whether it is copied between devices.
    pub synced: bool,
    /// How it can be reached.
    pub transports: Vec<String>,
}

/// A passkey that was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// How often it signed, if it counts.
    pub counter: i64,
    /// Whether it is copied between devices.
    pub synced: bool,
}

/// `RegistrationResponseJSON` (section 5.8.1), as far as it is looked at.
#[derive(Deserialize)]
struct Registration {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    response: RegistrationResponse,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RegistrationResponse {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    authenticator_data: String,
    public_key: Option<String>,
    public_key_algorithm: i64,
    #[serde(default)]
    transports: Vec<String>,
}

/// `AuthenticationResponseJSON` (section 5.8.1), as far as it is looked at.
#[derive(Deserialize)]
pub struct Assertion {
    /// The credential's identifier, base64url.
    pub id: String,
    #[serde(rename = "type")]
    kind: String,
    response: AssertionResponse,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AssertionResponse {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    authenticator_data: String,
    signature: String,
    user_handle: Option<String>,
}

/// `CollectedClientData` (section 5.8.1).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
}

/// Authenticator data (section 6.1).
struct Data<'a> {
    counter: u32,
    synced: bool,
    credential: Option<&'a [u8]>,
}

/// Base64url without padding.
pub fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decoded(text: &str) -> Result<Vec<u8>, Refused> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Refused("a part is not base64url"))
}

fn must(holds: bool, otherwise: &'static str) -> Result<(), Refused> {
    if holds { Ok(()) } else { Err(Refused(otherwise)) }
}

/// Reads an answer to the wish for a new passkey, and checks it.
///
/// # Errors
/// What does not hold.
pub fn made(text: &str, party: &Party, challenge: &str) -> Result<Made, Refused> {
    let answer: Registration = serde_json::from_str(text).map_err(|_| Refused("it is no registration"))?;
    must(answer.kind == "public-key", "it is no public key")?;
    check_client(&decoded(&answer.response.client_data)?, "webauthn.create", party, challenge)?;
    let bytes = decoded(&answer.response.authenticator_data)?;
    let data = Data::read(&bytes, party)?;
    let credential = decoded(&answer.id)?;
    must(data.credential == Some(credential.as_slice()), "its credential is another one")?;
    must((1..=LONGEST_ID).contains(&credential.len()), "its credential's identifier is too long")?;
    let public_key = decoded(answer.response.public_key.as_deref().unwrap_or_default())?;
    algorithm(answer.response.public_key_algorithm)?;
    RawPublicKeyEntity::try_from(&SubjectPublicKeyInfoDer::from(public_key.as_slice()))
        .map_err(|_| Refused("its key cannot be read"))?;
    let mut transports = answer.response.transports;
    transports.retain(|one| one.len() <= 20 && one.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'));
    transports.truncate(8);
    Ok(Made {
        credential: encoded(&credential),
        public_key: encoded(&public_key),
        algorithm: answer.response.public_key_algorithm,
        counter: data.counter.into(),
        synced: data.synced,
        transports,
    })
}

impl Assertion {
    /// Reads an answer to the wish for a passkey's signature. It is not checked yet.
    ///
    /// # Errors
    /// Where it is something else.
    pub fn read(text: &str) -> Result<Self, Refused> {
        let answer: Self = serde_json::from_str(text).map_err(|_| Refused("it is no assertion"))?;
        must(answer.kind == "public-key", "it is no public key")?;
        Ok(answer)
    }

    /// Checks it: made here and now, by the owner of this key, who is the one with this handle.
    ///
    /// # Errors
    /// What does not hold.
    pub fn check(
        &self,
        party: &Party,
        challenge: &str,
        handle: &str,
        public_key: &str,
        algorithm_number: i64,
    ) -> Result<Used, Refused> {
        let whose = decoded(self.response.user_handle.as_deref().unwrap_or_default())?;
        must(whose == handle.as_bytes(), "it is somebody else's")?;
        let client = decoded(&self.response.client_data)?;
        check_client(&client, "webauthn.get", party, challenge)?;
        let bytes = decoded(&self.response.authenticator_data)?;
        let data = Data::read(&bytes, party)?;
        let key = decoded(public_key)?;
        let spki = SubjectPublicKeyInfoDer::from(key.as_slice());
        let key = RawPublicKeyEntity::try_from(&spki).map_err(|_| Refused("its key cannot be read"))?;
        let signed = [bytes.as_slice(), Sha256::digest(&client).as_slice()].concat();
        key.verify_signature(algorithm(algorithm_number)?, &signed, &decoded(&self.response.signature)?)
            .map_err(|_| Refused("its signature does not fit"))?;
        Ok(Used { counter: data.counter.into(), synced: data.synced })
    }
}

fn algorithm(number: i64) -> Result<&'static dyn SignatureVerificationAlgorithm, Refused> {
    match number {
        -7 => Ok(webpki::ring::ECDSA_P256_SHA256),
        -8 => Ok(webpki::ring::ED25519),
        -257 => Ok(webpki::ring::RSA_PKCS1_2048_8192_SHA256),
        _ => Err(Refused("it signs in a way that was not asked for")),
    }
}

fn check_client(bytes: &[u8], kind: &str, party: &Party, challenge: &str) -> Result<(), Refused> {
    let client: ClientData = serde_json::from_slice(bytes).map_err(|_| Refused("its client data cannot be read"))?;
    must(client.kind == kind, "it answers another question")?;
    must(client.challenge == challenge, "it answers another challenge")?;
    must(client.origin == party.origin && !client.cross_origin, "it was made on another site's page")
}

impl<'a> Data<'a> {
    fn read(bytes: &'a [u8], party: &Party) -> Result<Self, Refused> {
        let (hash, flags, counter, rest) = Self::head(bytes).ok_or(Refused("its data are cut off"))?;
        must(hash == Sha256::digest(party.id.as_bytes()).as_slice(), "it is for another site")?;
        must(flags & PRESENT != 0, "nobody was there")?;
        must(flags & VERIFIED != 0, "nobody was recognised")?;
        must(flags & SYNCED == 0 || flags & MAY_SYNC != 0, "it is synced and may not be")?;
        let credential = match flags & HAS_CREDENTIAL {
            0 => None,
            _ => Some(Self::credential(rest).ok_or(Refused("its credential is cut off"))?),
        };
        Ok(Self { counter, synced: flags & SYNCED != 0, credential })
    }

    /// The hash of the relying party's identifier, the flags, the counter, and what follows.
    fn head(bytes: &'a [u8]) -> Option<(&'a [u8], u8, u32, &'a [u8])> {
        let (hash, rest) = bytes.split_at_checked(32)?;
        let (flags, rest) = rest.split_first()?;
        let (counter, rest) = rest.split_first_chunk::<4>()?;
        Some((hash, *flags, u32::from_be_bytes(*counter), rest))
    }

    /// The credential's identifier, after the 16 bytes that name a make of authenticator (section 6.5.2).
    fn credential(rest: &'a [u8]) -> Option<&'a [u8]> {
        let (_make, rest) = rest.split_at_checked(16)?;
        let (length, rest) = rest.split_first_chunk::<2>()?;
        rest.get(..usize::from(u16::from_be_bytes(*length)))
    }
}

#[cfg(test)]
mod tests;
