//! What stands where nothing is yet: it teaches the next step.

use super::icon::{Icon, Sign};
use leptos::prelude::*;

/// An empty place. The children say what to do next, usually with a link.
#[component]
pub fn Empty(
    /// The icon.
    sign: Sign,
    /// What is missing, in a few words.
    #[prop(into)]
    title: String,
    /// What to do next.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="empty">
            <Icon sign />
            <h2>{title}</h2>
            {children()}
        </div>
    }
}
