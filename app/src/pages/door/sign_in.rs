//! `/sign-in`: an address and a password, or a provider.

use super::providers::providers;
use crate::parts::title::Title;
use crate::{
    api::people::get_sign_in_ways,
    parts::{
        form::{FormFault, Submit, TextField, Typed},
        load::{load, query},
        passkey::UsePasskey,
    },
};
use leptos::prelude::*;

/// The page for whoever is not signed in. `next` says where to go afterwards; the server takes only local paths.
#[component]
pub fn SignIn() -> impl IntoView {
    let form = Typed::here();
    let next = form.value("next", &query("next"));
    load(get_sign_in_ways(), move |ways| {
        let nothing = !ways.local && ways.providers.is_empty();
        let through = providers(ways.providers, &next, false);
        view! {
            <Title text="Sign in · Aviary" />
            <header class="sheet-head">
                <h1>"Sign in"</h1>
                {nothing
                    .then(|| {
                        view! {
                            <p>
                                "Passwords are switched off here, and no provider is set up. Whoever runs this console can make a link that lets you in."
                            </p>
                        }
                    })}
            </header>
            {through}
            {if ways.local { by_password(form, next.clone()).into_any() } else { view! { <FormFault form /> }.into_any() }}
            <UsePasskey action="/sign-in/passkey" text="Sign in with a passkey" next />
            <p class="sheet-foot">"No account yet? An admin of this console can invite you."</p>
        }
    })
}

fn by_password(form: Typed, next: String) -> impl IntoView {
    // After a refusal the address is there already, and the password is what has to be typed again.
    let again = form.refused();
    view! {
        <form class="form" method="post" action="/sign-in">
            <FormFault form=form.clone() />
            <input type="hidden" name="next" value=next />
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
            <p>
                <a href="/forgot">"Forgot your password?"</a>
            </p>
        </form>
    }
}
