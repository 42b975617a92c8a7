//! States as a word and a shape, so that none is told by colour alone.

use crate::model::{
    alert::{AlertKind, DeliveryState, DestinationState},
    drill::DrillState,
    health::Light,
    hit::HitKind,
    incident::IncidentState,
    token::TokenState,
};
use leptos::prelude::*;

/// How loud a badge is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to see: grey.
    Quiet,
    /// As it should be: the accent.
    Calm,
    /// Somebody should look: strong ink.
    Loud,
    /// A hit: red, and only for that.
    Hit,
}

/// The shape in front of the word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A ring with gaps: getting ready.
    Dashed,
    /// A ring: idle, or open.
    Ring,
    /// A full dot: on.
    Dot,
    /// A half-full ring: in between, or nearly over.
    Half,
    /// A full diamond: tripped.
    Diamond,
    /// A triangle: look here.
    Triangle,
    /// A ring struck through: off.
    Slash,
    /// A cross: gone.
    Cross,
    /// A tick: done.
    Tick,
}

impl Shape {
    fn draw(self) -> AnyView {
        match self {
            Self::Dashed => view! { <circle cx="5" cy="5" r="3.75" stroke-dasharray="2.4 1.5" /> }.into_any(),
            Self::Ring => view! { <circle cx="5" cy="5" r="3.75" /> }.into_any(),
            Self::Dot => view! { <circle class="full" cx="5" cy="5" r="3.5" /> }.into_any(),
            Self::Half => view! {
                <circle cx="5" cy="5" r="3.75" />
                <path class="full" d="M5 1.25a3.75 3.75 0 0 1 0 7.5z" />
            }
            .into_any(),
            Self::Diamond => view! { <path class="full" d="M5 .4 9.6 5 5 9.6.4 5z" /> }.into_any(),
            Self::Triangle => view! { <path class="full" d="M5 .8 9.6 9H.4z" /> }.into_any(),
            Self::Slash => view! {
                <circle cx="5" cy="5" r="3.75" />
                <path d="m2.4 7.6 5.2-5.2" />
            }
            .into_any(),
            Self::Cross => view! { <path d="m1.8 1.8 6.4 6.4M8.2 1.8 1.8 8.2" /> }.into_any(),
            Self::Tick => view! { <path d="m1.2 5.4 2.6 2.6 5-6" /> }.into_any(),
        }
    }
}

/// A state: a shape and a word.
#[component]
pub fn Badge(
    /// How loud.
    tone: Tone,
    /// The shape.
    shape: Shape,
    /// The word.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    let class = match tone {
        Tone::Quiet => "badge quiet",
        Tone::Calm => "badge calm",
        Tone::Loud => "badge loud",
        Tone::Hit => "badge hit",
    };
    view! {
        <span class=class>
            <svg class="shape" viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
                {shape.draw()}
            </svg>
            {text}
        </span>
    }
}

/// The word for a token's state on a page.
pub fn token_state_text(state: TokenState) -> &'static str {
    match state {
        TokenState::Arming => "Arming",
        TokenState::Armed => "Armed",
        TokenState::Triggered => "Triggered",
        TokenState::Exposed => "Exposed",
        TokenState::Expiring => "Expiring",
        TokenState::Expired => "Expired",
        TokenState::Revoked => "Revoked",
    }
}

/// Where a token is in its life.
#[component]
pub fn TokenBadge(
    /// The state.
    state: TokenState,
) -> impl IntoView {
    let (tone, shape) = match state {
        TokenState::Arming => (Tone::Quiet, Shape::Dashed),
        TokenState::Armed => (Tone::Calm, Shape::Dot),
        TokenState::Triggered => (Tone::Hit, Shape::Diamond),
        TokenState::Exposed => (Tone::Hit, Shape::Triangle),
        TokenState::Expiring => (Tone::Loud, Shape::Half),
        TokenState::Expired => (Tone::Quiet, Shape::Slash),
        TokenState::Revoked => (Tone::Quiet, Shape::Cross),
    };
    view! { <Badge tone shape text=token_state_text(state) /> }
}

/// What a hit says about the token.
#[component]
pub fn HitBadge(
    /// The kind.
    kind: HitKind,
) -> impl IntoView {
    let (tone, shape, text) = match kind {
        HitKind::Use => (Tone::Hit, Shape::Diamond, "Used"),
        HitKind::Exposed => (Tone::Hit, Shape::Triangle, "Exposed"),
        HitKind::Tampered => (Tone::Hit, Shape::Half, "Tampered"),
        HitKind::UnloggedUse => (Tone::Hit, Shape::Ring, "Used, not logged"),
        HitKind::Drill => (Tone::Quiet, Shape::Dot, "Drill"),
    };
    view! { <Badge tone shape text /> }
}

/// Where an incident is in its triage.
#[component]
pub fn IncidentBadge(
    /// The state.
    state: IncidentState,
) -> impl IntoView {
    let (tone, shape, text) = match state {
        IncidentState::Open => (Tone::Hit, Shape::Diamond, "Open"),
        IncidentState::Acknowledged => (Tone::Loud, Shape::Half, "Acknowledged"),
        IncidentState::Resolved => (Tone::Quiet, Shape::Tick, "Resolved"),
    };
    view! { <Badge tone shape text /> }
}

/// Whether alerts go to a destination.
#[component]
pub fn DestinationBadge(
    /// The state.
    state: DestinationState,
) -> impl IntoView {
    let (tone, shape, text) = match state {
        DestinationState::Unconfirmed => (Tone::Quiet, Shape::Dashed, "Unconfirmed"),
        DestinationState::Confirmed => (Tone::Calm, Shape::Dot, "Confirmed"),
        DestinationState::Failing => (Tone::Loud, Shape::Triangle, "Failing"),
    };
    view! { <Badge tone shape text /> }
}

/// Where a delivery is on its way.
#[component]
pub fn DeliveryBadge(
    /// The state.
    state: DeliveryState,
) -> impl IntoView {
    let (tone, shape, text) = match state {
        DeliveryState::Waiting => (Tone::Quiet, Shape::Half, "Waiting"),
        DeliveryState::Sent => (Tone::Calm, Shape::Tick, "Sent"),
        DeliveryState::Held => (Tone::Loud, Shape::Half, "Kept"),
        DeliveryState::Dead => (Tone::Loud, Shape::Cross, "Given up"),
    };
    view! { <Badge tone shape text /> }
}

/// How a part of the house is doing.
#[component]
pub fn LightBadge(
    /// The light.
    light: Light,
) -> impl IntoView {
    let (tone, shape, text) = match light {
        Light::Good => (Tone::Calm, Shape::Tick, "Works"),
        Light::Look => (Tone::Loud, Shape::Half, "Look here"),
        Light::Bad => (Tone::Loud, Shape::Triangle, "Broken"),
        Light::Off => (Tone::Quiet, Shape::Slash, "Off"),
    };
    view! { <Badge tone shape text /> }
}

/// How a drill is doing.
#[component]
pub fn DrillBadge(
    /// The state.
    state: DrillState,
) -> impl IntoView {
    let (tone, shape, text) = match state {
        DrillState::Due => (Tone::Quiet, Shape::Dashed, "Being called"),
        DrillState::Called => (Tone::Quiet, Shape::Half, "Waiting"),
        DrillState::Heard => (Tone::Calm, Shape::Tick, "Heard"),
        DrillState::Silent => (Tone::Loud, Shape::Triangle, "Not heard"),
        DrillState::Failed => (Tone::Loud, Shape::Cross, "Failed"),
    };
    view! { <Badge tone shape text /> }
}

/// Whether AWS allowed something that was tried.
#[component]
pub fn RightBadge(
    /// What was found.
    light: Light,
) -> impl IntoView {
    let (tone, shape, text) = match light {
        Light::Good => (Tone::Calm, Shape::Tick, "Allowed"),
        Light::Bad => (Tone::Loud, Shape::Triangle, "Missing"),
        Light::Look => (Tone::Loud, Shape::Half, "Look here"),
        Light::Off => (Tone::Quiet, Shape::Slash, "Not used"),
    };
    view! { <Badge tone shape text /> }
}

/// What an alert is about, in one or two words.
pub fn alert_kind_text(kind: AlertKind) -> &'static str {
    match kind {
        AlertKind::Hit => "Hit",
        AlertKind::Exposed => "Exposed",
        AlertKind::Tampered => "Tampered",
        AlertKind::UnloggedUse => "Unlogged use",
        AlertKind::Drill => "Drill",
        AlertKind::Expiring => "Expires soon",
        AlertKind::Expired => "Expired",
        AlertKind::Failing => "Delivery failing",
        AlertKind::Audit => "Audit log",
        AlertKind::Minted => "Minted",
        AlertKind::Digest => "Digest",
        AlertKind::Acknowledged => "Acknowledged",
        AlertKind::Resolved => "Resolved",
        AlertKind::Reopened => "Reopened",
        AlertKind::Test => "Test",
    }
}
