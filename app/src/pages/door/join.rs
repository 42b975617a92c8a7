//! `/join/:code`: makes the account that somebody was invited to.

use super::PASSWORD_RULES;
use crate::parts::title::Title;
use crate::{
    api::people::invited,
    model::person::Invite,
    parts::{
        facts::{Fact, Facts},
        form::{FormFault, Submit, TextField, Typed},
        load::{load, param},
        when::When,
    },
};
use leptos::prelude::*;

/// The page behind an invitation: for whom it is, what they will be able to do, and their password.
#[component]
pub fn Join() -> impl IntoView {
    let code = param("code");
    let form = Typed::here();
    let asked = invited(code.clone());
    load(asked, move |invite| {
        let Invite { email, team, role, expires_at, .. } = invite;
        let shown = email.clone();
        view! {
            <Title text="Join · Aviary" />
            <header class="sheet-head">
                <h1>"Join this console"</h1>
                <p>"You were invited to watch over canary keys. Choose a password, and you are in."</p>
            </header>
            <Facts>
                <Fact name="You sign in as">{shown}</Fact>
                <Fact name="Where">{team.unwrap_or_else(|| "The whole installation".to_owned())}</Fact>
                <Fact name="Role">
                    <span class="role">{role.word()}</span>
                    <span class="under">{role.meaning()}</span>
                </Fact>
                <Fact name="Link ends">
                    <When at=expires_at />
                </Fact>
            </Facts>
            <form class="form" method="post" action=format!("/join/{code}")>
                <FormFault form=form.clone() />
                // Password managers file the new password under this address.
                <input class="unseen" type="email" autocomplete="username" value=email readonly=true tabindex="-1" aria-hidden="true" />
                <TextField
                    form=form
                    name="password"
                    label="Password"
                    hint=PASSWORD_RULES
                    kind="password"
                    autocomplete="new-password"
                    autofocus=true
                />
                <Submit text="Make my account" />
            </form>
        }
    })
}
