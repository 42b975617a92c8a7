//! Tables that fold into cards on a narrow screen.

use leptos::prelude::*;

/// A table. Rows are `<tr>` of [`Cell`]s; give each row an `id` where the table is `live`.
#[component]
pub fn Table(
    /// What the table holds, for screen readers.
    #[prop(into)]
    caption: String,
    /// The headings of the columns; an empty one stays without (for buttons).
    heads: Vec<&'static str>,
    /// The name under which the open page adds new rows when something new is heard.
    #[prop(optional)]
    live: Option<&'static str>,
    /// The rows.
    children: Children,
) -> impl IntoView {
    view! {
        <table class="table">
            <caption class="unseen">{caption}</caption>
            <Heads heads />
            <tbody data-live-list=live>{children()}</tbody>
        </table>
    }
}

/// The row of headings.
#[component]
pub fn Heads(
    /// The headings of the columns.
    heads: Vec<&'static str>,
) -> impl IntoView {
    let heads = heads
        .into_iter()
        .map(|head| match head {
            "" => view! { <td></td> }.into_any(),
            head => view! { <th scope="col">{head}</th> }.into_any(),
        })
        .collect_view();
    view! {
        <thead>
            <tr>{heads}</tr>
        </thead>
    }
}

/// A cell. `label` is the column's heading again: folded into a card, the cell needs it beside it.
#[component]
pub fn Cell(
    /// The column's heading.
    label: &'static str,
    /// `num` for figures, `wide` for the cell that may take the room that is left, `main` for what names the row.
    #[prop(optional)]
    class: Option<&'static str>,
    /// What is in it.
    children: Children,
) -> impl IntoView {
    view! {
        <td data-label=label class=class>
            {children()}
        </td>
    }
}
