//! The rules of a provider: what a claim holds becomes a role.

use super::{LIST, crumbs_to, id_here, words};
use crate::{
    api::{people::list_teams, providers::get_provider},
    model::{
        provider::{ClaimRule, Comparison, ProviderSettings},
        viewer::Role,
    },
    pages::settings::{reach_items, role_items},
    parts::{
        button::PostButton,
        form::{FormFault, Item, RadioGroup, SelectField, Submit, TextField, Typed},
        head::{PageHead, plural},
        lines::{Line, Lines},
        load::load,
        panel::Panel,
    },
};
use leptos::prelude::*;

/// The rules, and the form for another; admins only.
#[component]
pub fn ProviderRules() -> impl IntoView {
    let id = id_here();
    let data = async { Ok((get_provider(id).await?, list_teams().await?)) };
    load(data, |(provider, teams)| {
        let here = format!("{LIST}/{}", provider.id);
        let crumbs = crumbs_to(&provider.id, &provider.settings.name);
        let count = i64::try_from(provider.rules.len()).unwrap_or(i64::MAX);
        let lead = match count {
            0 => "No rule yet. Write one for each group that shall have a role here.".to_owned(),
            n => format!(
                "{}. They hold from each person's next sign-in or check on, within 15 minutes of use.",
                plural(n, "rule", "rules")
            ),
        };
        let rows = provider.rules.into_iter().enumerate().map(|(at, rule)| row(&here, at, rule)).collect_view();
        let add = add(Typed::here(), &here, &provider.settings, reach_items(&teams));
        view! {
            <PageHead title="Rules" lead=lead.into_any() crumbs>
                <a class="button" href=format!("{here}/try")>
                    "Try them out"
                </a>
            </PageHead>
            {(count > 0)
                .then(|| {
                    view! {
                        <Panel
                            title="What holds"
                            says="For each team, and for the whole installation, the first rule that fits decides. Roles that were given by hand stay as they are."
                        >
                            <Lines>{rows}</Lines>
                        </Panel>
                    }
                })}
            <Panel title="Another rule">{add}</Panel>
        }
    })
}

fn row(here: &str, at: usize, rule: ClaimRule) -> impl IntoView + use<> {
    let name = words::condition(&rule).into_any();
    let says = words::consequence(&rule);
    let what = format!("{} {} {}", rule.claim, rule.comparison.text(), rule.value);
    let path = format!("{here}/rules/{}", rule.id);
    let up = (at > 0).then(|| {
        view! { <PostButton action=format!("{path}/up") text="Up" class="quiet" label=format!("Move up: {what}") /> }
    });
    view! {
        <Line name says=says.into_any()>
            {up}
            <PostButton
                action=format!("{path}/remove")
                text="Remove"
                class="quiet"
                label=format!("Remove the rule: {what}")
            />
        </Line>
    }
}

fn add(form: Typed, here: &str, settings: &ProviderSettings, teams: Vec<Item>) -> impl IntoView + use<> {
    let comparisons =
        Comparison::ALL.into_iter().map(|comparison| Item::new(comparison.word(), comparison.text())).collect();
    view! {
        <form class="form pad" method="post" action=format!("{here}/rules")>
            <FormFault form=form.clone() />
            <TextField
                form=form.clone()
                name="claim"
                label="Claim"
                hint="Its name, or the way to it with points in between: realm_access.roles."
                value=settings.groups_claim.clone()
                mono=true
            />
            <div class="pair">
                <SelectField form=form.clone() name="comparison" label="How" options=comparisons />
                <TextField form=form.clone() name="value" label="Value" placeholder="aviary-placers" mono=true />
            </div>
            <SelectField form=form.clone() name="team" label="Where" hint="A role holds in one team, or everywhere." options=teams />
            <RadioGroup form name="role" legend="Role" value=Role::Viewer.word() options=role_items(&Role::PEOPLE) />
            <Submit text="Add the rule" />
        </form>
    }
}
