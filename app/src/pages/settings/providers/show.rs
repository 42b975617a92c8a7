//! One provider: what its test found, the addresses to register there, its rules.

use super::{LIST, crumbs, id_here, words};
use crate::{
    api::providers::get_provider,
    model::provider::{ProviderStatus, ProviderView},
    parts::{
        badge::LightBadge,
        button::PostButton,
        code::Code,
        empty::Empty,
        facts::{Fact, Facts},
        form::{FormFault, Typed},
        head::{PageHead, plural},
        icon::Sign,
        lines::{Line, Lines},
        load::load,
        panel::Panel,
        when::When,
    },
};
use leptos::prelude::*;

/// The provider that the address names; admins only.
#[component]
pub fn ShowProvider() -> impl IntoView {
    load(get_provider(id_here()), |provider| {
        let here = format!("{LIST}/{}", provider.id);
        let lead = lead(&provider);
        let (status, rules) = (found(&provider.status), rules(&here, &provider));
        let (addresses, facts) = (addresses(&provider), facts(&provider));
        view! {
            <PageHead title=provider.settings.name.clone() lead=lead.into_any() crumbs=crumbs()>
                <PostButton action=format!("{here}/test") text="Test" class="primary" label="Test this provider" />
                <a class="button" href=format!("{here}/edit")>
                    "Edit"
                </a>
                <a class="button" href=format!("{here}/remove")>
                    "Remove"
                </a>
            </PageHead>
            <FormFault form=Typed::here() />
            <div class="sides">
                <div class="stack">{status} {rules}</div>
                <div class="stack">{addresses} {facts}</div>
            </div>
        }
    })
}

fn lead(provider: &ProviderView) -> String {
    let people = match provider.people {
        0 => "Nobody has come in through it yet".to_owned(),
        n => format!("{} in through it", plural(n, "person has come", "people have come")),
    };
    if provider.settings.enabled { format!("{people}.") } else { format!("{people}. It is switched off.") }
}

fn found(status: &ProviderStatus) -> impl IntoView + use<> {
    let Some(at) = status.tested_at else {
        return view! {
            <Panel title="Test">
                <Empty sign=Sign::Pulse title="Not tested yet">
                    <p>"The test asks the provider for its configuration and its keys, and says what of it Aviary can use."</p>
                </Empty>
            </Panel>
        }
        .into_any();
    };
    let lines = status
        .checks
        .iter()
        .map(|check| {
            let (name, says, light) = (check.name.clone(), check.says.clone(), check.light);
            view! {
                <Line name=name.into_any() says=says.into_any()>
                    <LightBadge light />
                </Line>
            }
        })
        .collect_view();
    view! {
        <Panel title="Test" actions=view! { <span class="faint">"Tested " <When at /></span> }.into_any()>
            <Lines>{lines}</Lines>
        </Panel>
    }
    .into_any()
}

fn rules(here: &str, provider: &ProviderView) -> impl IntoView + use<> {
    let actions = view! {
        <a href=format!("{here}/rules")>"Change"</a>
        " "
        <a href=format!("{here}/try")>"Try out"</a>
    };
    let list = if provider.rules.is_empty() {
        view! { <p class="pad faint">"No rule yet: nobody gets a role by what the provider says."</p> }.into_any()
    } else {
        let lines = provider
            .rules
            .iter()
            .map(|rule| {
                let (name, says) = (words::condition(rule).into_any(), words::consequence(rule).into_any());
                view! { <Line name says /> }
            })
            .collect_view();
        view! { <Lines>{lines}</Lines> }.into_any()
    };
    view! {
        <Panel title="Rules" says="Of those for one place, the first that fits decides." actions=actions.into_any()>
            {list}
        </Panel>
    }
}

fn addresses(provider: &ProviderView) -> impl IntoView + use<> {
    let (back, out, channel) =
        (provider.redirect_uri.clone(), provider.signed_out_uri.clone(), provider.back_channel_uri.clone());
    view! {
        <Panel title="Register there" says="The provider sends people to no other addresses.">
            <Facts>
                <Fact name="Redirect (callback)">
                    <Code text=back what="redirect address" />
                </Fact>
                <Fact name="After signing out">
                    <Code text=out what="address after signing out" />
                </Fact>
                <Fact name="Back-channel log-out">
                    <Code text=channel what="address for back-channel log-out" />
                </Fact>
            </Facts>
        </Panel>
    }
}

fn facts(provider: &ProviderView) -> impl IntoView + use<> {
    let settings = provider.settings.clone();
    let secret = if provider.has_secret { "Kept, sealed" } else { "None" };
    let linked = if settings.owns_addresses { "Linked with accounts here by verified address" } else { "Never linked" };
    let (on, strangers) = (words::switch(&settings), words::strangers(&settings.strangers));
    let added = provider.created_at;
    view! {
        <Panel title="Settings">
            <Facts>
                <Fact name="On or off">{on}</Fact>
                <Fact name="Kind">{words::kind(settings.kind)}</Fact>
                <Fact name="Issuer">
                    <span class="mono">{settings.issuer}</span>
                </Fact>
                <Fact name="Client">
                    <span class="mono">{settings.client_id}</span>
                </Fact>
                <Fact name="Client secret">{secret}</Fact>
                <Fact name="Scopes">
                    <span class="mono">{settings.scopes.join(" ")}</span>
                </Fact>
                <Fact name="Without an account here">{strangers}</Fact>
                <Fact name="Accounts that are here">{linked}</Fact>
                <Fact name="Unverified addresses">
                    {if settings.trust_unverified { "Taken" } else { "Refused" }}
                </Fact>
                <Fact name="Added">
                    <When at=added />
                </Fact>
            </Facts>
        </Panel>
    }
}
