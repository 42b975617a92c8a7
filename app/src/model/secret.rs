//! Text that must not be printed by accident.

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, ZeroizeOnDrop};

/// A secret on its way to the one person who may see it. `Debug` hides it, it has no `Display`, and its memory is
/// overwritten when it is no longer needed.
///
/// Two of them are compared to see whether something changed, never to decide who may come in: that takes as long for a
/// wrong one as for the right one, and is done where it is done.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The secret itself. Each use of this is a place to review.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl ZeroizeOnDrop for Secret {}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn a_secret_is_overwritten_and_not_printed() {
        fn goes_without_trace<T: zeroize::ZeroizeOnDrop>(_: &T) {}
        let secret = Secret::new("wJalr".into());
        goes_without_trace(&secret);
        assert!(std::mem::needs_drop::<Secret>());
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "[secret] Some([secret])");
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"wJalr\"");
    }
}
