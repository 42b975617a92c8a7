//! Adding an AWS account.

use super::{
    LIST, crumbs,
    fields::{AccountFields, LABELS},
};
use crate::{
    api::accounts::list_accounts,
    islands::check_form::{CheckForm, Kind},
    model::account::AccountForm,
    parts::{
        form::{FormFault, Submit, TextField, Typed},
        head::PageHead,
        load::load,
        panel::Panel,
    },
};
use leptos::prelude::*;

/// The form for another account; admins only.
#[component]
pub fn NewAccount() -> impl IntoView {
    // Asked for what it refuses: this page is for admins.
    load(list_accounts(), |_| {
        let form = Typed::here();
        let first = AccountForm { last_used: "on".to_owned(), ..AccountForm::default() };
        let number = view! {
            <TextField
                form=form.clone()
                name="id"
                label="Account number"
                hint="Twelve digits, with or without hyphens. It cannot be changed later."
                placeholder="123456789012"
                mono=true
            />
        };
        view! {
            <PageHead
                title="Add an AWS account"
                lead="Aviary assumes a role there and makes users that may do nothing. The template's stack has put what this form asks for into its outputs."
                    .into_any()
                crumbs=crumbs()
            />
            <div class="sides close">
                <form id="account" class="form" method="post" action=format!("{LIST}/new") novalidate>
                    <CheckForm form="account".to_owned() kind=Kind::Account />
                    <FormFault form=form.clone() labels=LABELS />
                    <AccountFields form first number=number.into_any() />
                    <Submit text="Add the account" cancel=LIST />
                </form>
                <Panel title="What it takes">
                    <div class="pad prose">
                        <p>
                            "A role, a trail, a rule and two queues. The template makes all of them, with neutral names of a prefix that you choose:"
                        </p>
                        <p>
                            <code>"aviary bootstrap --print --prefix NAME --path /service/"</code>
                        </p>
                        <p>
                            "Give tokens an account that is yours and little used, or one for them alone: AWS allows 5,000 users in each, and whoever finds a key learns the account's number."
                        </p>
                        <p>"Only the account number is needed. Everything else can be filled in later."</p>
                    </div>
                </Panel>
            </div>
        }
    })
}
