//! Changing how Aviary works in an AWS account.

use super::{
    LIST, crumbs_to,
    fields::{AccountFields, LABELS},
    id_here, words,
};
use crate::{
    api::accounts::get_account,
    islands::check_form::{CheckForm, Kind},
    model::account::AccountForm,
    parts::{
        form::{FormFault, Submit, Typed},
        head::PageHead,
        load::load,
    },
};
use leptos::prelude::*;

/// The form to change an account; admins only.
#[component]
pub fn EditAccount() -> impl IntoView {
    load(get_account(id_here()), |account| {
        let form = Typed::here();
        let here = format!("{LIST}/{}", account.id);
        let action = format!("{here}/edit");
        let first = AccountForm::of(&account.id, &account.settings);
        let number = view! {
            // For the hints beside the fields: they look at the whole form.
            <input type="hidden" name="id" value=account.id.clone() />
            <div class="fixed">
                <span class="fixed-name">"Account number"</span>
                <span class="mono">{words::number(&account.id)}</span>
            </div>
        };
        view! {
            <PageHead
                title="Edit the account"
                lead="Tokens that were minted before keep their names and their policy. Test the account again afterwards."
                    .into_any()
                crumbs=crumbs_to(&account.id, &account.settings.name)
            />
            <form id="account" class="form" method="post" action=action novalidate>
                <CheckForm form="account".to_owned() kind=Kind::Account />
                <FormFault form=form.clone() labels=LABELS />
                <AccountFields form first number=number.into_any() />
                <Submit text="Save" cancel=here />
            </form>
        }
    })
}
