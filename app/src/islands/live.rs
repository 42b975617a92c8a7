//! Keeps an open page up to date: it hears that a token was hit and takes the page's new parts from the server.

use crate::api::Desk;
use leptos::prelude::*;

#[cfg(feature = "hydrate")]
mod refresh;

/// The state of the line to the server, for people.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(feature = "hydrate"), allow(dead_code, reason = "the server renders the first state only"))]
enum Line {
    Closed,
    Open,
    Lost,
}

/// Keeps a page up to date, from the moment on at which the server began to make it.
#[component]
pub fn Live(
    /// Only hits on this token; `None` for all that the viewer may see.
    token: Option<String>,
) -> impl IntoView {
    let since = use_context::<Desk>().map(|desk| desk.rung).unwrap_or_default();
    view! { <Ear token since /> }
}

/// A small light that says whether the page updates by itself, and the ear behind it. When a hit is heard, the parts
/// of the page that are marked with `data-live` or `data-live-list` are fetched and replaced.
#[island]
fn Ear(
    /// Only hits on this token; `None` for all that the viewer may see.
    token: Option<String>,
    /// The number of what had happened when this page was begun.
    since: u64,
) -> impl IntoView {
    let line = RwSignal::new(Line::Closed);
    let heard = RwSignal::new(0u32);
    #[cfg(feature = "hydrate")]
    Effect::new(move || refresh::listen(token.as_deref(), since, line, heard));
    #[cfg(not(feature = "hydrate"))]
    let _ = (token, since);
    let class = move || match line.get() {
        Line::Closed => "live",
        Line::Open => "live on",
        Line::Lost => "live lost",
    };
    let text = move || match line.get() {
        Line::Closed => "",
        Line::Open => "Live",
        Line::Lost => "Reconnecting",
    };
    // Said for screen readers, which cannot see the new row light up.
    let said = move || match heard.get() {
        0 => String::new(),
        1 => "1 new hit".to_owned(),
        n => format!("{n} new hits"),
    };
    view! {
        <span class=class>
            <span>{text}</span>
            <span class="unseen" role="status" aria-live="polite">
                {said}
            </span>
        </span>
    }
}
