//! One API key in the list.

use crate::{
    model::{
        moment::Moment,
        person::{ApiKey, KeyState},
    },
    pages::settings::{reach_text, role_text},
    parts::{
        ask::Ask,
        badge::{Badge, Shape, Tone},
        table::Cell,
        when::{When, WhenOr, now},
    },
};
use leptos::prelude::*;

pub(super) fn row(key: ApiKey) -> impl IntoView {
    let (state, may, limited) = (key.state(now()), may(&key), key.is_limited());
    let ApiKey { id, name, prefix, role, scopes, team, created_at, expires_at, last_used_at, revoked_at } = key;
    let end = match revoked_at {
        Some(at) => view! {
            <Badge tone=Tone::Quiet shape=Shape::Cross text="Revoked" />
            <span class="under">
                <When at />
            </span>
        }
        .into_any(),
        None => view! {
            <Ask
                text="Revoke"
                says="The program that uses it is refused from the next request on. This cannot be undone."
                sure=format!("Revoke {name}")
                action=format!("/settings/api-keys/{id}/revoke")
            />
        }
        .into_any(),
    };
    let words = scopes.iter().map(|scope| scope.word()).collect::<Vec<_>>().join(", ");
    view! {
        <tr>
            <Cell label="Key" class="main">
                {name}
                <span class="under mono">{prefix} "…"</span>
            </Cell>
            <Cell label="May">
                <span class="role" title=role.map(|role| role.meaning())>
                    {may}
                </span>
                {limited.then(|| view! { <span class="under mono">{words}</span> })}
                <span class="under">{reach_text(team.as_deref())}</span>
            </Cell>
            <Cell label="Made">
                <When at=created_at />
            </Cell>
            <Cell label="Ends">{ends(state, expires_at)}</Cell>
            <Cell label="Last used">
                <WhenOr at=last_used_at never="never" />
            </Cell>
            <Cell label="">{end}</Cell>
        </tr>
    }
}

/// What a key is for, in a word or two.
fn may(key: &ApiKey) -> String {
    match key.role {
        None => "Scopes".to_owned(),
        Some(role) if key.is_limited() => format!("Part of {}", role_text(role)),
        Some(role) => role_text(role).to_owned(),
    }
}

/// When it ends, and a word where somebody should look.
fn ends(state: KeyState, at: Option<Moment>) -> AnyView {
    let badge = match state {
        KeyState::Ending => Some((Tone::Loud, Shape::Half, "Ends soon")),
        KeyState::Expired => Some((Tone::Quiet, Shape::Slash, "Expired")),
        KeyState::Good | KeyState::Revoked => None,
    };
    match badge {
        Some((tone, shape, text)) => view! {
            <Badge tone shape text />
            <span class="under">
                <WhenOr at never="never" />
            </span>
        }
        .into_any(),
        None => view! { <WhenOr at never="never" /> }.into_any(),
    }
}
