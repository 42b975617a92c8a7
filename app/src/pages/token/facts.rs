//! A token's facts, beside its timeline.

use super::words::on_hit_text;
use crate::{
    api::tokens::TokenView,
    parts::{
        code::Code,
        facts::{Fact, Facts},
        panel::Panel,
        when::{When, WhenOr},
    },
};
use leptos::prelude::*;

/// Where it was put, who looks after it, and what it is.
#[component]
pub fn TokenFacts(
    /// The token.
    seen: TokenView,
) -> impl IntoView {
    let TokenView { token, may_manage, endpoint, former_keys, .. } = seen;
    let former = (!former_keys.is_empty()).then(|| {
        let keys = former_keys
            .into_iter()
            .map(|key| {
                view! {
                    <span class="item">
                        <span class="mono">{key.access_key_id}</span>
                        <span class="under">
                            {if key.active { "still works, replaced " } else { "off, replaced " }} <When at=key.replaced_at />
                        </span>
                    </span>
                }
            })
            .collect_view();
        view! { <Fact name="Before">{keys}</Fact> }
    });
    let edit = may_manage.then(|| view! { <a href=format!("/tokens/{}/edit", token.id)>"Edit"</a> }.into_any());
    let key_says = if token.key_active { "Active" } else { "Disabled" };
    view! {
        <Panel title="Placement" actions=edit.unwrap_or_else(|| ().into_any())>
            <Facts>
                <Fact name="Location">{token.location}</Fact>
                <Fact name="Owner">{token.owner}</Fact>
                <Fact name="Team">
                    <a href=format!("/tokens?team={}", leptos_router::location::Url::escape(&token.team))>
                        {token.team.clone()}
                    </a>
                </Fact>
                <Fact name="If it trips">
                    {if token.notes.is_empty() {
                        view! { <span class="faint">"No notes. Say what to rotate."</span> }.into_any()
                    } else {
                        view! { <div class="kept">{token.notes}</div> }.into_any()
                    }}
                </Fact>
                {(!token.labels.is_empty())
                    .then(|| {
                        view! {
                            <Fact name="Labels">
                                <Labels labels=token.labels />
                            </Fact>
                        }
                    })}
            </Facts>
        </Panel>
        <Panel title="Key">
            <Facts>
                <Fact name="Key id">
                    <Code text=token.access_key_id what="access key id" />
                </Fact>
                {former}
                <Fact name="User">
                    {if token.user_name.is_empty() {
                        view! { <span class="faint">"not known"</span> }.into_any()
                    } else {
                        view! { <span class="mono">{token.user_name}</span> }.into_any()
                    }}
                </Fact>
                {(!token.arn.is_empty())
                    .then(|| {
                        view! {
                            <Fact name="ARN">
                                <Code text=token.arn what="ARN" />
                            </Fact>
                        }
                    })}
                <Fact name="Account">
                    <span class="mono">{token.account}</span>
                    {endpoint.map(|at| view! { <span class="under mono">{at}</span> })}
                </Fact>
                <Fact name="Status">{key_says}</Fact>
                <Fact name="On a hit">{on_hit_text(token.on_hit)}</Fact>
                <Fact name="Expires">
                    <WhenOr at=token.expires_at never="never" />
                    {token.expires_at.map(|at| view! { <span class="under">{at.day()}</span> })}
                </Fact>
                <Fact name=if token.adopted { "Adopted" } else { "Minted" }>
                    <When at=token.created_at />
                    {format!(" by {}", token.created_by)}
                </Fact>
            </Facts>
        </Panel>
    }
}

/// Labels, each leading to the tokens that have it.
#[component]
pub fn Labels(
    /// The labels.
    labels: Vec<String>,
) -> impl IntoView {
    let links = labels
        .into_iter()
        .map(|label| {
            let href = format!("/tokens?label={}", leptos_router::location::Url::escape(&label));
            view! {
                <a class="label" href=href>
                    {label}
                </a>
            }
        })
        .collect_view();
    view! { <span class="labels">{links}</span> }
}
