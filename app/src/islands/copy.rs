//! A button that copies a text.

use leptos::prelude::*;

/// A button that copies `text` and says so. `what` names the text for screen readers: "Copy access key id".
/// Style hides it until islands are awake, since it can do nothing before.
#[island]
pub fn Copy(
    /// The text to copy.
    text: String,
    /// What the text is, for the button's name.
    what: String,
) -> impl IntoView {
    let copied = RwSignal::new(false);
    let copy = move |_| {
        #[cfg(feature = "hydrate")]
        {
            let text = text.clone();
            leptos::task::spawn_local(async move {
                // Browsers offer the clipboard to secure pages only; elsewhere people select and copy by hand.
                if !window().is_secure_context() {
                    return;
                }
                let written = window().navigator().clipboard().write_text(&text);
                if wasm_bindgen_futures::JsFuture::from(written).await.is_ok() {
                    copied.set(true);
                    set_timeout(move || copied.set(false), std::time::Duration::from_secs(2));
                }
            });
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = &text;
    };
    view! {
        <button type="button" class="copy" aria-label=format!("Copy {what}") on:click=copy>
            <svg class="icon" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
                <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
                <path d="M3 10.5h-.5v-8h8V3" />
            </svg>
            <span class="copy-said" role="status" aria-live="polite">
                {move || if copied.get() { "Copied" } else { "" }}
            </span>
        </button>
    }
}
