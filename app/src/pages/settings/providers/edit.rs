//! Changing a provider.

use super::{
    LIST, crumbs_to,
    fields::{LABELS, ProviderFields},
    id_here,
};
use crate::{
    api::{people::list_teams, providers::get_provider},
    parts::{
        form::{FormFault, Submit, Typed},
        head::PageHead,
        load::load,
    },
};
use leptos::prelude::*;

/// The form to change a provider; admins only.
#[component]
pub fn EditProvider() -> impl IntoView {
    let id = id_here();
    let data = async { Ok((get_provider(id).await?, list_teams().await?)) };
    load(data, |(provider, teams)| {
        let form = Typed::here();
        let here = format!("{LIST}/{}", provider.id);
        let action = format!("{here}/edit");
        let crumbs = crumbs_to(&provider.id, &provider.settings.name);
        let (first, has_secret) = (provider.settings, provider.has_secret);
        view! {
            <PageHead
                title="Edit the provider"
                lead="Whoever is in stays in, unless it is switched off. Test it again afterwards.".into_any()
                crumbs
            />
            <form class="form" method="post" action=action autocomplete="off" novalidate>
                <FormFault form=form.clone() labels=LABELS />
                <ProviderFields form first has_secret teams />
                <Submit text="Save" cancel=here />
            </form>
        }
    })
}
