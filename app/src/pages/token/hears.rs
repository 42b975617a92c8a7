//! Who hears about a token.

use crate::{
    model::{
        alert::{Destination, DestinationState, Scope, Subscription},
        pace::{Pace, USUAL, paced},
        token::Token,
    },
    parts::{
        badge::DestinationBadge,
        button::PostButton,
        form::Typed,
        lines::{Line, Lines},
        panel::Panel,
        wants::WantsFields,
    },
};
use leptos::prelude::*;

/// The destinations that hear about a token, and a way to add one.
#[component]
pub fn Hears(
    /// The token.
    token: Token,
    /// The subscriptions that hear about it.
    subscriptions: Vec<Subscription>,
    /// The destinations that the viewer may see.
    destinations: Vec<Destination>,
) -> impl IntoView {
    let back = format!("/tokens/{}", token.id);
    let heard: Vec<_> = subscriptions.iter().map(|subscription| subscription.destination_id.clone()).collect();
    let others: Vec<_> = destinations
        .iter()
        .filter(|destination| destination.mine && !heard.contains(&destination.id))
        .cloned()
        .collect();
    let working = subscriptions.iter().any(|subscription| {
        destinations.iter().any(|d| d.id == subscription.destination_id && d.state == DestinationState::Confirmed)
    });
    let silent = (!working).then(|| {
        view! {
            <p class="pad">
                <strong>"No alert goes out for this token."</strong>
                " "
                {if heard.is_empty() {
                    "No destination hears about it."
                } else {
                    "The destinations below are not confirmed, or do not take alerts."
                }}
            </p>
        }
    });
    let lines = subscriptions
        .into_iter()
        .map(|subscription| {
            let destination = destinations.iter().find(|d| d.id == subscription.destination_id).cloned();
            line(subscription, destination, &back)
        })
        .collect_view();
    let typed = Typed::here();
    let refused = typed.has("destination_id");
    let form = if refused { typed } else { Typed::blank() }.prefixed("hear");
    let add = (!others.is_empty()).then(|| {
        let options = others.into_iter().map(|d| view! { <option value=d.id.0>{d.name}</option> }).collect_view();
        view! {
            <form class="hear-more" method="post" action="/subscriptions/new">
                <input type="hidden" name="scope" value="token" />
                <input type="hidden" name="token_id" value=token.id.0.clone() />
                <input type="hidden" name="back" value=format!("{back}?done=subscribed") />
                <label class="unseen" for="subscribe-destination">
                    "Destination"
                </label>
                <div class="field">
                    <select id="subscribe-destination" name="destination_id">
                        {options}
                    </select>
                </div>
                <button class="button">"Subscribe"</button>
                <details class="fold" open=refused>
                    <summary>"How often"</summary>
                    <WantsFields form kinds=USUAL.to_vec() pace=Pace::default() />
                </details>
            </form>
        }
    });
    view! {
        <Panel
            title="Who hears about it"
            actions=view! { <a href=format!("/destinations/new?token={}", token.id)>"Add one"</a> }.into_any()
        >
            {silent}
            <Lines>{lines}</Lines>
            {add}
        </Panel>
    }
}

fn line(subscription: Subscription, destination: Option<Destination>, back: &str) -> impl IntoView + use<> {
    let why = match &subscription.scope {
        Scope::Token { .. } => "This token".to_owned(),
        Scope::Team { team } => format!("All tokens of {team}"),
        Scope::Label { label, team: Some(team) } => format!("Tokens of {team} with the label {label}"),
        Scope::Label { label, team: None } => format!("All tokens with the label {label}"),
        Scope::Everything => "All tokens".to_owned(),
    };
    let why = format!("{why} · {}", paced(subscription.pace, subscription.quiet_minutes).to_lowercase());
    let mine = destination.as_ref().is_some_and(|destination| destination.mine);
    let (name, state) = match destination {
        Some(destination) => (
            view! { <a href=format!("/destinations/{}", destination.id)>{destination.name}</a> }.into_any(),
            Some(destination.state),
        ),
        None => (view! { "A destination of somebody else" }.into_any(), None),
    };
    let remove = (mine && matches!(subscription.scope, Scope::Token { .. })).then(|| {
        view! {
            <PostButton
                action=format!("/subscriptions/{}/remove", subscription.id)
                text="Remove"
                class="quiet small"
                fields=vec![("back", format!("{back}?done=unsubscribed"))]
            />
        }
    });
    view! {
        <Line name says=why.into_any()>
            {state.map(|state| view! { <DestinationBadge state /> })}
            {remove}
        </Line>
    }
}
