//! The first page: what is going on, and what needs somebody.

mod figure;
mod steps;

use self::{figure::Figure, steps::first_steps};
use crate::{
    api::{health::get_overview, viewer},
    islands::live::Live,
    model::{
        health::{HitOnToken, Overview as Seen},
        incident::{Incident, IncidentState},
        token::{Token, TokenState},
        viewer::Act,
    },
    parts::{
        badge::{IncidentBadge, TokenBadge},
        chart::HitBars,
        empty::Empty,
        head::{PageHead, plural},
        icon::{Icon, Sign},
        lines::{Line, Lines},
        load::load,
        panel::Panel,
        table::{Cell, Table},
        when::When,
    },
};
use leptos::prelude::*;

/// Hits, incidents and tokens that need somebody, over all that the viewer may see.
#[component]
pub fn Overview() -> impl IntoView {
    let may_mint = viewer().is_some_and(|viewer| viewer.may_somewhere(Act::Mint));
    load(get_overview(), move |seen| {
        let lead = lead(&seen).into_any();
        let none = seen.counts.total == 0;
        view! {
            <PageHead title="Overview" lead live="lead">
                <Live token=None />
                {(may_mint && !none)
                    .then(|| {
                        view! {
                            <a class="button primary" href="/tokens/new">
                                <Icon sign=Sign::Plus />
                                "New token"
                            </a>
                        }
                    })}
            </PageHead>
            {if none { first_steps(may_mint).into_any() } else { filled(seen).into_any() }}
        }
    })
}

/// The page's answer in one sentence.
fn lead(seen: &Seen) -> impl IntoView + use<> {
    let counts = &seen.counts;
    let watching = counts.total - counts.of(TokenState::Expired) - counts.of(TokenState::Revoked);
    let arming = counts.of(TokenState::Arming);
    let tripped = counts.tripped_this_week;
    let first = match (counts.total, tripped) {
        (0, _) => view! { "No token is planted yet." }.into_any(),
        (_, 0) => view! {
            "Nobody touched any of your "
            <strong>{plural(watching, "watched token", "watched tokens")}</strong>
            " this week"
        }
        .into_any(),
        (total, tripped) => view! {
            <strong class="hit-ink">{tripped} " of " {plural(total, "token", "tokens")}</strong>
            " tripped this week"
        }
        .into_any(),
    };
    let second = match (counts.total, arming) {
        (0, _) => ().into_any(),
        (_, 0) => ".".into_any(),
        (_, 1) => view! { "; " <strong>"1"</strong> " is not proven armed." }.into_any(),
        (_, n) => view! { "; " <strong>{n}</strong> " are not proven armed." }.into_any(),
    };
    view! { {first} {second} }
}

fn filled(seen: Seen) -> impl IntoView {
    let Seen {
        counts,
        incidents,
        open_incidents,
        hits,
        expiring,
        chart,
        confirmed_destinations,
        failing_destinations,
        stumbling_destinations,
    } = seen;
    let watching = counts.total - counts.of(TokenState::Expired) - counts.of(TokenState::Revoked);
    let (tripped, open) = (counts.tripped_this_week > 0, open_incidents > 0);
    let broken = confirmed_destinations == 0 || failing_destinations > 0;
    view! {
        <section class="figures" aria-label="In figures" data-live="figures">
            <Figure href="/tokens" count=watching name="watched tokens" says=format!("{} in all", counts.total) />
            <Figure
                href="/tokens?sort=last_hit"
                count=counts.tripped_this_week
                name="tripped this week"
                says=format!("{} exposed", counts.of(TokenState::Exposed))
                hit=tripped
            />
            <Figure
                href="/incidents?state=open"
                count=open_incidents
                name="unresolved incidents"
                says=if open_incidents == 0 { "nothing to triage" } else { "waiting for triage" }
                hit=open
            />
            <Figure
                href="/destinations"
                count=confirmed_destinations
                name="confirmed destinations"
                says=match (confirmed_destinations, failing_destinations) {
                    (0, _) => "no alert can go out".to_owned(),
                    (_, 0) if stumbling_destinations > 0 => {
                        format!("{stumbling_destinations} did not take the last one")
                    }
                    (_, 0) => "all of them take alerts".to_owned(),
                    (_, n) => plural(n, "is failing", "are failing"),
                }
                loud=broken
            />
        </section>
        <Panel title="Hits in the last 30 days" live="chart">
            <div class="pad">
                {if chart.bars.iter().any(|bar| bar.count > 0) {
                    view! { <HitBars chart title="Hits in the last 30 days" /> }.into_any()
                } else {
                    view! { <p class="calm-line">"Quiet. Nobody used a planted key in this time."</p> }.into_any()
                }}
            </div>
        </Panel>
        <div class="halves">
            <Panel
                title="Unresolved incidents"
                live="incidents"
                actions=view! { <a href="/incidents">"All incidents"</a> }.into_any()
            >
                {if incidents.is_empty() {
                    view! { <p class="calm-line pad">"None. A hit on a token opens one."</p> }.into_any()
                } else {
                    view! { <Lines>{incidents.into_iter().map(incident).collect_view()}</Lines> }.into_any()
                }}
            </Panel>
            <Panel title="Expiring soon" actions=view! { <a href="/tokens?sort=expires">"All by expiry"</a> }.into_any()>
                {if expiring.is_empty() {
                    view! { <p class="calm-line pad">"No token expires within a week."</p> }.into_any()
                } else {
                    view! { <Lines>{expiring.into_iter().map(expires).collect_view()}</Lines> }.into_any()
                }}
            </Panel>
        </div>
        <Panel title="Latest hits" live="latest" says="The ten latest uses of any key you may see.">
            {if hits.is_empty() {
                view! {
                    <Empty sign=Sign::Pulse title="No hit so far">
                        <p>"That is the usual state. Use a token once yourself to see that the way to you works."</p>
                    </Empty>
                }
                    .into_any()
            } else {
                view! {
                    <Table
                        caption="Latest hits"
                        heads=vec!["Time", "Event", "Token", "Source address", "Result"]
                        live="hits"
                    >
                        {hits.into_iter().map(hit).collect_view()}
                    </Table>
                }
                    .into_any()
            }}
        </Panel>
    }
}

fn incident(incident: Incident) -> impl IntoView {
    let badge = (incident.state != IncidentState::Open).then(|| view! { <IncidentBadge state=incident.state /> });
    let name = view! {
        <a class="hit-link" href=format!("/incidents/{}", incident.id)>
            {incident.location}
        </a>
    };
    let says = view! {
        {plural(incident.hit_count, "hit", "hits")}
        " · "
        {incident.team}
        " · last "
        <When at=incident.last_hit_at />
    };
    view! {
        <Line name=name.into_any() says=says.into_any()>
            {badge}
        </Line>
    }
}

fn expires(token: Token) -> impl IntoView {
    let name = view! { <a href=format!("/tokens/{}", token.id)>{token.location}</a> };
    let says = view! {
        {token.owner}
        {token.expires_at.map(|at| view! { " · expires " <When at /> })}
    };
    view! {
        <Line name=name.into_any() says=says.into_any()>
            <TokenBadge state=token.state />
        </Line>
    }
}

fn hit(on: HitOnToken) -> impl IntoView {
    let HitOnToken { hit, location, access_key_id } = on;
    view! {
        <tr id=format!("hit-{}", hit.id)>
            <Cell label="Time">
                <When at=hit.event_time />
            </Cell>
            <Cell label="Event">
                <span class="mono">{hit.event_name}</span>
            </Cell>
            <Cell label="Token" class="main">
                <a href=format!("/tokens/{}", hit.token_id)>{location}</a>
                <span class="mono faint under">{access_key_id}</span>
            </Cell>
            <Cell label="Source address">
                <span class="mono">{hit.source_ip}</span>
            </Cell>
            <Cell label="Result">{hit.error_code.unwrap_or_else(|| "Succeeded".to_owned())}</Cell>
        </tr>
    }
}
