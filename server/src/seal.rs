//! Sealing: secrets at rest, XChaCha20-Poly1305 with the owner's identifier as associated data; and signing links, by a
//! key of its own that is derived from the same one.
//!
//! The associated data binds a sealed secret to its row: moved to another row, it does not open.

use crate::house::{Chance, ChanceExt as _};
use app::model::{fault::Fault, secret::Secret};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _, path::Path};

/// The name of this form of sealing, so that a later one can stand beside it.
const FORM: &str = "x1:";

/// Seals and opens secrets with the installation's key.
#[derive(Clone)]
pub struct Sealer {
    cipher: XChaCha20Poly1305,
    /// For seals over what everybody may read; made from the key, so that neither tells anything about the other.
    signing: [u8; 32],
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer")
    }
}

/// Why there is no key to seal with.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The key's text is not 32 bytes in hexadecimal.
    #[error("{0}: expected 64 hexadecimal digits (32 bytes)")]
    NotAKey(String),
    /// The file could not be read or made.
    #[error("{0}: {1}")]
    File(String, std::io::Error),
}

impl Sealer {
    /// A sealer with this key of 32 bytes.
    pub fn new(key: &[u8; 32]) -> Self {
        Self { cipher: XChaCha20Poly1305::new(key.into()), signing: hmac(key, &[b"aviary signing key 1"]) }
    }

    /// A seal over bytes that stand in the open, for one purpose: HMAC-SHA256.
    pub fn sign(&self, purpose: &str, bytes: &[u8]) -> [u8; 32] {
        let length = u64::try_from(purpose.len()).unwrap_or(u64::MAX).to_be_bytes();
        hmac(&self.signing, &[&length, purpose.as_bytes(), bytes])
    }

    /// Whether this is [`Sealer::sign`]'s seal over these bytes. It takes as long for a wrong one as for the right one.
    pub fn is_signed(&self, purpose: &str, bytes: &[u8], seal: &[u8]) -> bool {
        subtle::ConstantTimeEq::ct_eq(self.sign(purpose, bytes).as_slice(), seal).into()
    }

    /// A sealer with the key in this text: 64 hexadecimal digits.
    ///
    /// # Errors
    /// Where the text is something else; `whence` names its place.
    pub fn from_text(text: &str, whence: &str) -> Result<Self, SealError> {
        let mut key = [0; 32];
        hex::decode_to_slice(text.trim(), &mut key).map_err(|_| SealError::NotAKey(whence.to_owned()))?;
        Ok(Self::new(&key))
    }

    /// The sealer of this key file, which is made with mode 0600 if it is not there.
    ///
    /// # Errors
    /// Where it cannot be read, made, or holds no key.
    pub fn from_file(file: &Path, chance: &dyn Chance) -> Result<Self, SealError> {
        let name = file.display().to_string();
        match std::fs::read_to_string(file) {
            Ok(text) => Self::from_text(&text, &name),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let key: [u8; 32] = chance.bytes();
                std::fs::OpenOptions::new()
                    .write(true)
                    .create_new(true)
                    .mode(0o600)
                    .open(file)
                    .and_then(|mut opened| {
                        opened.write_all(format!("{}\n", hex::encode(key)).as_bytes())?;
                        opened.sync_all()
                    })
                    .map_err(|error| SealError::File(name, error))?;
                Ok(Self::new(&key))
            }
            Err(error) => Err(SealError::File(name, error)),
        }
    }

    /// Seals a secret for its owner: `x1:` and base64 of nonce and ciphertext.
    ///
    /// # Errors
    /// `Internal`, where the cipher refuses; it does not for texts of this size.
    pub fn seal(&self, secret: &Secret, owner: &str, chance: &dyn Chance) -> Result<String, Fault> {
        let nonce = XNonce::from(chance.bytes::<24>());
        let payload = Payload { msg: secret.expose().as_bytes(), aad: owner.as_bytes() };
        let sealed = self.cipher.encrypt(&nonce, payload).map_err(|_| Fault::internal())?;
        Ok(format!("{FORM}{}", STANDARD.encode([nonce.as_slice(), &sealed].concat())))
    }

    /// Opens what [`Sealer::seal`] made for this owner.
    ///
    /// # Errors
    /// `Internal`, where the key is another one, the owner is another one, or the text was changed.
    pub fn open(&self, sealed: &str, owner: &str) -> Result<Secret, Fault> {
        let opened = sealed
            .strip_prefix(FORM)
            .and_then(|text| STANDARD.decode(text).ok())
            .and_then(|bytes| {
                let (nonce, sealed) = bytes.split_at_checked(24)?;
                let nonce: [u8; 24] = nonce.try_into().ok()?;
                let payload = Payload { msg: sealed, aad: owner.as_bytes() };
                self.cipher.decrypt(&XNonce::from(nonce), payload).ok()
            })
            .and_then(|plain| String::from_utf8(plain).ok());
        opened.map(Secret::new).ok_or_else(|| {
            tracing::error!(owner, "a sealed secret does not open: is this the key that sealed it?");
            Fault::internal()
        })
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

    #[test]
    fn a_sealed_secret_opens_for_its_owner_only() {
        let sealer = Sealer::new(&[7; 32]);
        let sealed = sealer.seal(&Secret::new("wJalr".into()), "token-1", &SystemChance).unwrap();
        assert!(!sealed.contains("wJalr"));
        assert_eq!(sealer.open(&sealed, "token-1").unwrap().expose(), "wJalr");
        assert!(sealer.open(&sealed, "token-2").is_err());
        assert!(Sealer::new(&[8; 32]).open(&sealed, "token-1").is_err());
        assert!(sealer.open(&sealed[..sealed.len() - 4], "token-1").is_err());
    }

    #[test]
    fn a_seal_fits_its_purpose_its_bytes_and_its_key_alone() {
        let sealer = Sealer::new(&[7; 32]);
        let seal = sealer.sign("links", b"incident");
        assert!(sealer.is_signed("links", b"incident", &seal));
        assert!(!sealer.is_signed("others", b"incident", &seal));
        assert!(!sealer.is_signed("links", b"incidents", &seal));
        assert!(!sealer.is_signed("links", b"incident", &seal[..31]));
        assert!(!Sealer::new(&[8; 32]).is_signed("links", b"incident", &seal));
        assert_ne!(sealer.sign("ab", b"c"), sealer.sign("a", b"bc"));
    }

    #[test]
    fn the_key_file_is_private_and_kept() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = std::env::temp_dir().join(format!("aviary-seal-{}", hex::encode(SystemChance.bytes::<8>())));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("sealing.key");
        let first = Sealer::from_file(&file, &SystemChance).unwrap();
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let sealed = first.seal(&Secret::new("s".into()), "o", &SystemChance).unwrap();
        assert!(Sealer::from_file(&file, &SystemChance).unwrap().open(&sealed, "o").is_ok());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
