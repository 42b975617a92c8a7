//! `/setup/:code`: makes the first admin of a new installation.

use super::PASSWORD_RULES;
use crate::parts::title::Title;
use crate::{
    api::people::setup_open,
    parts::{
        form::{FormFault, Submit, TextField, Typed},
        load::{load, param},
    },
};
use leptos::prelude::*;

/// The page behind the one-time link that the server prints when it has no account yet.
#[component]
pub fn Setup() -> impl IntoView {
    let code = param("code");
    let form = Typed::here();
    let open = setup_open(code.clone());
    load(open, move |()| {
        view! {
            <Title text="Set up · Aviary" />
            <header class="sheet-head">
                <h1>"Set up this console"</h1>
                <p>"You make its first account, an admin's. The link works this one time; you invite everybody else from inside."</p>
            </header>
            <form class="form" method="post" action=format!("/setup/{code}")>
                <FormFault form=form.clone() />
                <TextField
                    form=form.clone()
                    name="email"
                    label="Your e-mail"
                    hint="You sign in with it."
                    kind="email"
                    autocomplete="username"
                    autofocus=true
                />
                <TextField
                    form=form.clone()
                    name="password"
                    label="Password"
                    hint=PASSWORD_RULES
                    kind="password"
                    autocomplete="new-password"
                />
                <TextField
                    form=form
                    name="team"
                    label="First team"
                    hint="Each token belongs to a team. More of them can be made later."
                    value="Security"
                />
                <Submit text="Make the admin's account" />
            </form>
        }
    })
}
