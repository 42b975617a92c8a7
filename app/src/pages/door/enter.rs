//! `/enter/:code`: comes in by a link that was made on the machine itself.

use crate::parts::title::Title;
use crate::{
    api::people::get_entering,
    parts::{
        form::{FormFault, Submit, Typed},
        load::{load, param},
    },
};
use leptos::prelude::*;

/// The page behind the link. Following the link alone changes nothing: programs that look at messages do that.
#[component]
pub fn Enter() -> impl IntoView {
    let code = param("code");
    let form = Typed::here();
    load(get_entering(code.clone()), move |email| {
        view! {
            <Title text="Come in · Aviary" />
            <header class="sheet-head">
                <h1>"Come in"</h1>
                <p>
                    "Whoever runs this console made this link for " <strong>{email}</strong>
                    ". It works once, and the audit log says so."
                </p>
            </header>
            <form class="form" method="post" action=format!("/enter/{code}")>
                <FormFault form />
                <Submit text="Sign in" />
            </form>
        }
    })
}
