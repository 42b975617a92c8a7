//! Whether a token is armed, in a word and a sentence.

use super::timeline::source_text;
use crate::{
    model::{
        drill::{DrillState, LatestRun, Proof},
        moment::{DAY, Moment},
        token::{Token, TokenState},
    },
    parts::{
        badge::{Badge, Shape, Tone},
        when::{When, now, span},
    },
};
use leptos::prelude::*;

/// A proof that is older than this wants to be renewed.
const STALE: i64 = 30 * DAY;

/// What is known of whether a token is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// A drill came back lately.
    Proven(Moment),
    /// A drill came back, but that was long ago.
    Stale(Moment),
    /// No drill; but it is heard: it is of the sandbox, or somebody's use of it came by itself.
    Heard,
    /// Nothing shows that it is heard.
    Unproven,
    /// Its life is over.
    Over,
}

impl Known {
    /// Of this token.
    pub fn of(token: &Token, now: Moment) -> Self {
        match (token.state, token.proven_at) {
            (TokenState::Expired | TokenState::Revoked, _) => Self::Over,
            (_, Some(at)) if now.since(at) > STALE => Self::Stale(at),
            (_, Some(at)) => Self::Proven(at),
            (TokenState::Arming, None) => Self::Unproven,
            (_, None) if token.hit_count > 0 || token.account == "sandbox" => Self::Heard,
            (TokenState::Expiring, None) => Self::Unproven,
            (_, None) => Self::Heard,
        }
    }
}

/// The verdict at the top of the panel: a word, a shape and a sentence.
pub fn verdict(token: &Token, proof: &Proof) -> impl IntoView + use<> {
    let waiting = proof.drills.first().is_some_and(|drill| matches!(drill.state, DrillState::Due | DrillState::Called));
    let (tone, shape, word) = match Known::of(token, now()) {
        Known::Proven(_) => (Tone::Calm, Shape::Tick, "Proven"),
        Known::Stale(_) => (Tone::Loud, Shape::Half, "Proven long ago"),
        Known::Heard => (Tone::Calm, Shape::Dot, "Heard"),
        Known::Unproven => (Tone::Loud, Shape::Dashed, "Not proven"),
        Known::Over => (Tone::Quiet, Shape::Slash, "Over"),
    };
    let says = match Known::of(token, now()) {
        Known::Proven(at) | Known::Stale(at) => {
            view! { "Aviary used the key itself and heard of it, last " <When at /> "." }.into_any()
        }
        Known::Heard if token.account == "sandbox" => {
            "Calls to the sandbox come straight to Aviary. A drill shows the whole way, to your mailbox if you like.".into_any()
        }
        Known::Heard => "No drill yet, but a use of it was heard.".into_any(),
        Known::Unproven if token.adopted => {
            "Aviary holds no secret of this key, so it cannot use it. Use it yourself once, and see whether that shows here.".into_any()
        }
        Known::Unproven if waiting => {
            "Aviary has used the key itself and waits to hear of it: by events within a minute, by log files within ten.".into_any()
        }
        Known::Unproven if !token.key_active => "The key is disabled, so nothing can be proven.".into_any(),
        Known::Unproven => "Nothing has shown yet that a use of this key would be heard.".into_any(),
        Known::Over => "The key is gone. Records that come late are still matched.".into_any(),
    };
    view! {
        <p class="verdict">
            <Badge tone shape text=word />
            " "
            {says}
        </p>
    }
}

/// The line under a token's state in a list.
#[component]
pub fn ProofLine(
    /// The token.
    token: Token,
    /// How its latest drills went.
    run: Option<LatestRun>,
) -> impl IntoView {
    let known = Known::of(&token, now());
    let run = run.filter(|_| known != Known::Over);
    let way = run.as_ref().and_then(|run| run.heard).filter(|_| matches!(known, Known::Proven(_) | Known::Stale(_)));
    let way = way.map(|(source, lag)| format!(" by {}, {} after the call", source_text(source), span(lag)));
    let unheard = run.filter(|run| !run.unheard.is_empty()).map(|run| {
        view! {
            <span class="under">
                <strong>"latest drill not heard"</strong>
                {format!(" in {}", run.unheard.join(", "))}
            </span>
        }
    });
    let line = |shape: &'static str, gaps: Option<&'static str>, text: AnyView| {
        view! {
            <span class="under proof-line">
                <svg class="shape" viewBox="0 0 10 10" width="9" height="9" aria-hidden="true">
                    <path d=shape stroke-dasharray=gaps />
                </svg>
                <span>{text}</span>
            </span>
        }
        .into_any()
    };
    const TICK: &str = "m1.2 5.4 2.6 2.6 5-6";
    const HALF: &str = "M5 1.25a3.75 3.75 0 0 1 0 7.5 3.75 3.75 0 0 1 0-7.5zM5 1.25v7.5";
    const RING: &str = "M5 1.25a3.75 3.75 0 0 1 0 7.5 3.75 3.75 0 0 1 0-7.5";
    let line = match known {
        Known::Proven(at) => line(TICK, None, view! { "proven " <When at /> {way} }.into_any()),
        Known::Stale(at) => line(HALF, None, view! { "proven long ago, " <When at /> {way} }.into_any()),
        Known::Heard => line(TICK, None, "heard directly".into_any()),
        Known::Unproven => line(RING, Some("2.4 1.5"), view! { <strong>"not proven"</strong> }.into_any()),
        Known::Over => ().into_any(),
    };
    (line, unheard)
}
