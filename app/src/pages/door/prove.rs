//! `/confirm-it-is-you`: somebody who is signed in shows once more that it is them.

use super::providers::providers;
use crate::parts::title::Title;
use crate::{
    api::{people::get_proof_ways, viewer},
    model::entry::{ProofWays, local},
    parts::{
        form::{FormFault, Submit, TextField, Typed, hidden},
        load::{load, query, with_next},
        passkey::UsePasskey,
    },
};
use leptos::prelude::*;

/// Asks for a proof, and goes on to `next`. Fields whose names begin with `kept.` were typed there before: they are
/// taken along, and are there again afterwards.
#[component]
pub fn Prove() -> impl IntoView {
    let form = Typed::here();
    let next = local(&query("next")).to_owned();
    let email = viewer().map(|viewer| viewer.name).unwrap_or_default();
    load(get_proof_ways(), move |ways| {
        let ProofWays { password, passkeys, providers: through } = ways;
        let nothing = !password && !passkeys && through.is_empty();
        let lost = !through.is_empty() && !form.starting("kept.").is_empty();
        let through = providers(through, &next, true);
        let way_back = next.clone();
        view! {
            <Title text="Confirm that it is you · Aviary" />
            <header class="sheet-head">
                <h1>"Confirm that it is you"</h1>
                <p>"What you are about to do cannot be undone or shows a secret, so it is asked for again. It holds for ten minutes."</p>
            </header>
            {if password {
                by_password(form.clone(), email, next.clone()).into_any()
            } else {
                view! { <FormFault form=form.clone() /> }.into_any()
            }}
            {passkeys
                .then(|| {
                    let kept = form.starting("kept.");
                    view! { <UsePasskey action="/confirm-it-is-you/passkey" text="Use a passkey" next kept /> }
                })}
            {through}
            {lost.then(|| view! { <p class="hint">"This way leads away from here: what you typed has to be typed again."</p> })}
            {nothing
                .then(|| {
                    view! {
                        <p>
                            "You have no password here, and no other way to show that it is you. Sign out, and come in again as you came in."
                        </p>
                    }
                })}
            <p class="sheet-foot">
                <a href=way_back>"Go back without"</a>
            </p>
        }
    })
}

fn by_password(form: Typed, email: String, next: String) -> impl IntoView {
    let kept = form.starting("kept.");
    view! {
        <form class="form" method="post" action=with_next("/confirm-it-is-you", &next)>
            <FormFault form=form.clone() />
            <input type="hidden" name="prove" value="password" />
            {hidden(&kept)}
            <input class="unseen" type="email" autocomplete="username" value=email readonly=true tabindex="-1" aria-hidden="true" />
            <TextField
                form
                name="password"
                label="Password"
                kind="password"
                autocomplete="current-password"
                autofocus=true
            />
            <Submit text="Confirm" />
        </form>
    }
}
