//! `/destinations/:id`: whether alerts arrive there, what it hears about, and each delivery with its attempts.

use super::{
    facts::facts,
    proof::Proof,
    signing::{revealed, signing},
    words,
};
use crate::{
    api::{
        Reply,
        alerts::{get_destination, list_deliveries, list_subscriptions},
        desk,
        people::list_teams,
    },
    model::{
        alert::{Delivery, DeliveryQuery, Destination, DestinationKind, DestinationState, Scope, Subscription},
        fault::Fault,
        ids::DestinationId,
        list::Page,
        person::Team,
        viewer::Act,
    },
    pages::delivery::list::DeliveryTable,
    parts::{
        badge::DestinationBadge,
        button::PostButton,
        empty::Empty,
        form::{FormFault, Item, SelectField, Typed},
        head::PageHead,
        icon::Sign,
        lines::{Line, Lines},
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
        subscriptions: list_subscriptions(Some(id), None).await?,
        deliveries: list_deliveries(query).await?,
        teams: list_teams().await?,
    })
}

fn page(found: Found, form: Typed, everything: bool) -> impl IntoView {
    let Found { destination, subscriptions, deliveries, teams } = found;
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
        Some(Reply::Destination(made)) => made.secret.map(|secret| signing(secret).into_any()),
        Some(Reply::Address(address)) => Some(revealed(address).into_any()),
        _ => None,
    };
    let typed = form.clone();
    let facts = facts(&destination);
    let subscribed = subscribed(subscriptions, &here, mine, waiting);
    let subscribe = mine.then(|| subscribe(&destination, teams, everything, &here));
    let title = destination.name.clone();
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
    let rotate = (destination.kind == DestinationKind::Webhook)
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

fn subscribed(subscriptions: Vec<Subscription>, here: &str, mine: bool, waiting: bool) -> impl IntoView + use<> {
    if subscriptions.is_empty() {
        let says = if waiting {
            "Nothing yet. Subscriptions made now count from the moment it is confirmed."
        } else {
            "Nothing yet, so no alert goes here."
        };
        return view! { <p class="calm-line pad">{says}</p> }.into_any();
    }
    let lines = subscriptions
        .into_iter()
        .map(|subscription| {
            let name = match &subscription.scope {
                Scope::Token { token_id } => {
                    view! { <a href=format!("/tokens/{token_id}")>{subscription.about.clone()}</a> }.into_any()
                }
                Scope::Team { team } => format!("Team {team}").into_any(),
                Scope::Everything => "Everything".into_any(),
            };
            let says = match &subscription.scope {
                Scope::Token { .. } => "One token",
                Scope::Team { .. } => "All tokens of the team, also those to come",
                Scope::Everything => "All tokens of every team",
            };
            let remove = mine.then(|| {
                view! {
                    <PostButton
                        action=format!("/subscriptions/{}/remove", subscription.id)
                        text="Unsubscribe"
                        class="quiet"
                        fields=vec![("back", here.to_owned())]
                        label=format!("Unsubscribe from {}", subscription.about)
                    />
                }
            });
            view! {
                <Line name says=says.into_any()>
                    {remove}
                </Line>
            }
        })
        .collect_view();
    view! { <Lines>{lines}</Lines> }.into_any()
}

/// Subscribes to a team or to everything; a single token is subscribed from its own page. Each is a form of its own,
/// because the two need different fields.
fn subscribe(destination: &Destination, teams: Vec<Team>, everything: bool, here: &str) -> impl IntoView + use<> {
    let id = destination.id.0.clone();
    let hidden = |scope: &'static str| {
        view! {
            <input type="hidden" name="destination_id" value=id.clone() />
            <input type="hidden" name="scope" value=scope />
            <input type="hidden" name="back" value=here.to_owned() />
        }
    };
    let options: Vec<Item> = teams.into_iter().map(|team| Item::new(team.name.clone(), team.name)).collect();
    let team = (!options.is_empty()).then(|| {
        view! {
            <form class="inline-form" method="post" action="/subscriptions/new">
                {hidden("team")}
                <SelectField form=Typed::blank() name="team" label="A whole team" options />
                <button class="button">"Subscribe"</button>
            </form>
        }
    });
    let all = everything.then(|| {
        view! {
            <form class="inline-form" method="post" action="/subscriptions/new">
                {hidden("everything")}
                <button class="button">"Subscribe to everything"</button>
            </form>
        }
    });
    view! {
        <div class="pad subscribe">
            {team} {all}
            <p class="hint">"A single token is subscribed from its own page."</p>
        </div>
    }
}
