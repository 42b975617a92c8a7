//! Small rows: a list of things with a name, a remark and something at the right.

use leptos::prelude::*;

/// A list of [`Line`]s.
#[component]
pub fn Lines(
    /// The lines.
    children: Children,
) -> impl IntoView {
    view! { <ul class="lines">{children()}</ul> }
}

/// One row. The children stand at its right.
#[component]
pub fn Line(
    /// What it is: a link or text.
    name: AnyView,
    /// A remark below.
    #[prop(optional)]
    says: Option<AnyView>,
    /// What stands at the right.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <li>
            <div class="line-main">
                <div class="line-name">{name}</div>
                {says.map(|says| view! { <div class="line-says">{says}</div> })}
            </div>
            {children.map(|children| view! { <div class="line-end">{children()}</div> })}
        </li>
    }
}
