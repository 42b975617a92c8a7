//! `/unsubscribe/:code`: ends all alerts to an address. Nobody needs to be signed in: whoever has the mail has the link.

use crate::parts::title::Title;
use crate::{
    api::alerts::get_leaving,
    pages::destination::words,
    parts::{
        facts::{Fact, Facts},
        form::{FormFault, Submit, Typed},
        load::{load, param, query},
    },
};
use leptos::prelude::*;

/// The page behind the link at the foot of each alert. Following the link alone changes nothing: mail scanners do that.
#[component]
pub fn Unsubscribe() -> impl IntoView {
    if query("done") == "unsubscribed" {
        return gone().into_any();
    }
    let code = param("code");
    let form = Typed::here();
    load(get_leaving(code.clone()), move |found| {
        let destination = found.destination;
        if found.subscriptions.is_empty() {
            return gone().into_any();
        }
        let hears = words::hears(&found.subscriptions.iter().collect::<Vec<_>>());
        let whose = match &destination.team {
            Some(team) => format!(
                "It belongs to the team {team}: nobody of the team will be told here any more. Make sure that somebody still hears."
            ),
            None => "Whoever looks after the keys may still be told elsewhere.".to_owned(),
        };
        view! {
            <Title text="Stop alerts · Aviary" />
            <header class="sheet-head">
                <h1>"Stop all alerts to this address?"</h1>
                <p>"When a canary key is used, nothing will be sent here. " {whose}</p>
            </header>
            <Facts>
                <Fact name="Address">{destination.address}</Fact>
                <Fact name="Called">{destination.name}</Fact>
                <Fact name="Hears about">{hears}</Fact>
            </Facts>
            <form class="form" method="post" action=format!("/unsubscribe/{code}")>
                <FormFault form />
                <Submit text="Stop all alerts" class="danger" />
            </form>
            <p class="sheet-foot">
                "Too many? Whoever made the destination can have them counted in a digest instead: "
                <a href=format!("/destinations/{}", destination.id)>"sign in"</a>
                " and change how often."
            </p>
        }
            .into_any()
    })
    .into_any()
}

fn gone() -> impl IntoView {
    view! {
        <Title text="Stopped · Aviary" />
        <header class="sheet-head">
            <h1>"No more alerts go to this address"</h1>
            <p>"You can close this page. To get alerts again, sign in and subscribe the destination anew."</p>
        </header>
    }
}
