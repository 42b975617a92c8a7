//! Reading a list on, by its cursor.

use super::load::{cursor, here_with};
use leptos::prelude::*;

/// Links to the next page of a list and back to its start; nothing where all of it is on this page.
#[component]
pub fn Pager(
    /// Where the next page starts.
    next: Option<String>,
) -> impl IntoView {
    let back = cursor().is_some();
    if next.is_none() && !back {
        return ().into_any();
    }
    view! {
        <nav class="pager" aria-label="Pages">
            {back.then(|| view! { <a class="button" href=here_with(&[])>"Back to the start"</a> })}
            {next.map(|next| {
                view! {
                    <a class="button" rel="next" href=here_with(&[("after", &next)])>
                        "Next page"
                    </a>
                }
            })}
        </nav>
    }
    .into_any()
}
