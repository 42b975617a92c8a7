//! One token: what it is, who used it, who hears about it.

use super::{armed::Armed, facts::TokenFacts, hears::Hears, id_here, timeline::Timeline, words::sentence};
use crate::{
    api::{
        accounts::get_proof,
        alerts::{list_destinations, list_subscriptions},
        hits::{get_hit_chart, list_hits, list_incidents},
        tokens::{TokenView, get_token},
    },
    islands::live::Live,
    model::{
        fault::Fault,
        hit::{HitChart, HitQuery},
        incident::{Incident, IncidentQuery, IncidentState},
        token::TokenState,
    },
    parts::{
        badge::{IncidentBadge, TokenBadge},
        button::PostButton,
        chart::HitBars,
        empty::Empty,
        form::{FormFault, Typed},
        head::{PageHead, plural},
        icon::Sign,
        load::{cursor, load},
        pager::Pager,
        panel::Panel,
        when::When,
    },
};
use leptos::prelude::*;

/// How many hits a page of the timeline has. Each carries its whole record, and an open page fetches all of them again
/// at each new hit.
const HITS: u32 = 25;

/// The token that the address names.
#[component]
pub fn ShowToken() -> impl IntoView {
    let id = id_here();
    let after = cursor();
    let first_page = after.is_none();
    let data = async move {
        let seen = get_token(id.clone()).await?;
        let chart = get_hit_chart(id.clone()).await?;
        let hits =
            list_hits(HitQuery { token_id: Some(id.clone()), after, limit: HITS, ..HitQuery::default() }).await?;
        let incidents =
            list_incidents(IncidentQuery { token_id: Some(id.clone()), limit: 3, ..IncidentQuery::default() }).await?;
        let subscriptions = list_subscriptions(None, Some(id)).await?;
        let destinations = list_destinations().await?;
        let proof = get_proof(seen.token.id.clone()).await?;
        Ok::<_, Fault>((seen, chart, hits, incidents, subscriptions, destinations, proof))
    };
    load(data, move |(seen, chart, hits, incidents, subscriptions, destinations, proof)| {
        let token = seen.token.clone();
        let lead = view! {
            <TokenBadge state=token.state />
            " "
            {sentence(&token)}
            {(!token.key_active && !matches!(token.state, TokenState::Expired | TokenState::Revoked))
                .then_some(" The key is disabled, so no further use of it will be seen.")}
        };
        let unresolved: Vec<_> =
            incidents.items.into_iter().filter(|incident| incident.state != IncidentState::Resolved).collect();
        let none = hits.items.is_empty();
        let live = Some(token.id.0.clone());
        let actions = view! { <Actions seen=seen.clone() /> };
        let timeline = if none {
            view! { <NoHits seen=seen.clone() /> }.into_any()
        } else {
            view! { <Timeline hits=hits.items live=first_page /> }.into_any()
        };
        view! {
            <PageHead
                title=token.location.clone()
                lead=lead.into_any()
                live="lead"
                crumbs=vec![("/tokens".to_owned(), "Tokens".to_owned())]
            >
                {first_page.then(|| view! { <Live token=live /> })}
                {actions}
            </PageHead>
            <FormFault form=Typed::here() />
            <div class="stack alarms" data-live="unresolved">
                {unresolved.into_iter().map(incident).collect_view()}
            </div>
            <div class="sides">
                <div class="stack">
                    <Panel title="Hits over time" live="chart">
                        <div class="pad">
                            <Chart chart />
                        </div>
                    </Panel>
                    <Panel title="Timeline" says="Every use of this key that was heard, latest first.">
                        <div data-live="timeline">
                            {timeline}</div>
                    </Panel>
                    <div data-live="pager">
                        <Pager next=hits.next />
                    </div>
                </div>
                <div class="stack">
                    <Armed seen=seen.clone() proof destinations=destinations.clone() />
                    <Hears token subscriptions destinations />
                    <TokenFacts seen />
                </div>
            </div>
        }
    })
}

#[component]
fn Actions(seen: TokenView) -> impl IntoView {
    let TokenView { token, may_manage, may_reveal, .. } = seen;
    let over = matches!(token.state, TokenState::Expired | TokenState::Revoked);
    let gone = token.state == TokenState::Revoked;
    let adopted = token.adopted;
    let at = move |verb: &str| format!("/tokens/{}/{verb}", token.id);
    let reveal = (may_reveal && !adopted && !gone).then(|| {
        view! {
            <a class="button" href=at("secret")>
                "Show secret"
            </a>
        }
    });
    let switch = (may_manage && !over).then(|| {
        if token.key_active {
            view! {
                <a class="button" href=at("disable")>
                    "Disable"
                </a>
            }
            .into_any()
        } else {
            view! { <PostButton action=at("enable") text="Enable" /> }.into_any()
        }
    });
    let rotate = (may_manage && !over && !adopted).then(|| {
        view! {
            <a class="button" href=at("rotate")>
                "Rotate"
            </a>
        }
    });
    let end = (may_manage && !gone).then(|| {
        view! {
            <a class="button" href=at("revoke")>
                "Revoke"
            </a>
        }
    });
    view! { {reveal} {rotate} {switch} {end} }
}

#[component]
fn Chart(chart: HitChart) -> impl IntoView {
    if chart.bars.iter().any(|bar| bar.count > 0) {
        view! { <HitBars chart title="Hits on this key" /> }.into_any()
    } else {
        view! { <p class="calm-line">"Quiet: nothing to draw."</p> }.into_any()
    }
}

fn incident(incident: Incident) -> impl IntoView {
    view! {
        <a class="alarm" href=format!("/incidents/{}", incident.id)>
            <IncidentBadge state=incident.state />
            <span>
                {plural(incident.hit_count, "hit", "hits")} " in one incident, opened " <When at=incident.opened_at /> "."
            </span>
            <span class="alarm-go">
                {if incident.state == IncidentState::Open { "Triage it" } else { "Open the incident" }}
            </span>
        </a>
    }
}

#[component]
fn NoHits(seen: TokenView) -> impl IntoView {
    let says = match (&seen.endpoint, seen.token.state) {
        (_, TokenState::Revoked | TokenState::Expired) => {
            "Nobody was seen using this key. A record that arrives late would still show here."
        }
        (Some(_), _) => {
            "That is how it should be. To see that the way to you works, use the key once yourself: the hit shows here within a second."
        }
        (None, _) => "That is how it should be. A use of this key shows here as soon as AWS reports it.",
    };
    view! {
        <Empty sign=Sign::Pulse title="No hit so far">
            <p>{says}</p>
        </Empty>
    }
}
