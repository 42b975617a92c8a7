//! A form that says what is wrong with a field while one is still at it.

use leptos::prelude::*;

#[cfg(feature = "hydrate")]
mod check;

/// Watches the token form of this id: once a field was left, what the server would refuse in it stands beside it.
/// Without it, the same words come with the reply to the posted form.
#[island]
pub fn CheckForm(
    /// The form's id.
    form: String,
    /// Whether it adopts a key instead of minting one.
    adopt: bool,
) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    Effect::new(move || check::watch(&form, adopt));
    #[cfg(not(feature = "hydrate"))]
    let _ = (form, adopt);
}
