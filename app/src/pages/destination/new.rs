//! `/destinations/new`: an address that alerts can go to, and how its owner proves control of it.

use super::{
    fields::{KindFields, LABELS},
    kinds::Kinds,
    machines,
    proof::Proof,
    signing::signing,
    words,
};
use crate::{
    api::{Reply, people::list_teams},
    model::alert::{DestinationKind, DestinationState, NewDestination},
    parts::{
        badge::DestinationBadge,
        form::{FormFault, Item, SelectField, Submit, TextField, Typed},
        head::PageHead,
        load::{load, query},
        panel::Panel,
    },
};
use leptos::prelude::*;

/// The form, and after it was sent what has been made of it.
#[component]
pub fn NewDestinationPage() -> impl IntoView {
    if let Some(Reply::Destination(made)) = use_context::<Reply>() {
        return made_page(*made).into_any();
    }
    let form = Typed::here();
    let token = form.value("token", &query("token"));
    let kind = DestinationKind::parse(&form.value("kind", &query("kind")))
        .filter(|kind| DestinationKind::OFFERED.contains(kind))
        .unwrap_or(DestinationKind::Email);
    load(list_teams(), move |teams| {
        let mut owners = vec![Item::new("", "Only me")];
        owners.extend(teams.into_iter().map(|team| Item::new(team.name.clone(), format!("Team {}", team.name))));
        let about_token = !token.is_empty();
        view! {
            <PageHead
                title="New destination"
                lead="Nothing is sent to an address before its owner has confirmed it.".into_any()
                crumbs=vec![("/destinations".to_owned(), "Destinations".to_owned())]
            />
            <Kinds chosen=kind token=token.clone() />
            <Panel title=words::kind(kind) says=words::says(kind)>
                <form class="form pad" method="post" action="/destinations/new">
                    <FormFault form=form.clone() labels=LABELS />
                    <input type="hidden" name="token" value=token />
                    <input type="hidden" name="kind" value=kind.word() />
                    <KindFields form=form.clone() kind />
                    <TextField
                        form=form.clone()
                        name="name"
                        label="Name"
                        hint="What people read in lists. Left empty, it is made from the address."
                        placeholder="Security on-call"
                        optional=true
                    />
                    <SelectField
                        form=form
                        name="team"
                        label="Belongs to"
                        hint="A team's destination is seen by all of the team, with its address shortened for those who did not make it."
                        options=owners
                    />
                    {about_token
                        .then(|| view! { <p class="hint">"It is subscribed to the token you came from."</p> })}
                    <Submit text="Add destination" cancel="/destinations" />
                </form>
            </Panel>
        }
    })
}

fn made_page(made: NewDestination) -> impl IntoView {
    let NewDestination { destination, secret } = made;
    let here = format!("/destinations/{}", destination.id);
    let lead = view! {
        <DestinationBadge state=destination.state />
        " "
        {words::state(&destination)}
    };
    view! {
        <PageHead
            title=destination.name.clone()
            lead=lead.into_any()
            crumbs=vec![("/destinations".to_owned(), "Destinations".to_owned())]
        >
            <a class="button primary" href=here>
                "Open the destination"
            </a>
        </PageHead>
        {secret
            .map(|secret| match destination.kind {
                DestinationKind::Jira => machines::hook(&destination.id, &secret).into_any(),
                _ => signing(secret).into_any(),
            })}
        {if destination.state == DestinationState::Unconfirmed {
            view! { <Proof destination form=Typed::blank() /> }.into_any()
        } else {
            view! {
                <Panel title="Confirmed">
                    <p class="pad">
                        {match destination.kind {
                            DestinationKind::Webhook => "The endpoint answered the challenge. ",
                            DestinationKind::Jira => "The project and its type of issue were found. ",
                            DestinationKind::Syslog => "The connection took a test; a log collector answers nothing. ",
                            _ => "It took a test. ",
                        }}
                        "Choose next what it hears about: open the destination and subscribe it."
                    </p>
                </Panel>
            }
                .into_any()
        }}
    }
}
