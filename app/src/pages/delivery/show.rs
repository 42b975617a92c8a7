//! `/deliveries/:id`: the life of one delivery: what it tells, where it goes, and what was answered to each attempt.

use super::attempts::AttemptList;
use crate::{
    api::alerts::get_delivery,
    model::{
        alert::{AlertKind, Delivery, DeliveryState},
        ids::DeliveryId,
    },
    parts::{
        badge::{DeliveryBadge, alert_kind_text},
        button::PostButton,
        empty::Empty,
        facts::{Fact, Facts},
        form::{FormFault, Typed},
        head::PageHead,
        icon::Sign,
        load::{load, param},
        panel::Panel,
        when::When,
    },
};
use leptos::prelude::*;

/// One delivery.
#[component]
pub fn ShowDelivery() -> impl IntoView {
    let form = Typed::here();
    load(get_delivery(DeliveryId::from(param("id"))), move |delivery| page(delivery, form))
}

fn page(delivery: Delivery, form: Typed) -> impl IntoView {
    let here = format!("/deliveries/{}", delivery.id);
    let again = delivery.can_go_again();
    let unanswered = delivery.state == DeliveryState::Waiting;
    let title = if delivery.kind == AlertKind::Test { "Test" } else { "Delivery" };
    let lead = view! {
        <DeliveryBadge state=delivery.state />
        " "
        {says(&delivery)}
    };
    let facts = facts(&delivery);
    let attempts = delivery.attempts;
    view! {
        <PageHead title lead=lead.into_any() crumbs=vec![("/deliveries".to_owned(), "Deliveries".to_owned())]>
            {again
                .then(|| {
                    view! {
                        <PostButton
                            action=format!("{here}/retry")
                            text="Send again"
                            class="primary"
                            fields=vec![("back", here.clone())]
                        />
                    }
                })}
            {unanswered
                .then(|| {
                    view! {
                        <a class="button" href=here.clone()>
                            "Look again"
                        </a>
                    }
                })}
        </PageHead>
        <FormFault form />
        <Panel title="Facts">{facts}</Panel>
        <Panel title="Attempts" says="What was answered to each, from the first to the last. Secrets are left out.">
            {if attempts.is_empty() {
                view! {
                    <Empty sign=Sign::Send title="No attempt yet">
                        <p>"It is on its way. Look again in a moment."</p>
                    </Empty>
                }
                    .into_any()
            } else {
                view! { <AttemptList attempts /> }.into_any()
            }}
        </Panel>
    }
}

fn says(delivery: &Delivery) -> String {
    let name = &delivery.destination;
    match (delivery.state, delivery.attempts.last()) {
        (DeliveryState::Sent, _) => format!("{name} accepted it."),
        (DeliveryState::Waiting, None) => format!("On its way to {name}."),
        (DeliveryState::Waiting, Some(_)) => format!("{name} did not accept it so far. It is tried again."),
        (DeliveryState::Held, _) => format!("{name} is failing, so this is kept until somebody sends it again."),
        (DeliveryState::Dead, _) => format!("{name} did not accept it, and it is not tried any more."),
    }
}

fn facts(delivery: &Delivery) -> impl IntoView + use<> {
    let Delivery { id, destination_id, destination, kind, token_id, summary, created_at, .. } = delivery.clone();
    let next = delivery.next_attempt_at.filter(|_| delivery.state == DeliveryState::Waiting);
    view! {
        <Facts>
            <Fact name="Says">{summary}</Fact>
            <Fact name="Kind">{alert_kind_text(kind)}</Fact>
            <Fact name="To">
                <a href=format!("/destinations/{destination_id}")>{destination}</a>
            </Fact>
            {token_id
                .map(|token| {
                    view! {
                        <Fact name="About">
                            <a href=format!("/tokens/{token}")>"The token"</a>
                        </Fact>
                    }
                })}
            <Fact name="Caused">
                <When at=created_at />
            </Fact>
            {next
                .map(|at| {
                    view! {
                        <Fact name="Next attempt">
                            <When at />
                        </Fact>
                    }
                })}
            <Fact name="Identifier">
                <span class="mono">{id.to_string()}</span>
                <span class="under">"The same in every attempt"</span>
            </Fact>
        </Facts>
    }
}
