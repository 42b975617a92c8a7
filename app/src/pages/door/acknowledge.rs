//! `/acknowledge/:code`: whoever got an alert says that somebody is on it. Nobody needs to be signed in.

use crate::parts::title::Title;
use crate::{
    api::alerts::get_acknowledging,
    model::acknowledge::{Acknowledging, Standing},
    parts::{
        facts::{Fact, Facts},
        form::{FormFault, Submit, Typed},
        head::plural,
        load::{load, param, query},
        when::When,
    },
};
use leptos::prelude::*;

/// The page behind the link in an alert. Following the link alone changes nothing: mail scanners do that.
#[component]
pub fn Acknowledge() -> impl IntoView {
    let code = param("code");
    let done = query("done") == "acknowledged";
    let form = Typed::here();
    load(get_acknowledging(code.clone()), move |asked| {
        let (title, says) = words(&asked, done);
        let open = asked.standing == Standing::Open;
        view! {
            <Title text="Acknowledge · Aviary" />
            <header class="sheet-head">
                <h1>{title}</h1>
                <p>{says}</p>
            </header>
            <Facts>
                <Fact name="Planted in">{asked.location}</Fact>
                <Fact name="Key">
                    <span class="mono">{asked.access_key_id}</span>
                </Fact>
                <Fact name="Called">{plural(asked.hit_count, "time", "times")}</Fact>
                <Fact name="First seen">
                    <When at=asked.opened_at />
                </Fact>
                <Fact name="Last seen">
                    <When at=asked.last_hit_at />
                </Fact>
                <Fact name="Link sent to">{asked.destination}</Fact>
            </Facts>
            {open
                .then(|| {
                    view! {
                        <form class="form" method="post" action=format!("/acknowledge/{code}")>
                            <FormFault form />
                            <Submit text="I am on it" />
                        </form>
                    }
                })}
            <p class="sheet-foot">
                {if open {
                    "Others then see that somebody looks into it, and alerts go on. To close it, sign in."
                } else {
                    "To see every call, or to close it, sign in."
                }}
            </p>
        }
    })
}

fn words(asked: &Acknowledging, done: bool) -> (&'static str, String) {
    match &asked.standing {
        Standing::Open => {
            ("Are you on it?", "A canary key was used, and nobody has said yet that they look into it.".to_owned())
        }
        Standing::Resolved => {
            ("It is closed", "Somebody has resolved this incident. There is nothing to do.".to_owned())
        }
        Standing::Acknowledged { .. } | Standing::Used if done => (
            "That is all",
            "It is acknowledged: others see that somebody is on it. You can close this page.".to_owned(),
        ),
        Standing::Used => ("Used already", "This link was used already. It works once.".to_owned()),
        Standing::Acknowledged { by } if by.is_empty() => {
            ("Somebody is on it", "Somebody has acknowledged it already.".to_owned())
        }
        Standing::Acknowledged { by } => ("Somebody is on it", format!("Acknowledged already, by {by}.")),
    }
}
