//! A button that asks the browser for a passkey.

use leptos::prelude::*;

#[cfg(feature = "hydrate")]
mod ceremony;

/// Asks the browser to make or to use a passkey, and posts the form of this id with the answer in its field `credential`.
/// What is asked for comes from the form's address and `/options`. Style hides the form until islands are awake.
#[island]
pub fn PasskeyButton(
    /// The form's id.
    form: String,
    /// What the button says.
    text: String,
    /// Whether a passkey is made; else one is used.
    create: bool,
) -> impl IntoView {
    let said = RwSignal::new("");
    let ask = move |_| {
        #[cfg(feature = "hydrate")]
        {
            let form = form.clone();
            leptos::task::spawn_local(async move {
                said.set("");
                if let Err(why) = ceremony::run(&form, create).await {
                    said.set(why);
                }
            });
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = (&form, create);
    };
    view! {
        <div class="submit">
            <button type="button" class="button" on:click=ask>
                {text}
            </button>
            <span class="hint" role="status" aria-live="polite">
                {move || said.get()}
            </span>
        </div>
    }
}
