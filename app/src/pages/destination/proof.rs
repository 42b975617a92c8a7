//! What exactly the owner of an unconfirmed destination has to do.

use super::words;
use crate::{
    model::alert::{Destination, DestinationKind},
    parts::{
        form::{TextField, Typed},
        panel::Panel,
    },
};
use leptos::prelude::*;

/// How an unconfirmed destination is confirmed.
#[component]
pub fn Proof(
    /// The destination.
    destination: Destination,
    /// What was typed as the code and refused.
    form: Typed,
) -> impl IntoView {
    let error = destination.last_error.clone().map(|error| view! { <p class="said">"The last try: " {error}</p> });
    let code = (destination.awaits_code && destination.mine).then(|| code_form(&destination, form));
    let steps = match destination.kind {
        DestinationKind::Email => by_mail(destination.address).into_any(),
        DestinationKind::Webhook => by_challenge(destination.awaits_code).into_any(),
        kind if kind.hides_address() => by_code(kind, destination.awaits_code).into_any(),
        DestinationKind::Jira => {
            view! { <p>"The project and its type of issue are looked up. Nothing is made there before both were found."</p> }
                .into_any()
        }
        DestinationKind::Syslog => {
            view! { <p>"A test is sent there. A log collector answers nothing: it is confirmed as soon as the connection has taken the test."</p> }
                .into_any()
        }
        _ => view! { <p>"A test is sent there. It is confirmed as soon as the test is accepted."</p> }.into_any(),
    };
    view! {
        <Panel title="How to confirm it">
            <div class="pad prose">{steps} {error} {code}</div>
        </Panel>
    }
}

fn by_mail(address: String) -> impl IntoView {
    view! {
        <ol>
            <li>"Open the mailbox " <strong class="mono">{address}</strong> "."</li>
            <li>"Find the mail “Confirm this address for alerts” and follow its link."</li>
            <li>"Press the button on the page that opens. Nobody has to sign in for that."</li>
        </ol>
        <p class="hint">
            "No mail? Look into the spam folder, then send it again. Without a mail server, mails are files in the server's data folder."
        </p>
    }
}

fn by_challenge(awaits_code: bool) -> impl IntoView {
    view! {
        <p>"The endpoint proves that it wants our requests by answering one of them. We post this, signed like every alert:"</p>
        <pre class="sample" tabindex="0">
            <code>"{\"type\":\"aviary.challenge\",\"challenge\":\"…\",\"code\":\"…\"}"</code>
        </pre>
        <p>"It answers with status 200 and the same challenge:"</p>
        <pre class="sample" tabindex="0">
            <code>"{\"challenge\":\"…\"}"</code>
        </pre>
        {awaits_code
            .then(|| {
                view! {
                    <p>"An endpoint that cannot do that: find the request in what it received, and type its code in here."</p>
                }
            })}
    }
}

fn by_code(kind: DestinationKind, awaits_code: bool) -> impl IntoView {
    if !awaits_code {
        return view! { <p>"A message with a code is sent there, which is then typed in here. None is on its way at the moment."</p> }
            .into_any();
    }
    let place = match kind {
        DestinationKind::Canarytokens => "Look at what the endpoint received.".to_owned(),
        kind => format!("Open the channel in {}.", words::kind(kind)),
    };
    view! {
        <ol>
            <li>{place}</li>
            <li>"Find the message “… is the code to confirm alerts here”."</li>
            <li>"Type its six digits in below, within a day."</li>
        </ol>
    }
    .into_any()
}

fn code_form(destination: &Destination, form: Typed) -> impl IntoView + use<> {
    view! {
        <form class="inline-form" method="post" action=format!("/destinations/{}/code", destination.id)>
            <TextField form name="code" label="Code" autocomplete="one-time-code" mono=true />
            <button class="button primary">"Confirm"</button>
        </form>
    }
}
