//! `/sign-in/second`: after the password, what one has.

use crate::parts::title::Title;
use crate::parts::{
    form::{FormFault, Submit, TextField, Typed},
    load::query,
    passkey::UsePasskey,
};
use leptos::prelude::*;

/// The second step of signing in. `next` says where to go afterwards; the server takes only local paths.
#[component]
pub fn SecondStep() -> impl IntoView {
    let form = Typed::here();
    let next = form.value("next", &query("next"));
    view! {
        <Title text="Second step · Aviary" />
        <header class="sheet-head">
            <h1>"One more step"</h1>
            <p>"Your password was right. Now type the code that your app shows, or one of your recovery codes."</p>
        </header>
        <form class="form" method="post" action="/sign-in/second">
            <FormFault form=form.clone() />
            <input type="hidden" name="next" value=next.clone() />
            <TextField form name="code" label="Code" autocomplete="one-time-code" mono=true autofocus=true />
            <Submit text="Sign in" />
        </form>
        <UsePasskey action="/sign-in/passkey" text="Use a passkey" next />
        <p class="sheet-foot">
            "It waits for five minutes; then "
            <a href="/sign-in">"begin again"</a>
            ". App, codes and passkeys are all lost? An admin of this console can help."
        </p>
    }
    .into_any()
}
