//! What a token's state means, in a sentence.

use crate::{
    model::token::{OnHit, Token, TokenState},
    parts::{head::plural, when::When},
};
use leptos::prelude::*;

/// What happens to a key when somebody uses it.
pub fn on_hit_text(on_hit: OnHit) -> String {
    match on_hit {
        OnHit::Keep => "Keep listening".to_owned(),
        OnHit::DisableAfter(1) => "Disable the key at the first hit".to_owned(),
        OnHit::DisableAfter(n) => format!("Disable the key after {n} hits"),
    }
}

/// The token's answer in one sentence.
pub fn sentence(token: &Token) -> AnyView {
    let made = token.created_at;
    let verb = if token.adopted { "adopted " } else { "made " };
    let hits = plural(token.hit_count, "time", "times");
    let last = token.last_hit_at.map(|at| view! { ", last " <When at /> });
    match token.state {
        TokenState::Arming => view! {
            "It was "
            {verb}
            <When at=made />
            ", and nothing has proven yet that a use of it would be heard."
        }
        .into_any(),
        TokenState::Armed => view! {
            "Nobody has used this key since it was "
            {verb}
            <When at=made />
            "."
        }
        .into_any(),
        TokenState::Triggered => view! {
            "Somebody used this key: "
            <strong class="hit-ink">{hits}</strong>
            {last}
            "."
        }
        .into_any(),
        TokenState::Exposed => view! {
            "This key is public: "
            <strong class="hit-ink">"treat its place as read by strangers"</strong>
            ". "
            {plural(token.hit_count, "hit", "hits")}
            {last}
            "."
        }
        .into_any(),
        TokenState::Expiring => view! {
            "Quiet so far. It expires "
            {token.expires_at.map(|at| view! { <strong><When at /></strong> })}
            ", and its key is disabled then."
        }
        .into_any(),
        TokenState::Expired => view! {
            "Its time was over "
            {token.expired_at.map(|at| view! { <When at /> })}
            ": the key is disabled and will be deleted. Late records of its use are still matched."
        }
        .into_any(),
        TokenState::Revoked => view! {
            "Gone: the key was deleted "
            {token.revoked_at.map(|at| view! { <When at /> })}
            ". Its hits stay, and late records of its use are still matched."
        }
        .into_any(),
    }
}
