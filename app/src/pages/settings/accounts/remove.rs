//! Removing an AWS account from Aviary.

use super::{LIST, crumbs_to, id_here, words};
use crate::{
    api::accounts::get_account,
    islands::confirm::Confirm,
    parts::{
        form::{FormFault, Submit, TextField, Typed},
        head::{PageHead, plural},
        load::load,
        panel::Panel,
    },
};
use leptos::prelude::*;

/// Says what ends, and asks for the account's number; admins only.
#[component]
pub fn RemoveAccount() -> impl IntoView {
    load(get_account(id_here()), |account| {
        let here = format!("{LIST}/{}", account.id);
        let name = account.settings.name.clone();
        let head = view! {
            <PageHead
                title="Remove the account"
                lead="Aviary forgets how to work there. Nothing is deleted in AWS.".into_any()
                crumbs=crumbs_to(&account.id, &name)
            />
        };
        if account.tokens > 0 {
            return view! {
                {head}
                <div class="form">
                    <div class="callout">
                        <p>
                            <strong>{name} " still holds " {plural(account.tokens, "living token", "living tokens")} "."</strong>
                        </p>
                        <p>
                            "Without the account Aviary could neither disable nor delete their keys. "
                            <a href=format!("/tokens?account={}", account.id)>"Revoke them"</a> " first."
                        </p>
                    </div>
                    <div class="submit">
                        <a class="button" href=here>
                            "Back to the account"
                        </a>
                    </div>
                </div>
            }
            .into_any();
        }
        let (form, id, action) = (Typed::here(), account.id, format!("{here}/remove"));
        let number = words::number(&id);
        view! {
            {head}
            <form id="remove" class="form" method="post" action=action autocomplete="off">
                <FormFault form=form.clone() labels=&[("confirm", "Account number")] />
                <Panel title="What happens">
                    <ul class="pad plain-list">
                        <li>"No token can be minted in " <strong>{name}</strong> " (" {number} ") any more."</li>
                        <li>"Its queues are no longer read, and its keys' last use is no longer asked for."</li>
                        <li>"Revoked tokens, their hits and the audit log stay. Records that come another way are still matched."</li>
                        <li>"The role, the trail and the queues stay in AWS. Delete their stack there."</li>
                    </ul>
                </Panel>
                <TextField
                    form
                    name="confirm"
                    label="Type the account number to confirm"
                    hint=id.clone()
                    mono=true
                />
                <Confirm form="remove".to_owned() field="confirm".to_owned() text=id />
                <Submit text="Remove the account" class="danger" cancel=here />
            </form>
        }
        .into_any()
    })
}
