//! The kinds of destinations to choose from. Each is a link to its form, so that choosing needs no script.

use super::words;
use crate::{model::alert::DestinationKind, parts::icon::Icon};
use leptos::prelude::*;

/// All kinds that can be made.
#[component]
pub fn Kinds(
    /// The one whose form is shown.
    chosen: DestinationKind,
    /// The token that the destination will be subscribed to, if any.
    token: String,
) -> impl IntoView {
    let kinds = DestinationKind::OFFERED
        .iter()
        .map(|kind| {
            let token = if token.is_empty() { String::new() } else { format!("&token={token}") };
            let href = format!("/destinations/new?kind={}{token}", kind.word());
            let id = format!("kind-{}", kind.word());
            view! {
                <li class="kind">
                    <Icon sign=words::sign(*kind) />
                    <a href=href aria-current=(*kind == chosen).then_some("true") aria-describedby=id.clone()>
                        {words::kind(*kind)}
                    </a>
                    <p class="hint" id=id>
                        {words::says(*kind)}
                    </p>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav aria-label="What sort of address">
            <ul class="kinds">{kinds}</ul>
        </nav>
    }
}
