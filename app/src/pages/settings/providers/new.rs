//! Adding a provider.

use super::{
    LIST, crumbs,
    fields::{LABELS, ProviderFields},
};
use crate::{
    api::{enter, people::list_teams},
    model::{
        provider::{ProviderSettings, Strangers},
        viewer::Act,
    },
    parts::{
        form::{FormFault, Submit, Typed},
        head::PageHead,
        load::load,
        panel::Panel,
    },
};
use leptos::prelude::*;

/// The form for another provider; admins only.
#[component]
pub fn NewProvider() -> impl IntoView {
    // This page is for admins.
    let data = async {
        enter()?.1.must(Act::ManagePeople)?;
        list_teams().await
    };
    load(data, |teams| {
        let form = Typed::here();
        let first = ProviderSettings { strangers: Strangers::Rules, ..ProviderSettings::default() };
        view! {
            <PageHead
                title="Add a provider"
                lead="People come in with the account that they have there. Nobody does before it is switched on."
                    .into_any()
                crumbs=crumbs()
            />
            <div class="sides close">
                <form class="form" method="post" action=format!("{LIST}/new") autocomplete="off" novalidate>
                    <FormFault form=form.clone() labels=LABELS />
                    <ProviderFields form first has_secret=false teams />
                    <Submit text="Add the provider" cancel=LIST />
                </form>
                <Panel title="What it takes">
                    <div class="pad prose">
                        <p>"At the provider, make a client for a web application on a server: with a secret, and the authorization code flow."</p>
                        <p>"Its redirect address contains the name that Aviary gives to the provider: add it here first, then copy the address from the next page."</p>
                        <p>"Then test it, write rules for groups, try them out with a token, and switch it on."</p>
                    </div>
                </Panel>
            </div>
        }
    })
}
