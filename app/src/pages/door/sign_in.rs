//! `/sign-in`: an address and a password.

use crate::parts::{
    form::{FormFault, Submit, TextField, Typed},
    load::query,
    passkey::UsePasskey,
};
use leptos::prelude::*;
use leptos_meta::Title;

/// The page for whoever is not signed in. `next` says where to go afterwards; the server takes only local paths.
#[component]
pub fn SignIn() -> impl IntoView {
    let form = Typed::here();
    let next = form.value("next", &query("next"));
    // After a refusal the address is there already, and the password is what has to be typed again.
    let again = form.refused();
    view! {
        <Title text="Sign in · Aviary" />
        <header class="sheet-head">
            <h1>"Sign in"</h1>
        </header>
        <form class="form" method="post" action="/sign-in">
            <FormFault form=form.clone() />
            <input type="hidden" name="next" value=next.clone() />
            <TextField
                form=form.clone()
                name="email"
                label="E-mail"
                kind="email"
                autocomplete="username"
                autofocus=!again
            />
            <TextField
                form=form
                name="password"
                label="Password"
                kind="password"
                autocomplete="current-password"
                autofocus=again
            />
            <Submit text="Sign in" />
        </form>
        <UsePasskey action="/sign-in/passkey" text="Sign in with a passkey" next />
        <p class="sheet-foot">"No account yet, or a forgotten password? An admin of this console can help."</p>
    }
    .into_any()
}
