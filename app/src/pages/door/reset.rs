//! `/reset/:code`: chooses a new password by the link in a mail.

use super::PASSWORD_RULES;
use crate::parts::title::Title;
use crate::{
    api::people::get_resetting,
    parts::{
        form::{FormFault, Submit, TextField, Typed},
        load::{load, param},
    },
};
use leptos::prelude::*;

/// The page behind the link. Following the link alone changes nothing: mail scanners do that.
#[component]
pub fn Reset() -> impl IntoView {
    let code = param("code");
    let form = Typed::here();
    load(get_resetting(code.clone()), move |email| {
        let shown = email.clone();
        view! {
            <Title text="New password · Aviary" />
            <header class="sheet-head">
                <h1>"Choose a new password"</h1>
                <p>"For " <strong>{shown}</strong> ". You are signed out everywhere, and sign in with the new one."</p>
            </header>
            <form class="form" method="post" action=format!("/reset/{code}")>
                <FormFault form=form.clone() />
                // Password managers file the new password under this address.
                <input class="unseen" type="email" autocomplete="username" value=email readonly=true tabindex="-1" aria-hidden="true" />
                <TextField
                    form
                    name="password"
                    label="New password"
                    hint=PASSWORD_RULES
                    kind="password"
                    autocomplete="new-password"
                    autofocus=true
                />
                <Submit text="Change password" />
            </form>
            <p class="sheet-foot">"A second factor or passkeys of yours stay as they are."</p>
        }
    })
}
