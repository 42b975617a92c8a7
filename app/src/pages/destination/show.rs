//! `/destinations/:id`: whether alerts arrive there, what it hears about, and each delivery with its attempts.

use super::{hears, new::Proof, words};
use crate::{
    api::{
        alerts::{get_destination, list_deliveries, list_held, list_subscriptions},
        desk,
        people::list_teams,
    },
    model::{
        alert::{Delivery, DeliveryQuery, Destination, DestinationState, Subscription},
        fault::Fault,
        ids::DestinationId,
        list::Page,
        pace::Held,
        person::Team,
        viewer::Act,
    },
    pages::delivery::list::DeliveryTable,
    parts::{
        badge::DestinationBadge,
        button::PostButton,
        empty::Empty,
        facts::{Fact, Facts},
        form::{FormFault, Typed},
        head::PageHead,
        icon::Sign,
        load::{cursor, load, param},
        pager::Pager,
        panel::Panel,
        when::When,
    },
};
use leptos::prelude::*;

struct Found {
    destination: Destination,
    subscriptions: Vec<Subscription>,
    deliveries: Page<Delivery>,
    held: Vec<Held>,
    teams: Vec<Team>,
}

/// One destination.
#[component]
pub fn ShowDestination() -> impl IntoView {
    let form = Typed::here();
    let everything = desk().ok().and_then(|desk| desk.viewer).is_some_and(|viewer| viewer.may(Act::Triage, None));
    load(find(DestinationId::from(param("id")), cursor()), move |found| page(found, form, everything))
}

async fn find(id: DestinationId, after: Option<String>) -> Result<Found, Fault> {
    let destination = get_destination(id.clone()).await?;
    let query = DeliveryQuery { destination_id: Some(id.clone()), after, ..DeliveryQuery::default() };
    Ok(Found {
        destination,
        subscriptions: list_subscriptions(Some(id.clone()), None).await?,
        held: list_held(id).await?,
        deliveries: list_deliveries(query).await?,
        teams: list_teams().await?,
    })
}

fn page(found: Found, form: Typed, everything: bool) -> impl IntoView {
    let Found { destination, subscriptions, deliveries, held, teams } = found;
    let here = format!("/destinations/{}", destination.id);
    let waiting = destination.state == DestinationState::Unconfirmed;
    let lead = view! {
        <DestinationBadge state=destination.state />
        " "
        {words::state(&destination)}
    };
    let mine = destination.mine;
    let actions = mine.then(|| actions(&here, waiting));
    let facts = facts(&destination);
    let subscribed = hears::subscribed(subscriptions, &form, &here, mine, waiting);
    let subscribe = mine.then(|| hears::subscribe(&destination, &form, teams, everything, &here));
    let title = destination.name.clone();
    let proof = waiting.then(|| view! { <Proof destination /> });
    view! {
        <PageHead
            title
            lead=lead.into_any()
            crumbs=vec![("/destinations".to_owned(), "Destinations".to_owned())]
        >
            {actions}
        </PageHead>
        <FormFault form />
        {proof}
        <div class="halves">
            <Panel title="Facts">{facts}</Panel>
            <Panel title="Hears about">
                {subscribed} {subscribe}
            </Panel>
        </div>
        {hears::held(held)}
        <Panel title="Deliveries" says="What was sent here, the latest first, with what was answered to each attempt.">
            {if deliveries.items.is_empty() {
                view! {
                    <Empty sign=Sign::Send title="Nothing was sent so far">
                        <p>
                            {if waiting {
                                "Confirm the destination first; then send it a test."
                            } else {
                                "Send a test to see that it arrives."
                            }}
                        </p>
                    </Empty>
                }
                    .into_any()
            } else {
                view! { <DeliveryTable deliveries=deliveries.items back=here /> }.into_any()
            }}
            <Pager next=deliveries.next />
        </Panel>
    }
}

fn actions(here: &str, waiting: bool) -> impl IntoView + use<> {
    let first = if waiting {
        view! { <PostButton action=format!("{here}/confirm") text="Send the proof again" class="primary" /> }.into_any()
    } else {
        view! { <PostButton action=format!("{here}/test") text="Send a test" class="primary" /> }.into_any()
    };
    view! {
        {first}
        <a class="button" href=format!("{here}/remove")>
            "Remove"
        </a>
    }
}

fn facts(destination: &Destination) -> impl IntoView + use<> {
    let Destination { kind, address, team, created_by, created_at, last_error, mine, .. } = destination.clone();
    let belongs = team.map_or_else(|| created_by.clone(), |team| format!("Team {team}"));
    view! {
        <Facts>
            <Fact name="Kind">{words::kind(kind)}</Fact>
            <Fact name="Address">
                <span class="mono">{address}</span>
                {(!mine)
                    .then(|| view! { <span class="under">"Shortened: it belongs to somebody else."</span> })}
            </Fact>
            <Fact name="Belongs to">{belongs}</Fact>
            <Fact name="Made">
                <When at=created_at />
                " by "
                {created_by}
            </Fact>
            {last_error.map(|error| view! { <Fact name="Last error">{error}</Fact> })}
        </Facts>
    }
}
