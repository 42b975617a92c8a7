//! The pages for people who are not signed in: coming in, being invited, confirming an address.

pub mod acknowledge;
pub mod confirm;
pub mod enter;
pub mod forgot;
pub mod join;
pub mod prove;
pub mod provider;
mod providers;
pub mod reset;
pub mod second;
pub mod setup;
pub mod sign_in;
pub mod signed_out;
pub mod unsubscribe;

/// What a password has to be; the server checks the same.
pub(super) const PASSWORD_RULES: &str =
    "At least 12 characters, and none of the common ones. A short sentence works well.";
