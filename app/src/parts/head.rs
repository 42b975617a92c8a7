//! The top of a page: where one is, the answer in one sentence, and what can be done.

use crate::parts::title::Title;
use leptos::prelude::*;

/// The top of a page. The children are its actions: links and buttons.
#[component]
pub fn PageHead(
    /// What the page is called.
    #[prop(into)]
    title: String,
    /// The page's answer in one sentence; put figures in `<strong>`.
    #[prop(optional)]
    lead: Option<AnyView>,
    /// The pages above this one: address and name.
    #[prop(optional)]
    crumbs: Vec<(String, String)>,
    /// The name under which the open page replaces the sentence when something new is heard.
    #[prop(optional)]
    live: Option<&'static str>,
    /// What can be done here.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let crumbs = (!crumbs.is_empty()).then(|| {
        let links = crumbs
            .into_iter()
            .map(|(href, name)| {
                view! {
                    <li>
                        <a href=href>{name}</a>
                    </li>
                }
            })
            .collect_view();
        view! {
            <nav class="crumbs" aria-label="Above this page">
                <ol>{links}</ol>
            </nav>
        }
    });
    view! {
        <Title text=format!("{title} · Aviary") />
        <header class="page-head">
            {crumbs}
            <div class="page-title">
                <h1>{title}</h1>
                {children.map(|children| view! { <div class="actions">{children()}</div> })}
            </div>
            {lead.map(|lead| view! { <p class="lead" data-live=live>{lead}</p> })}
        </header>
    }
}

/// `1 token`, `2 tokens`.
pub fn plural(count: i64, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}
