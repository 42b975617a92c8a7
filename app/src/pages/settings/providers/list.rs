//! All providers, and how they are doing.

use super::{LIST, words};
use crate::{
    api::providers::list_providers,
    model::provider::ProviderView,
    pages::settings::SettingsHead,
    parts::{
        empty::Empty,
        head::plural,
        icon::{Icon, Sign},
        load::load,
        table::{Cell, Table},
    },
};
use leptos::prelude::*;

/// The providers; admins only.
#[component]
pub fn Providers() -> impl IntoView {
    load(list_providers(), |providers| {
        let lead = lead(&providers).into_any();
        if providers.is_empty() {
            return view! {
                <SettingsHead title="Sign-in" lead />
                <Empty sign=Sign::Key title="No provider yet">
                    <p>
                        "If your organisation has an identity provider, people can come in with the account that they have there: Amazon Cognito, or any that speaks OpenID Connect. Their groups become roles by rules that you write."
                    </p>
                    <p class="empty-actions">
                        <a class="button primary" href=format!("{LIST}/new")>
                            "Add a provider"
                        </a>
                    </p>
                </Empty>
            }
            .into_any();
        }
        let add = view! {
            <a class="button primary" href=format!("{LIST}/new")>
                <Icon sign=Sign::Plus />
                "Add a provider"
            </a>
        };
        view! {
            <SettingsHead title="Sign-in" lead actions=add.into_any() />
            <section class="panel" aria-label="Providers">
                <Table caption="Providers" heads=vec!["Provider", "People", "Rules", "On or off", "Last test"]>
                    {providers.into_iter().map(row).collect_view()}
                </Table>
            </section>
        }
        .into_any()
    })
}

/// The page's answer in one sentence.
fn lead(providers: &[ProviderView]) -> String {
    let on = providers.iter().filter(|provider| provider.settings.enabled).count();
    match i64::try_from(on).unwrap_or(i64::MAX) {
        0 => "Nobody comes in through a provider yet.".to_owned(),
        on => format!("People come in through {}.", plural(on, "provider", "providers")),
    }
}

fn row(provider: ProviderView) -> impl IntoView {
    let ProviderView { id, settings, status, rules, people, .. } = provider;
    let (on, tested) = (words::switch(&settings), words::tested(&status));
    view! {
        <tr>
            <Cell label="Provider" class="main">
                <a href=format!("{LIST}/{id}")>{settings.name}</a>
                <span class="under">{words::kind(settings.kind)}</span>
                <span class="under mono">{settings.issuer}</span>
            </Cell>
            <Cell label="People" class="num">
                {people}
            </Cell>
            <Cell label="Rules" class="num">
                {rules.len()}
            </Cell>
            <Cell label="On or off">{on}</Cell>
            <Cell label="Last test">{tested}</Cell>
        </tr>
    }
}
