//! How a delivery went: its attempts behind a line that opens them, and what happens next.

use crate::{
    model::alert::{Attempt, Delivery, DeliveryState},
    parts::{
        badge::{Badge, Shape, Tone},
        head::plural,
        when::{When, span},
    },
};
use leptos::prelude::*;

/// Every attempt at a delivery, oldest first. What the other side said comes from outside and is shown as text.
#[component]
pub fn Attempts(
    /// The delivery.
    delivery: Delivery,
) -> impl IntoView {
    let next = match delivery.state {
        DeliveryState::Waiting => delivery.next_attempt_at.map(|at| view! { "Next attempt " <When at /> }.into_any()),
        DeliveryState::Sent => delivery.done_at.map(|at| view! { "Accepted " <When at /> }.into_any()),
        DeliveryState::Held => Some(view! { "Kept until somebody sends it again" }.into_any()),
        DeliveryState::Dead => delivery.done_at.map(|at| view! { "Given up " <When at /> }.into_any()),
    };
    let next = next.map(|next| view! { <span class="faint">{next}</span> });
    if delivery.attempts.is_empty() {
        return view! { <span class="faint">"No attempt yet"</span> {next} }.into_any();
    }
    let count = i64::try_from(delivery.attempts.len()).unwrap_or(i64::MAX);
    let attempts = delivery.attempts.into_iter().map(attempt).collect_view();
    view! {
        <details class="attempts">
            <summary>{plural(count, "attempt", "attempts")}</summary>
            <ol>{attempts}</ol>
        </details>
        {next}
    }
    .into_any()
}

/// Every attempt, open.
#[component]
pub fn AttemptList(
    /// The attempts, oldest first.
    attempts: Vec<Attempt>,
) -> impl IntoView {
    let attempts = attempts.into_iter().map(attempt).collect_view();
    view! {
        <div class="attempts pad">
            <ol>{attempts}</ol>
        </div>
    }
}

fn attempt(attempt: Attempt) -> impl IntoView {
    let (tone, shape) = if attempt.ok { (Tone::Calm, Shape::Tick) } else { (Tone::Loud, Shape::Cross) };
    let text = outcome(&attempt);
    view! {
        <li>
            <div class="attempt-line">
                <Badge tone shape text />
                <When at=attempt.at />
                <span class="faint">"took " {span(attempt.duration_ms)}</span>
            </div>
            {(!attempt.detail.is_empty())
                .then(|| {
                    view! {
                        <pre class="said" tabindex="0" aria-label="What the other side said">
                            {attempt.detail}
                        </pre>
                    }
                })}
        </li>
    }
}

/// `Accepted, 200`, `Refused, 503`, `No answer`
fn outcome(attempt: &Attempt) -> String {
    match (attempt.ok, attempt.status) {
        (true, Some(status)) => format!("Accepted, {status}"),
        (true, None) => "Accepted".to_owned(),
        (false, Some(status)) => format!("Refused, {status}"),
        (false, None) => "No answer".to_owned(),
    }
}
