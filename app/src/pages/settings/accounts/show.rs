//! One account: what its test found, how full it is, and how it is heard.

use super::{LIST, crumbs, facts::AccountFacts, hearing::Hearing, id_here, rights::Rights, words};
use crate::{
    api::accounts::get_account,
    model::account::AccountView,
    parts::{
        button::PostButton,
        form::{FormFault, Typed},
        head::PageHead,
        load::load,
        panel::Panel,
        when::When,
    },
};
use leptos::prelude::*;

/// The account that the address names; admins only.
#[component]
pub fn ShowAccount() -> impl IntoView {
    load(get_account(id_here()), |account| {
        let here = format!("{LIST}/{}", account.id);
        let lead = words::sentence(&account);
        let advice = account.advice.iter().map(|one| view! { <p class="callout">{one.clone()}</p> }).collect_view();
        let capacity = capacity(&account);
        view! {
            <PageHead title=account.settings.name.clone() lead crumbs=crumbs()>
                <PostButton action=format!("{here}/test") text="Test this account" class="primary" />
                <a class="button" href=format!("{here}/edit")>
                    "Edit"
                </a>
                <a class="button" href=format!("{here}/remove")>
                    "Remove"
                </a>
            </PageHead>
            <FormFault form=Typed::here() />
            {advice}
            <div class="sides">
                <div class="stack">
                    <Rights status=account.status.clone() />
                    <Hearing account=account.clone() />
                </div>
                <div class="stack">
                    {capacity}
                    <AccountFacts account />
                </div>
            </div>
        }
    })
}

fn capacity(account: &AccountView) -> impl IntoView + use<> {
    let its_tokens = format!("/tokens?account={}", account.id);
    let (users, tokens, counted_at) =
        (words::users(&account.status), words::tokens(account), account.status.counted_at);
    view! {
        <Panel title="Capacity" actions=view! { <a href=its_tokens>"Its tokens"</a> }.into_any()>
            <div class="pad meters">
                {users} {tokens}
                <p class="hint">
                    {match counted_at {
                        Some(at) => view! { "IAM users of everybody in the account, counted " <When at /> "." }.into_any(),
                        None => "Aviary counts the IAM users every ten minutes, and for the first time within a minute.".into_any(),
                    }}
                </p>
            </div>
        </Panel>
    }
}
