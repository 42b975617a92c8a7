//! `/oidc/:id`: why somebody did not come in through a provider, and what to do.

use crate::parts::title::Title;
use crate::{
    api::Reply,
    model::fault::FaultKind,
    parts::{
        icon::{Icon, Sign},
        load::param,
    },
};
use leptos::prelude::*;

/// Says what was wrong, and offers to begin again or to go another way.
#[component]
pub fn Provider() -> impl IntoView {
    let fault = match use_context::<Reply>() {
        Some(Reply::Refused { fault, .. }) => Some(fault),
        _ => None,
    };
    let (title, says) = match fault {
        Some(fault) => {
            let title = match fault.kind {
                FaultKind::Unavailable => "Not reachable just now",
                FaultKind::Forbidden => "You are not let in",
                FaultKind::NotFound => "No such way in",
                _ => "Signing in did not work",
            };
            (title, fault.message)
        }
        None => ("Sign in", "Begin here, or choose another way to sign in.".to_owned()),
    };
    let again = format!("/oidc/{}/begin", param("id"));
    view! {
        <Title text=format!("{title} · Aviary") />
        <div class="sheet-head" role="alert">
            <Icon sign=Sign::Alert />
            <h1>{title}</h1>
            <p>{says}</p>
        </div>
        <div class="submit">
            <a class="button primary" href=again rel="external">
                "Try again"
            </a>
            <a class="button" href="/sign-in">
                "Sign in another way"
            </a>
        </div>
    }
    .into_any()
}
