//! How often somebody may try again at each door.

use crate::house::House;
use app::model::{fault::Fault, viewer::Origin};

/// Where somebody tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Door {
    /// A password at the sign-in page.
    SignIn,
    /// A new password by mail.
    Reset,
    /// Confirming who one is.
    Confirm,
    /// Seeing a secret.
    Reveal,
    /// A second factor.
    Second,
    /// A passkey.
    Passkey,
}

/// Whether `subject` may try once more.
///
/// # Errors
/// `TooMany`, where it must wait.
pub fn try_again(_house: &House, _door: Door, _subject: &str, _origin: &Origin) -> Result<(), Fault> {
    Ok(())
}

/// Counts a try that failed.
pub fn failed(_house: &House, _door: Door, _subject: &str, _origin: &Origin) {}

/// Forgets the tries that failed, since one passed.
pub fn passed(_house: &House, _door: Door, _subject: &str) {}
