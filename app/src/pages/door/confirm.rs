//! `/confirm/:code`: the owner of a mail address agrees to get alerts there. Nobody needs to be signed in.

use crate::parts::title::Title;
use crate::{
    api::alerts::awaiting_confirmation,
    parts::{
        facts::{Fact, Facts},
        form::{FormFault, Submit, Typed},
        load::{load, param, query},
    },
};
use leptos::prelude::*;

/// The page behind the link in a confirmation mail. Following the link alone changes nothing: mail scanners do that.
#[component]
pub fn Confirm() -> impl IntoView {
    if query("done") == "confirmed" {
        // The code has done its work and is not looked at again.
        return confirmed().into_any();
    }
    let code = param("code");
    let form = Typed::here();
    let asked = awaiting_confirmation(code.clone());
    load(asked, move |destination| {
        view! {
            <Title text="Confirm an address · Aviary" />
            <header class="sheet-head">
                <h1>"Get alerts at this address?"</h1>
                <p>
                    "Somebody wants mail to be sent here when a canary key is used: who used it, when, from where, and what to rotate. Test mails and reminders before a key expires come as well."
                </p>
            </header>
            <Facts>
                <Fact name="Address">{destination.address}</Fact>
                <Fact name="Called">{destination.name}</Fact>
                <Fact name="Asked by">{destination.created_by}</Fact>
                {destination.team.map(|team| view! { <Fact name="Team">{team}</Fact> })}
            </Facts>
            <form class="form" method="post" action=format!("/confirm/{code}")>
                <FormFault form=form />
                <Submit text="Yes, send alerts here" />
            </form>
            <p class="sheet-foot">"You did not expect this? Close the page. Nothing is sent without your yes."</p>
        }
    })
}

fn confirmed() -> impl IntoView {
    view! {
        <Title text="Confirmed · Aviary" />
        <header class="sheet-head">
            <h1>"That is all"</h1>
            <p>"You can close this page. Each mail says which key was used, where it was planted, and what to rotate."</p>
        </header>
    }
}
