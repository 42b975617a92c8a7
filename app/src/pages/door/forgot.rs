//! `/forgot`: asks for a link that chooses a new password.

use crate::parts::title::Title;
use crate::{
    api::people::get_sign_in_ways,
    parts::{
        form::{FormFault, Submit, TextField, Typed},
        load::{load, query},
    },
};
use leptos::prelude::*;

/// The page for whoever forgot their password. It says the same whether there is such an account or not.
#[component]
pub fn Forgot() -> impl IntoView {
    if query("done") == "asked" {
        return asked().into_any();
    }
    let form = Typed::here();
    load(get_sign_in_ways(), move |ways| if ways.local { ask(form).into_any() } else { no_passwords().into_any() })
}

fn ask(form: Typed) -> impl IntoView {
    view! {
        <Title text="Forgotten password · Aviary" />
        <header class="sheet-head">
            <h1>"Choose a new password"</h1>
            <p>"We mail you a link that works for half an hour."</p>
        </header>
        <form class="form" method="post" action="/forgot">
            <FormFault form=form.clone() />
            <TextField
                form
                name="email"
                label="E-mail"
                hint="The address that you sign in with."
                kind="email"
                autocomplete="username"
                autofocus=true
            />
            <Submit text="Mail me a link" cancel="/sign-in" />
        </form>
    }
}

fn asked() -> impl IntoView {
    view! {
        <Title text="Look at your mail · Aviary" />
        <header class="sheet-head">
            <h1>"Look at your mail"</h1>
            <p>
                "If somebody signs in here with that address, a mail is on its way to it. Its link works once, for half an hour."
            </p>
        </header>
        <p class="sheet-foot">
            "Nothing comes? Look at what was sorted out as spam, or " <a href="/forgot">"ask again"</a>
            " with the address of your account. An admin of this console can tell you which one that is."
        </p>
    }
}

fn no_passwords() -> impl IntoView {
    view! {
        <Title text="No passwords · Aviary" />
        <header class="sheet-head">
            <h1>"There are no passwords here"</h1>
            <p>"A password that you type at a provider of the organisation is changed there."</p>
        </header>
        <div class="ways">
            <a class="button" href="/sign-in">
                "Sign in"
            </a>
        </div>
    }
}
