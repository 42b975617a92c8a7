//! What stands on a page where something could not be shown or done.

use super::{
    icon::{Icon, Sign},
    load::proof_here,
};
use crate::parts::title::Title;
use crate::{
    api::Desk,
    model::fault::{Fault, FaultKind},
};
use leptos::prelude::*;

/// A fault in place of what should have been there.
#[component]
pub fn FaultPanel(
    /// Why.
    fault: Fault,
) -> impl IntoView {
    let title = match fault.kind {
        FaultKind::NotFound => "Nothing here",
        FaultKind::Forbidden => "Not for you",
        FaultKind::Stale => "Is it you?",
        FaultKind::Unauthenticated => "Signed out",
        FaultKind::Unavailable => "Not reachable just now",
        FaultKind::TooMany => "Too many attempts",
        FaultKind::Conflict => "That clashes with what is there",
        FaultKind::Invalid | FaultKind::Malformed | FaultKind::TooLarge => "That did not work",
        FaultKind::Internal => "Something broke",
    };
    let inside = use_context::<Desk>().is_some_and(|desk| desk.viewer.is_some());
    let way_on = match (inside, fault.kind) {
        (true, FaultKind::Stale) => (proof_here(), "Confirm that it is you"),
        (false, _) | (true, FaultKind::Unauthenticated) => ("/sign-in".to_owned(), "Sign in"),
        (true, _) => ("/".to_owned(), "Go to the overview"),
    };
    view! {
        <Title text=format!("{title} · Aviary") />
        <section class="empty fault" role="alert">
            <Icon sign=Sign::Alert />
            <h1>{title}</h1>
            <p>{fault.message}</p>
            <p class="empty-actions">
                <a class="button" href=way_on.0>
                    {way_on.1}
                </a>
            </p>
        </section>
    }
}
