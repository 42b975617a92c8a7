//! Disabling a token's key.

use super::{crumbs_to, id_here, to_manage};
use crate::parts::{
    form::{FormFault, Submit, Typed},
    head::PageHead,
    load::load,
};
use leptos::prelude::*;

/// Says what disabling means, and asks.
#[component]
pub fn DisableToken() -> impl IntoView {
    load(to_manage(id_here()), |seen| {
        let token = seen.token;
        let action = format!("/tokens/{}/disable", token.id);
        let back = format!("/tokens/{}", token.id);
        view! {
            <PageHead
                title="Disable the key"
                lead="A disabled key is refused before anybody could be seen using it: the tripwire is off until you enable it again."
                    .into_any()
                crumbs=crumbs_to(&token)
            />
            <form class="form" method="post" action=action>
                <FormFault form=Typed::here() />
                <div class="callout">
                    <p>"This disables " <code>{token.access_key_id}</code> " at " <strong>{token.location}</strong> "."</p>
                    <p>"Its hits and its facts stay. Records of earlier uses that arrive late are still matched."</p>
                </div>
                <Submit text="Disable the key" class="danger" cancel=back />
            </form>
        }
    })
}
