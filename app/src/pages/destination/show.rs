//! `/destinations/:id`: whether alerts arrive there, what it hears about, and each delivery with its attempts.

use super::{
    facts::facts,
    hears, machines,
    proof::Proof,
    replay::ReplayPanel,
    signing::{revealed, signing},
    words,
};
use crate::{
    api::{
        Reply,
        alerts::{get_destination, get_kept, list_deliveries, list_held, list_subscriptions},
        people::list_teams,
        viewer,
    },
    model::{
        alert::{
            Delivery, DeliveryQuery, Destination, DestinationKind, DestinationState, Kept, NewDestination, Subscription,
        },
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
        form::{FormFault, Typed},
        head::PageHead,
        icon::Sign,
        load::{cursor, load, param},
        pager::Pager,
        panel::Panel,
    },
};
use leptos::prelude::*;

struct Found {
    destination: Destination,
    subscriptions: Vec<Subscription>,
    deliveries: Page<Delivery>,
    held: Vec<Held>,
    teams: Vec<Team>,
    kept: Kept,
}

/// One destination.
#[component]
pub fn ShowDestination() -> impl IntoView {
    let form = Typed::here();
    let viewer = viewer();
    let may = |act| viewer.as_ref().is_some_and(|viewer| viewer.may(act, None));
    let (everything, admin) = (may(Act::Triage), may(Act::ManagePeople));
    load(find(DestinationId::from(param("id")), cursor()), move |found| page(found, form, everything, admin))
}

async fn find(id: DestinationId, after: Option<String>) -> Result<Found, Fault> {
    let destination = get_destination(id.clone()).await?;
    let kept = get_kept(id.clone()).await?;
    let query = DeliveryQuery { destination_id: Some(id.clone()), after, ..DeliveryQuery::default() };
    Ok(Found {
        destination,
        subscriptions: list_subscriptions(Some(id.clone()), None).await?,
        held: list_held(id).await?,
        deliveries: list_deliveries(query).await?,
        teams: list_teams().await?,
        kept,
    })
}

fn page(found: Found, form: Typed, everything: bool, admin: bool) -> impl IntoView {
    let Found { destination, subscriptions, deliveries, teams, kept, held } = found;
    let here = format!("/destinations/{}", destination.id);
    let waiting = destination.state == DestinationState::Unconfirmed;
    let lead = view! {
        <DestinationBadge state=destination.state />
        " "
        {words::state(&destination)}
    };
    let mine = destination.mine;
    let actions = mine.then(|| actions(&destination, &here, waiting));
    let shown_once = match use_context::<Reply>() {
        Some(Reply::Destination(made)) => {
            let NewDestination { destination, secret } = *made;
            secret.map(|secret| match destination.kind {
                DestinationKind::Jira => machines::hook(&destination.id, &secret).into_any(),
                _ => signing(secret).into_any(),
            })
        }
        Some(Reply::Address(address)) => Some(revealed(address).into_any()),
        _ => None,
    };
    let typed = form.clone();
    let facts = facts(&destination);
    let subscribed = hears::subscribed(subscriptions, &form, &here, mine, waiting, admin);
    let subscribe = mine.then(|| hears::subscribe(&destination, &form, teams, everything, admin, &here));
    let title = destination.name.clone();
    let again = (kept.alerts > 0 && !waiting).then({
        let (destination, form) = (destination.clone(), form.clone());
        move || view! { <ReplayPanel destination kept form /> }
    });
    let proof = waiting.then(|| view! { <Proof destination form=typed /> });
    view! {
        <PageHead
            title
            lead=lead.into_any()
            crumbs=vec![("/destinations".to_owned(), "Destinations".to_owned())]
        >
            {actions}
        </PageHead>
        <FormFault form />
        {shown_once}
        {proof}
        <div class="halves">
            <Panel title="Facts">{facts}</Panel>
            <Panel title="Hears about">
                {subscribed} {subscribe}
            </Panel>
        </div>
        {again}
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

fn actions(destination: &Destination, here: &str, waiting: bool) -> impl IntoView + use<> {
    let rotate = matches!(destination.kind, DestinationKind::Webhook | DestinationKind::Jira)
        .then(|| view! { <PostButton action=format!("{here}/rotate") text="Rotate the secret" /> });
    let reveal = destination
        .kind
        .hides_address()
        .then(|| view! { <PostButton action=format!("{here}/reveal") text="Show the address" /> });
    let first = if waiting {
        view! { <PostButton action=format!("{here}/confirm") text="Send the proof again" class="primary" /> }.into_any()
    } else {
        view! { <PostButton action=format!("{here}/test") text="Send a test" class="primary" /> }.into_any()
    };
    view! {
        {first}
        {rotate}
        {reveal}
        <a class="button" href=format!("{here}/remove")>
            "Remove"
        </a>
    }
}
