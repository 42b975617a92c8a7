//! Sealing: secrets at rest, XChaCha20-Poly1305 with the owner's identifier as associated data; and signing links, by
//! keys of their own that are derived from the same ones.
//!
//! The associated data binds a sealed secret to its row: moved to another row, it does not open. There may be several
//! keys: the first one seals and signs, all of them open and recognise. Each sealed secret names its key, so that it can
//! be told which ones still need a former key.

mod file;
mod key;
pub mod keys;

pub use key::SealingKey;

use crate::house::{Chance, ChanceExt as _};
use app::model::{fault::Fault, secret::Secret};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use std::sync::Arc;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// The form that names no key: what was sealed before there could be several.
const FIRST_FORM: &str = "x1:";
/// The form that names its key: `x2:NAME:` and base64 of nonce and ciphertext.
const FORM: &str = "x2:";

/// Seals and opens secrets with the installation's keys.
#[derive(Clone)]
pub struct Sealer {
    current: Arc<Tools>,
    former: Arc<[Tools]>,
}

/// What is made of one key.
struct Tools {
    name: String,
    cipher: XChaCha20Poly1305,
    /// For seals over what everybody may read; made from the key, so that neither tells anything about the other.
    signing: Zeroizing<[u8; 32]>,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealer({})", self.current.name)
    }
}

/// Why there is no key to seal with.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The key's text is not 32 bytes in hexadecimal.
    #[error("{0}: expected 64 hexadecimal digits (32 bytes)")]
    NotAKey(String),
    /// There is none.
    #[error("{0}: expected at least one key that seals")]
    NoKey(String),
    /// The file could not be read or made.
    #[error("{0}: {1}")]
    File(String, std::io::Error),
    /// KMS does not give the key.
    #[error("AVIARY_SEALING_KMS_KEY: {0}")]
    Kms(String),
    /// What is asked for does not go with where the keys come from, or with what is sealed.
    #[error("{0}")]
    Refused(String),
    /// The database does not answer.
    #[error("{0}")]
    Store(#[from] crate::store::StoreError),
}

impl Tools {
    fn of(key: &SealingKey) -> Self {
        Self {
            name: key.name(),
            cipher: XChaCha20Poly1305::new(key.bytes().into()),
            signing: Zeroizing::new(hmac(key.bytes(), &[b"aviary signing key 1"])),
        }
    }

    fn sign(&self, purpose: &str, bytes: &[u8]) -> [u8; 32] {
        let length = u64::try_from(purpose.len()).unwrap_or(u64::MAX).to_be_bytes();
        hmac(&self.signing, &[&length, purpose.as_bytes(), bytes])
    }

    fn open(&self, bytes: &[u8], owner: &str) -> Option<Secret> {
        let (nonce, sealed) = bytes.split_at_checked(24)?;
        let nonce: [u8; 24] = nonce.try_into().ok()?;
        let payload = Payload { msg: sealed, aad: owner.as_bytes() };
        let plain = self.cipher.decrypt(&XNonce::from(nonce), payload).ok()?;
        String::from_utf8(plain).ok().map(Secret::new)
    }
}

impl Sealer {
    /// A sealer with this key, which also opens what these former ones sealed.
    pub fn new(current: &SealingKey, former: &[SealingKey]) -> Self {
        Self { current: Arc::new(Tools::of(current)), former: former.iter().map(Tools::of).collect() }
    }

    fn all(&self) -> impl Iterator<Item = &Tools> {
        std::iter::once(&*self.current).chain(self.former.iter())
    }

    /// What everything begins with that is sealed with the key that seals now.
    pub fn mark(&self) -> String {
        format!("{FORM}{}:", self.current.name)
    }

    /// The name of the key that seals now.
    pub fn name(&self) -> &str {
        &self.current.name
    }

    /// The names of all keys that open; the first one seals.
    pub fn names(&self) -> Vec<String> {
        self.all().map(|tools| tools.name.clone()).collect()
    }

    /// A seal over bytes that stand in the open, for one purpose: HMAC-SHA256.
    pub fn sign(&self, purpose: &str, bytes: &[u8]) -> [u8; 32] {
        self.current.sign(purpose, bytes)
    }

    /// Whether this is [`Sealer::sign`]'s seal over these bytes, by whichever of the keys. It takes as long for a wrong
    /// one as for the right one.
    pub fn is_signed(&self, purpose: &str, bytes: &[u8], seal: &[u8]) -> bool {
        let fits = |tools: &Tools| tools.sign(purpose, bytes).as_slice().ct_eq(seal);
        self.all().map(fits).fold(subtle::Choice::from(0), |any, one| any | one).into()
    }

    /// Seals a secret for its owner: `x2:`, the key's name, and base64 of nonce and ciphertext.
    ///
    /// # Errors
    /// `Internal`, where the cipher refuses; it does not for texts of this size.
    pub fn seal(&self, secret: &Secret, owner: &str, chance: &dyn Chance) -> Result<String, Fault> {
        let nonce = XNonce::from(chance.bytes::<24>());
        let payload = Payload { msg: secret.expose().as_bytes(), aad: owner.as_bytes() };
        let sealed = self.current.cipher.encrypt(&nonce, payload).map_err(|_| Fault::internal())?;
        Ok(format!("{}{}", self.mark(), STANDARD.encode([nonce.as_slice(), &sealed].concat())))
    }

    /// Opens what [`Sealer::seal`] made for this owner, with this key or with a former one.
    ///
    /// # Errors
    /// `Internal`, where the key is another one, the owner is another one, or the text was changed.
    pub fn open(&self, sealed: &str, owner: &str) -> Result<Secret, Fault> {
        self.try_open(sealed, owner).ok_or_else(|| {
            tracing::error!(owner, "a sealed secret does not open: is this the key that sealed it?");
            Fault::internal()
        })
    }

    /// As [`Sealer::open`], for whoever has an answer to what does not open.
    pub fn try_open(&self, sealed: &str, owner: &str) -> Option<Secret> {
        let (name, text) = match sealed.strip_prefix(FORM) {
            Some(named) => named.split_once(':').map(|(name, text)| (Some(name), text))?,
            None => (None, sealed.strip_prefix(FIRST_FORM)?),
        };
        let bytes = STANDARD.decode(text).ok()?;
        // Two keys of one name are as good as impossible; all that may fit are tried, since a wrong one opens nothing.
        self.all()
            .filter(|tools| name.is_none_or(|name| tools.name == name))
            .find_map(|tools| tools.open(&bytes, owner))
    }
}

fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = ring::hmac::Context::with_key(&ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key));
    parts.iter().for_each(|part| mac.update(part));
    mac.sign().as_ref().try_into().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::SystemChance;

    fn key(byte: u8) -> SealingKey {
        SealingKey::parse(&hex::encode([byte; 32]), "test").unwrap()
    }

    fn sealer(byte: u8) -> Sealer {
        Sealer::new(&key(byte), &[])
    }

    #[test]
    fn a_sealed_secret_opens_for_its_owner_only() {
        let sealed = sealer(7).seal(&Secret::new("wJalr".into()), "token-1", &SystemChance).unwrap();
        assert!(!sealed.contains("wJalr"));
        assert_eq!(sealer(7).open(&sealed, "token-1").unwrap().expose(), "wJalr");
        assert!(sealer(7).open(&sealed, "token-2").is_err());
        assert!(sealer(8).open(&sealed, "token-1").is_err());
        assert!(sealer(7).open(&sealed[..sealed.len() - 4], "token-1").is_err());
    }

    #[test]
    fn a_new_key_seals_and_the_former_one_still_opens() {
        let both = Sealer::new(&key(8), &[key(7)]);
        let (old, new) = (sealer(7), sealer(8));
        let secret = Secret::new("wJalr".into());
        let before = old.seal(&secret, "o", &SystemChance).unwrap();
        let after = both.seal(&secret, "o", &SystemChance).unwrap();
        assert!(before.starts_with(&old.mark()) && after.starts_with(&new.mark()) && old.mark() != new.mark());
        for sealed in [&before, &after] {
            assert_eq!(both.open(sealed, "o").unwrap().expose(), "wJalr");
        }
        assert!(old.open(&after, "o").is_err() && new.open(&before, "o").is_err());
        assert!(both.is_signed("links", b"x", &old.sign("links", b"x")), "links that are on their way stay good");
        assert!(!old.is_signed("links", b"x", &both.sign("links", b"x")));
    }

    #[test]
    fn what_was_sealed_before_keys_had_names_still_opens() {
        let nonce = XNonce::from([9_u8; 24]);
        let payload = Payload { msg: b"wJalr", aad: b"o" };
        let sealed = XChaCha20Poly1305::new((&[7_u8; 32]).into()).encrypt(&nonce, payload).unwrap();
        let text = format!("x1:{}", STANDARD.encode([nonce.as_slice(), &sealed].concat()));
        for sealer in [sealer(7), Sealer::new(&key(8), &[key(6), key(7)])] {
            assert_eq!(sealer.open(&text, "o").unwrap().expose(), "wJalr");
            assert!(!text.starts_with(&sealer.mark()), "and can be told from what names its key");
        }
        assert!(sealer(8).open(&text, "o").is_err());
    }

    #[test]
    fn what_nobody_sealed_opens_nothing() {
        for text in ["", "x1:", "x2:", "x2::", "x2:00000000:", "x2:00000000:AAAA", "x1:AAAA", "plain", "x3:00:AAAA"] {
            assert!(sealer(7).try_open(text, "o").is_none(), "{text}");
        }
    }

    #[test]
    fn a_seal_fits_its_purpose_its_bytes_and_its_key_alone() {
        let sealer = sealer(7);
        let seal = sealer.sign("links", b"incident");
        assert!(sealer.is_signed("links", b"incident", &seal));
        assert!(!sealer.is_signed("others", b"incident", &seal));
        assert!(!sealer.is_signed("links", b"incidents", &seal));
        assert!(!sealer.is_signed("links", b"incident", &seal[..31]));
        assert!(!Sealer::new(&key(8), &[]).is_signed("links", b"incident", &seal));
        assert_ne!(sealer.sign("ab", b"c"), sealer.sign("a", b"bc"));
    }
}
