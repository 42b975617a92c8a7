//! One figure of the strip at the top of the first page.

use leptos::prelude::*;

/// One figure of the strip at the top.
#[component]
pub fn Figure(
    /// Where it leads.
    href: &'static str,
    /// The figure.
    count: i64,
    /// What is counted.
    name: &'static str,
    /// A remark below.
    #[prop(into)]
    says: String,
    /// Whether it tells of hits.
    #[prop(optional)]
    hit: bool,
    /// Whether somebody should look.
    #[prop(optional)]
    loud: bool,
) -> impl IntoView {
    let class = match (hit, loud) {
        (true, _) => "figure hit",
        (_, true) => "figure loud",
        _ => "figure",
    };
    view! {
        <a class=class href=href>
            <span class="figure-count">{count}</span>
            <span class="figure-name">{name}</span>
            <span class="figure-says">{says}</span>
        </a>
    }
}
