//! What an admin decided about an account.

use super::words;
use crate::{
    model::account::AccountView,
    parts::{
        code::Code,
        facts::{Fact, Facts},
        head::plural,
        panel::Panel,
        when::When,
    },
};
use leptos::prelude::*;

/// The settings, beside what was found.
#[component]
pub fn AccountFacts(
    /// The account.
    account: AccountView,
) -> impl IntoView {
    let AccountView { id, settings, status, created_at, .. } = account;
    let policy = words::policy(&settings.policy);
    let lines =
        |lines: Vec<String>| lines.into_iter().map(|line| view! { <code class="item">{line}</code> }).collect_view();
    let names = match settings.name_template.as_str() {
        "" => "Aviary's own choice".into_any(),
        templates => lines(templates.lines().map(str::to_owned).collect()).into_any(),
    };
    let words = i64::try_from(settings.words.len()).unwrap_or(i64::MAX);
    let drills = match (settings.regions.len(), settings.drill_days) {
        (_, 0) => "After the mint, and on demand".to_owned(),
        (_, 1) => "After the mint, and every day".to_owned(),
        (_, days) => format!("After the mint, and every {days} days"),
    };
    let regions = if settings.regions.is_empty() { settings.region.clone() } else { settings.regions.join(", ") };
    let tags: Vec<_> = settings.tags.iter().map(|tag| format!("{}={}", tag.key, tag.value)).collect();
    view! {
        <Panel title="Identity">
            <Facts>
                <Fact name="Number">
                    <Code text=id what="account number" />
                </Fact>
                <Fact name="Region">
                    <span class="mono">{settings.region}</span>
                    <span class="under mono">{settings.partition}</span>
                </Fact>
                <Fact name="Role">
                    {if settings.role_arn.is_empty() {
                        "Aviary's own credentials".into_any()
                    } else {
                        view! { <Code text=settings.role_arn what="ARN of the role" /> }.into_any()
                    }}
                </Fact>
                {(!settings.external_id.is_empty())
                    .then(|| {
                        view! {
                            <Fact name="External id">
                                <Code text=settings.external_id what="external id" />
                            </Fact>
                        }
                    })}
                {(!status.caller_arn.is_empty())
                    .then(|| {
                        view! {
                            <Fact name="Acts as">
                                <span class="mono">{status.caller_arn}</span>
                            </Fact>
                        }
                    })}
                <Fact name="Added">
                    <When at=created_at />
                </Fact>
            </Facts>
        </Panel>
        <Panel title="Users">
            <Facts>
                <Fact name="Path">
                    <code>{settings.path}</code>
                </Fact>
                <Fact name="Names">{names}</Fact>
                {(words > 0).then(|| view! { <Fact name="Words">{plural(words, "word of your own", "words of your own")}</Fact> })}
                {(!tags.is_empty()).then(|| view! { <Fact name="Tags">{lines(tags)}</Fact> })}
                <Fact name="Policy">{policy}</Fact>
            </Facts>
        </Panel>
        <Panel title="Drills">
            <Facts>
                <Fact name="When">{drills}</Fact>
                <Fact name="Where">
                    <span class="mono">{regions}</span>
                </Fact>
            </Facts>
        </Panel>
    }
}
