//! A form that says what is wrong with a field while one is still at it.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "hydrate")]
mod check;

/// Which form it is: it decides who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// A token to mint.
    Mint,
    /// A key to adopt.
    Adopt,
    /// An AWS account.
    Account,
}

/// Watches the form of this id: once a field was left, what the server would refuse in it stands beside it.
/// Without it, the same words come with the reply to the posted form.
#[island]
pub fn CheckForm(
    /// The form's id.
    form: String,
    /// Which form it is.
    kind: Kind,
) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    Effect::new(move || check::watch(&form, kind));
    #[cfg(not(feature = "hydrate"))]
    let _ = (form, kind);
}
