//! Links between views of the same list, with how many entries each has.

use leptos::prelude::*;

/// One tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab {
    /// Where it leads.
    pub href: String,
    /// Its name.
    pub text: String,
    /// How many entries it has, where that is known.
    pub count: Option<i64>,
    /// Whether it is the one that is open.
    pub here: bool,
}

impl Tab {
    /// A tab without a count.
    pub fn new(href: impl Into<String>, text: impl Into<String>, here: bool) -> Self {
        Self { href: href.into(), text: text.into(), count: None, here }
    }

    /// The tab with a count.
    pub fn with(mut self, count: i64) -> Self {
        self.count = Some(count);
        self
    }
}

/// A row of tabs.
#[component]
pub fn Tabs(
    /// What is chosen here, for screen readers: "State".
    label: &'static str,
    /// The tabs.
    tabs: Vec<Tab>,
) -> impl IntoView {
    let tabs = tabs
        .into_iter()
        .map(|tab| {
            view! {
                <li>
                    <a href=tab.href aria-current=tab.here.then_some("page")>
                        {tab.text}
                        {tab.count.map(|count| view! { " " <span class="count">{count}</span> })}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav class="tabs" aria-label=label>
            <ul>{tabs}</ul>
        </nav>
    }
}
