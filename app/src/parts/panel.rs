//! A framed part of a page with a heading.

use leptos::prelude::*;

/// A framed part of a page. Tables in it reach its edges; text gets a margin from `<div class="pad">`.
#[component]
pub fn Panel(
    /// The heading; unique on the page.
    #[prop(into)]
    title: String,
    /// A line under the heading.
    #[prop(optional, into)]
    says: Option<String>,
    /// Links and buttons at the right of the heading.
    #[prop(optional)]
    actions: Option<AnyView>,
    /// The name under which the open page replaces this part when something new is heard.
    #[prop(optional)]
    live: Option<&'static str>,
    /// What is in it.
    children: Children,
) -> impl IntoView {
    let id = slug(&title);
    let labelled = id.clone();
    view! {
        <section class="panel" aria-labelledby=labelled data-live=live>
            <header class="panel-head">
                <div>
                    <h2 id=id>{title}</h2>
                    {says.map(|says| view! { <p>{says}</p> })}
                </div>
                {actions.map(|actions| view! { <div class="actions">{actions}</div> })}
            </header>
            {children()}
        </section>
    }
}

/// `Open incidents` becomes `open-incidents`.
fn slug(title: &str) -> String {
    title.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect()
}
