//! `/destinations/new`: an address that alerts can go to, and how its owner proves control of it.

use super::words;
use crate::{
    api::{Reply, people::list_teams},
    model::{
        alert::{Destination, DestinationKind, DestinationState, NewDestination},
        secret::Secret,
    },
    parts::{
        badge::DestinationBadge,
        code::Code,
        facts::{Fact, Facts},
        form::{FormFault, Item, RadioGroup, SelectField, Submit, TextField, Typed},
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
    load(list_teams(), move |teams| {
        let mut owners = vec![Item::new("", "Only me")];
        owners.extend(teams.into_iter().map(|team| Item::new(team.name.clone(), format!("Team {}", team.name))));
        let kinds = vec![
            Item::new(DestinationKind::Email.word(), "E-mail")
                .says("A mail per alert. The address gets a link that its owner follows once."),
            Item::new(DestinationKind::Webhook.word(), "Webhook")
                .says("Signed JSON, posted to an https:// address. The endpoint answers a challenge once."),
        ];
        let about_token = !token.is_empty();
        view! {
            <PageHead
                title="New destination"
                lead="Nothing is sent to an address before its owner has confirmed it.".into_any()
                crumbs=vec![("/destinations".to_owned(), "Destinations".to_owned())]
            />
            <section class="panel pad">
                <form class="form" method="post" action="/destinations/new">
                    <FormFault form=form.clone() labels=&[("kind", "What sort of address"), ("team", "Belongs to")] />
                    <input type="hidden" name="token" value=token />
                    <RadioGroup
                        form=form.clone()
                        name="kind"
                        legend="What sort of address"
                        value=DestinationKind::Email.word()
                        options=kinds
                    />
                    <TextField
                        form=form.clone()
                        name="address"
                        label="Address"
                        hint="A mail address, or the https:// address of an endpoint."
                        placeholder="security@example.com"
                        mono=true
                    />
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
            </section>
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
        {secret.map(signing)}
        {if destination.state == DestinationState::Unconfirmed {
            view! { <Proof destination /> }.into_any()
        } else {
            view! {
                <Panel title="Confirmed">
                    <p class="pad">
                        "The endpoint answered the challenge. Choose next what it hears about: open the destination and subscribe it."
                    </p>
                </Panel>
            }
                .into_any()
        }}
    }
}

/// The secret that signs what a webhook gets. It is shown on this page and never again.
fn signing(secret: Secret) -> impl IntoView {
    view! {
        <Panel title="Signing secret" says="Shown this once. Copy it now and keep it where the endpoint can read it.">
            <div class="pad prose">
                <p class="secret">
                    <Code text=secret.expose().to_owned() what="signing secret" />
                </p>
                <p>
                    "Each request is signed as Standard Webhooks describes, so that the endpoint can tell ours from a stranger's. It carries three headers:"
                </p>
                <Facts>
                    <Fact name="webhook-id">"The same in every attempt at one alert: use it to drop repeats."</Fact>
                    <Fact name="webhook-timestamp">"Seconds since 1970. Refuse what is older than five minutes."</Fact>
                    <Fact name="webhook-signature">
                        <span class="mono">"v1,"</span>
                        " and the base64 of HMAC-SHA256 over "
                        <span class="mono">"id.timestamp.body"</span>
                        ", keyed with what follows "
                        <span class="mono">"whsec_"</span>
                        ", decoded from base64."
                    </Fact>
                </Facts>
            </div>
        </Panel>
    }
}

/// What exactly the owner of an unconfirmed destination has to do.
#[component]
pub fn Proof(
    /// The destination.
    destination: Destination,
) -> impl IntoView {
    let error = destination.last_error.map(|error| view! { <p class="said">"The last try: " {error}</p> });
    match destination.kind {
        DestinationKind::Email => view! {
            <Panel title="How to confirm it">
                <div class="pad prose">
                    <ol>
                        <li>"Open the mailbox " <strong class="mono">{destination.address}</strong> "."</li>
                        <li>"Find the mail “Confirm this address for alerts” and follow its link."</li>
                        <li>"Press the button on the page that opens. Nobody has to sign in for that."</li>
                    </ol>
                    {error}
                    <p class="hint">
                        "No mail? Look into the spam folder, then send it again. Without a mail server, mails are files in the server's data folder."
                    </p>
                </div>
            </Panel>
        }
        .into_any(),
        _ => view! {
            <Panel title="How to confirm it" says="The endpoint proves that it wants our requests by answering one of them.">
                <div class="pad prose">
                    <p>"We post this to the address, signed like every alert:"</p>
                    <pre class="sample" tabindex="0">
                        <code>"{\"type\":\"aviary.challenge\",\"challenge\":\"…\"}"</code>
                    </pre>
                    <p>"It answers with status 200 and the same challenge:"</p>
                    <pre class="sample" tabindex="0">
                        <code>"{\"challenge\":\"…\"}"</code>
                    </pre>
                    {error}
                </div>
            </Panel>
        }
        .into_any(),
    }
}
