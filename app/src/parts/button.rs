//! Buttons that do something, each a form of its own: they work without any script.

use leptos::prelude::*;

/// A button that posts to an address. `class` is `primary`, `danger`, `quiet` or nothing.
#[component]
pub fn PostButton(
    /// The address.
    #[prop(into)]
    action: String,
    /// What the button says.
    #[prop(into)]
    text: String,
    /// How it looks.
    #[prop(optional)]
    class: &'static str,
    /// Hidden fields: name and value.
    #[prop(optional)]
    fields: Vec<(&'static str, String)>,
    /// The button's full name where its text alone says too little out of context: "Retry delivery to ops".
    #[prop(optional, into)]
    label: Option<String>,
) -> impl IntoView {
    let fields =
        fields.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view();
    view! {
        <form class="post" method="post" action=action>
            {fields}
            <button class=format!("button {class}") aria-label=label>
                {text}
            </button>
        </form>
    }
}
