//! `/deliveries`: the log of all alerts, with what became of each.

use super::attempts::Attempts;
use crate::{
    api::alerts::{list_deliveries, list_destinations},
    islands::auto_submit::AutoSubmit,
    model::{
        alert::{Delivery, DeliveryQuery, DeliveryState, Destination},
        fault::Fault,
        ids::DestinationId,
        list::Page,
    },
    pages::destination::list::alert_tabs,
    parts::{
        badge::{DeliveryBadge, alert_kind_text},
        button::PostButton,
        empty::Empty,
        form::{FormFault, Typed},
        head::PageHead,
        icon::Sign,
        load::{cursor, here_with, load, query},
        pager::Pager,
        table::{Cell, Table},
        when::When,
    },
};
use leptos::prelude::*;

/// Deliveries that the viewer may see, newest first.
#[component]
pub fn Deliveries() -> impl IntoView {
    let state = DeliveryState::parse(&query("state"));
    let to = Some(query("destination_id")).filter(|id| !id.is_empty()).map(DestinationId::from);
    let form = Typed::here();
    let back = here_with(&[]);
    let found = find(DeliveryQuery { state, destination_id: to.clone(), after: cursor(), ..DeliveryQuery::default() });
    load(found, move |(deliveries, destinations)| {
        let filtered = state.is_some() || to.is_some();
        view! {
            <PageHead title="Deliveries" lead=lead(state).into_any() />
            {alert_tabs(true)}
            <FormFault form />
            {filters(state, to, destinations)}
            {if deliveries.items.is_empty() {
                none(filtered).into_any()
            } else {
                view! {
                    <section class="panel">
                        <DeliveryTable deliveries=deliveries.items back to_column=true />
                    </section>
                }
                    .into_any()
            }}
            <Pager next=deliveries.next />
        }
    })
}

async fn find(query: DeliveryQuery) -> Result<(Page<Delivery>, Vec<Destination>), Fault> {
    Ok((list_deliveries(query).await?, list_destinations().await?))
}

fn lead(state: Option<DeliveryState>) -> &'static str {
    match state {
        None => "Every alert that was caused, and what became of it.",
        Some(DeliveryState::Waiting) => "Alerts on their way, and those that are tried again.",
        Some(DeliveryState::Sent) => "Alerts that their destination accepted.",
        Some(DeliveryState::Held) => {
            "Alerts that are kept because their destination is failing. Who owns it can send each again."
        }
        Some(DeliveryState::Dead) => "Alerts that were given up. Who owns their destination can send each again.",
    }
}

fn filters(state: Option<DeliveryState>, to: Option<DestinationId>, destinations: Vec<Destination>) -> impl IntoView {
    let states = std::iter::once(None)
        .chain(DeliveryState::ALL.map(Some))
        .map(|one| {
            let text = match one {
                None => "Any",
                Some(DeliveryState::Waiting) => "Waiting",
                Some(DeliveryState::Sent) => "Sent",
                Some(DeliveryState::Held) => "Kept",
                Some(DeliveryState::Dead) => "Given up",
            };
            let value = one.map(DeliveryState::word).unwrap_or_default();
            view! { <option value=value selected=one == state>{text}</option> }
        })
        .collect_view();
    let places = destinations
        .into_iter()
        .map(|destination| {
            let here = to.as_ref() == Some(&destination.id);
            view! { <option value=destination.id.0 selected=here>{destination.name}</option> }
        })
        .collect_view();
    view! {
        <form id="filters" class="filters" method="get" action="/deliveries" aria-label="Which deliveries">
            <AutoSubmit form="filters".to_owned() />
            <label>
                "State" <select name="state">{states}</select>
            </label>
            <label>
                "Destination" <select name="destination_id">
                    <option value="">"Any"</option>
                    {places}
                </select>
            </label>
            <button class="button">"Filter"</button>
        </form>
    }
}

fn none(filtered: bool) -> impl IntoView {
    if filtered {
        view! {
            <Empty sign=Sign::Send title="None of this sort">
                <p class="empty-actions">
                    <a class="button" href="/deliveries">
                        "Show all deliveries"
                    </a>
                </p>
            </Empty>
        }
        .into_any()
    } else {
        view! {
            <Empty sign=Sign::Send title="No alert was sent so far">
                <p>"To see that the way works, open a destination and send it a test."</p>
                <p class="empty-actions">
                    <a class="button" href="/destinations">
                        "See destinations"
                    </a>
                </p>
            </Empty>
        }
        .into_any()
    }
}

/// Deliveries as a table; `back` is where one returns to after sending one again.
#[component]
pub fn DeliveryTable(
    /// The deliveries.
    deliveries: Vec<Delivery>,
    /// A path of this console.
    back: String,
    /// Whether to say where each one goes.
    #[prop(optional)]
    to_column: bool,
) -> impl IntoView {
    let heads = if to_column {
        vec!["Alert", "To", "State", "Attempts", "When"]
    } else {
        vec!["Alert", "State", "Attempts", "When"]
    };
    let rows = deliveries.into_iter().map(|delivery| row(delivery, &back, to_column)).collect_view();
    view! { <Table caption="Deliveries" heads>{rows}</Table> }
}

fn row(delivery: Delivery, back: &str, to_column: bool) -> impl IntoView + use<> {
    let (summary, named) = (delivery.summary.clone(), delivery.summary.clone());
    let life = format!("/deliveries/{}", delivery.id);
    let summary = match &delivery.token_id {
        Some(token) => view! { <a href=format!("/tokens/{token}")>{summary}</a> }.into_any(),
        None => summary.into_any(),
    };
    let to = to_column.then(|| {
        let (href, name) = (format!("/destinations/{}", delivery.destination_id), delivery.destination.clone());
        view! {
            <Cell label="To">
                <a href=href>{name}</a>
            </Cell>
        }
    });
    let again = delivery.can_go_again().then(|| {
        view! {
            <PostButton
                action=format!("/deliveries/{}/retry", delivery.id)
                text="Send again"
                class="small"
                fields=vec![("back", back.to_owned())]
                label=format!("Send again: {}", delivery.summary)
            />
        }
    });
    let (kind, state, created_at) = (alert_kind_text(delivery.kind), delivery.state, delivery.created_at);
    view! {
        <tr>
            <Cell label="Alert" class="main">
                {summary}
                <span class="under">
                    {kind} " · " <a href=life aria-label=format!("Details: {}", named)>
                        "Details"
                    </a>
                </span>
            </Cell>
            {to}
            <Cell label="State">
                <DeliveryBadge state />
                {again}
            </Cell>
            <Cell label="Attempts" class="wide">
                <Attempts delivery />
            </Cell>
            <Cell label="When">
                <When at=created_at />
            </Cell>
        </tr>
    }
}
