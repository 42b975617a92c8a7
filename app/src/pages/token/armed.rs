//! Whether a token is armed, and what proves it.

use super::{armed_words, timeline::source_text};
use crate::{
    api::tokens::TokenView,
    model::{
        alert::{Destination, DestinationState},
        drill::{Drill, DrillState, Proof, ProvenWay},
        token::{Token, TokenState},
    },
    parts::{
        badge::DrillBadge,
        panel::Panel,
        when::{When, span},
    },
};
use leptos::prelude::*;

/// How many drills are shown.
const SHOWN: usize = 4;

/// What the drills of a token prove, what is missing, and the button for another one.
#[component]
pub fn Armed(
    /// The token.
    seen: TokenView,
    /// What its drills prove.
    proof: Proof,
    /// The destinations that the viewer may see.
    destinations: Vec<Destination>,
) -> impl IntoView {
    let token = seen.token;
    let verdict = armed_words::verdict(&token, &proof);
    let may_drill = seen.may_manage && token.key_active && !token.adopted && !over(&token);
    let ways = proof.ways.into_iter().map(way).collect_view();
    let missing = proof.missing.into_iter().map(|one| view! { <li>{one}</li> }).collect_view();
    let drills: Vec<_> = proof.drills.into_iter().take(SHOWN).collect();
    let drills = (!drills.is_empty()).then(|| {
        view! {
            <h3>"Latest drills"</h3>
            <ul class="drills">{drills.into_iter().map(drill).collect_view()}</ul>
        }
    });
    view! {
        <Panel title="Armed">
            <div class="armed" data-live="armed">
                {verdict}
                <ul class="proven">{ways}</ul>
                <ul class="advice-list">{missing}</ul>
                {drills}
            </div>
            {may_drill.then(|| again(&token, destinations))}
        </Panel>
    }
}

fn over(token: &Token) -> bool {
    matches!(token.state, TokenState::Expired | TokenState::Revoked)
}

/// One way by which a drill came back, and how fast.
fn way(way: ProvenWay) -> impl IntoView {
    let ProvenWay { region, source, at, lag_ms } = way;
    view! {
        <li>
            <span>{source_text(source)}</span>
            <span class="proven-lag">{span(lag_ms)}</span>
            <span class="under">
                <span class="mono">{region}</span>
                ", "
                <When at />
            </span>
        </li>
    }
}

fn drill(drill: Drill) -> impl IntoView {
    let heard = drill.heard.first().map(|first| {
        let from = drill.called_at.unwrap_or(drill.asked_at);
        format!("after {}", span(first.received_at.since(from)))
    });
    let error = drill.error.filter(|_| drill.state != DrillState::Heard);
    view! {
        <li>
            <span class="drill-state">
                <DrillBadge state=drill.state />
                {heard.map(|heard| view! { <span class="faint">{heard}</span> })}
            </span>
            <span class="under">
                <span class="mono">{drill.region}</span>
                ", "
                <When at=drill.asked_at />
                {format!(", by {}", drill.asked_by)}
            </span>
            {error.map(|error| view! { <span class="under kept">{error}</span> })}
        </li>
    }
}

/// The form for another drill. It stands outside the part that is exchanged on an open page, so that a choice stays.
fn again(token: &Token, destinations: Vec<Destination>) -> impl IntoView + use<> {
    let options = destinations
        .into_iter()
        .filter(|destination| destination.state != DestinationState::Unconfirmed)
        .map(|destination| view! { <option value=destination.id.0>{format!("Alert {}", destination.name)}</option> })
        .collect::<Vec<_>>();
    let whom = (!options.is_empty()).then(|| {
        view! {
            <label class="unseen" for="drill-through">
                "Whom the drill alerts"
            </label>
            <div class="field">
                <select id="drill-through" name="through">
                    <option value="">"Alert nobody"</option>
                    {options}
                </select>
            </div>
        }
    });
    view! {
        <form class="hear-more" method="post" action=format!("/tokens/{}/drill", token.id)>
            {whom}
            <button class="button">"Drill now"</button>
        </form>
    }
}
