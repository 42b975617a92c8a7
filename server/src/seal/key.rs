//! One sealing key.

use super::{SealError, hmac};
use crate::house::Chance;
use zeroize::Zeroizing;

/// 32 bytes that seal. They are overwritten when they are no longer needed, and never printed.
#[derive(Clone)]
pub struct SealingKey(Zeroizing<[u8; 32]>);

impl SealingKey {
    /// A new one.
    pub fn make(chance: &dyn Chance) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        chance.fill(bytes.as_mut_slice());
        Self(bytes)
    }

    /// The key of 64 hexadecimal digits.
    ///
    /// # Errors
    /// Where the text is something else; `whence` names its place.
    pub fn parse(text: &str, whence: &str) -> Result<Self, SealError> {
        let mut bytes = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.trim(), bytes.as_mut_slice()).map_err(|_| SealError::NotAKey(whence.to_owned()))?;
        Ok(Self(bytes))
    }

    /// The key of these 32 bytes.
    ///
    /// # Errors
    /// Where there are more or less of them.
    pub fn from_bytes(bytes: &[u8], whence: &str) -> Result<Self, SealError> {
        let mut key = Zeroizing::new([0; 32]);
        if bytes.len() != key.len() {
            return Err(SealError::NotAKey(whence.to_owned()));
        }
        key.copy_from_slice(bytes);
        Ok(Self(key))
    }

    /// The keys of a list: one after the other, with commas in between.
    ///
    /// # Errors
    /// Where one of them is no key.
    pub fn list(text: &str, whence: &str) -> Result<Vec<Self>, SealError> {
        text.split(',').map(str::trim).filter(|one| !one.is_empty()).map(|one| Self::parse(one, whence)).collect()
    }

    /// 64 hexadecimal digits.
    pub fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.0.as_slice()))
    }

    /// Eight hexadecimal digits by which it is known. They say nothing about the key.
    pub fn name(&self) -> String {
        let [a, b, c, d, ..] = hmac(&self.0, &[b"aviary key name 1"]);
        hex::encode([a, b, c, d])
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SealingKey({})", self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::SystemChance;

    #[test]
    fn a_key_is_read_back_and_its_name_is_not_the_key() {
        let key = SealingKey::make(&SystemChance);
        let again = SealingKey::parse(&key.text(), "here").unwrap();
        assert_eq!((key.bytes(), key.name()), (again.bytes(), again.name()));
        assert!(!key.text().contains(&key.name()));
        assert_eq!(format!("{key:?}"), format!("SealingKey({})", key.name()));
    }

    #[test]
    fn a_list_has_keys_only() {
        let (one, two) = ("11".repeat(32), "22".repeat(32));
        assert_eq!(SealingKey::list(&format!("{one}, {two},"), "x").unwrap().len(), 2);
        for wrong in [format!("{one},short"), format!("{one} {two}"), "zz".repeat(32)] {
            let error = SealingKey::list(&wrong, "AVIARY_SEALING_KEY").unwrap_err().to_string();
            assert_eq!(error, "AVIARY_SEALING_KEY: expected 64 hexadecimal digits (32 bytes)");
        }
    }
}
