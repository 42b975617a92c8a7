//! Revoking a token: the end of its key.

use super::{crumbs_to, id_here, to_manage};
use crate::{
    islands::confirm::Confirm,
    parts::{
        form::{FormFault, Submit, TextField, Typed},
        head::PageHead,
        load::load,
        panel::Panel,
    },
};
use leptos::prelude::*;

/// Says what will be gone, and asks for the key's id.
#[component]
pub fn RevokeToken() -> impl IntoView {
    load(to_manage(id_here()), |seen| {
        let token = seen.token;
        let action = format!("/tokens/{}/revoke", token.id);
        let back = format!("/tokens/{}", token.id);
        let form = Typed::here();
        let key = token.access_key_id.clone();
        let head = view! {
            <PageHead
                title="Revoke the token"
                lead=if token.adopted {
                    "Deletes the key for good. Nobody will be seen using it any more.".into_any()
                } else {
                    "Deletes the key and its user for good. Nobody will be seen using it any more.".into_any()
                }
                crumbs=crumbs_to(&token)
            />
        };
        if let Some(why) = seen.revoke_refused {
            return view! {
                {head}
                <div class="form">
                    <div class="callout">
                        <p>
                            <strong>"This token cannot be revoked here."</strong>
                        </p>
                        <p>{why}</p>
                    </div>
                    <div class="submit">
                        <a class="button" href=back>
                            "Back to the token"
                        </a>
                    </div>
                </div>
            }
            .into_any();
        }
        let user = (!token.user_name.is_empty()).then(|| {
            let fate =
                if token.adopted { " was made elsewhere, and stays in account " } else { " is deleted in account " };
            view! {
                <li>"The user " <code>{token.user_name.clone()}</code> {fate} {token.account.clone()} "."</li>
            }
        });
        view! {
            {head}
            <form id="revoke" class="form" method="post" action=action autocomplete="off">
                <FormFault form=form.clone() labels=&[("confirm", "Access key id")] />
                <Panel title="What happens">
                    <ul class="pad plain-list">
                        <li>"The key " <code>{token.access_key_id.clone()}</code> " stops working at once and is deleted."</li>
                        {user}
                        <li>"Remove it from " <strong>{token.location.clone()}</strong> " yourself: a dead key still looks alive there."</li>
                        <li>"Its hits stay here, and records that arrive late are still matched."</li>
                    </ul>
                </Panel>
                <TextField
                    form
                    name="confirm"
                    label="Type the access key id to confirm"
                    hint=key.clone()
                    mono=true
                />
                <Confirm form="revoke".to_owned() field="confirm".to_owned() text=key />
                <Submit text="Revoke the token" class="danger" cancel=back />
            </form>
        }
        .into_any()
    })
}
