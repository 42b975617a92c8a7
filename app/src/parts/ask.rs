//! A button that asks first: what it would do stands behind it, with the button that really does it.

use super::button::PostButton;
use leptos::prelude::*;

/// A button that opens what will happen, and under it the button that does it. Works without any script.
#[component]
pub fn Ask(
    /// What the first button says: "Revoke".
    text: &'static str,
    /// What will happen to which thing.
    #[prop(into)]
    says: String,
    /// What the second button says, with the name of the thing.
    #[prop(into)]
    sure: String,
    /// Where it posts.
    #[prop(into)]
    action: String,
    /// Hidden fields: name and value.
    #[prop(optional)]
    fields: Vec<(&'static str, String)>,
) -> impl IntoView {
    let unseen = format!(": {sure}");
    view! {
        <details class="ask-first">
            <summary class="button small">{text} <span class="unseen">{unseen}</span></summary>
            <div class="ask-body">
                <p>{says}</p>
                <PostButton action text=sure class="danger small" fields />
            </div>
        </details>
    }
}
