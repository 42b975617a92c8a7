//! `/health`: how each part of the house is doing, and the records that could not be read.

use crate::{
    api::{
        health::{list_checks, list_quarantine},
        viewer,
    },
    model::{
        fault::Fault,
        health::{Check, CheckGroup, Light, Quarantined},
        list::Page,
        viewer::Act,
    },
    parts::{
        checks::Checks,
        empty::Empty,
        head::{PageHead, plural},
        icon::Sign,
        load::{cursor, load},
        pager::Pager,
        panel::Panel,
        when::When,
    },
};
use leptos::prelude::*;

/// The state of the house; reviewers and admins.
#[component]
pub fn Health() -> impl IntoView {
    load(find(cursor()), |(groups, quarantine)| {
        let lead = sentence(groups.iter().flat_map(|group| &group.checks));
        view! {
            <PageHead title="Health" lead=lead.into_any() />
            {groups.into_iter().map(group).collect_view()}
            <Panel
                title="Quarantine"
                says="Records that came in and could not be read. They are kept, and no other record was lost with them."
            >
                {if quarantine.items.is_empty() {
                    view! {
                        <Empty sign=Sign::Done title="Nothing is in quarantine">
                            <p>"Every record that came in could be read."</p>
                        </Empty>
                    }
                        .into_any()
                } else {
                    view! { <ol class="quarantine">{quarantine.items.into_iter().map(record).collect_view()}</ol> }
                        .into_any()
                }}
                <Pager next=quarantine.next />
            </Panel>
        }
    })
}

async fn find(after: Option<String>) -> Result<(Vec<CheckGroup>, Page<Quarantined>), Fault> {
    Ok((list_checks().await?, list_quarantine(after).await?))
}

fn order(light: Light) -> u8 {
    match light {
        Light::Bad => 0,
        Light::Look => 1,
        Light::Good => 2,
        Light::Off => 3,
    }
}

/// The page's answer in one sentence.
fn sentence<'a>(checks: impl Iterator<Item = &'a Check>) -> String {
    let (mut bad, mut look) = (0, 0);
    for check in checks {
        match check.light {
            Light::Bad => bad += 1,
            Light::Look => look += 1,
            Light::Good | Light::Off => {}
        }
    }
    let broken = || plural(bad, "part is broken", "parts are broken");
    let doubtful = |noun: bool| match (noun, look) {
        (true, look) => plural(look, "part needs a look", "parts need a look"),
        (false, 1) => "1 needs a look".to_owned(),
        (false, look) => format!("{look} need a look"),
    };
    match (bad, look) {
        (0, 0) => "Everything that is switched on works.".to_owned(),
        (0, _) => format!("Everything works, but {}.", doubtful(true)),
        (_, 0) => format!("{}.", broken()),
        _ => format!("{}, and {}.", broken(), doubtful(false)),
    }
}

/// The checks that belong together; what needs somebody comes first, and within that the server's order stays.
fn group(group: CheckGroup) -> impl IntoView {
    let CheckGroup { title, account, looked_at, mut checks } = group;
    checks.sort_by_key(|check| order(check.light));
    let looked = looked_at.map(|at| view! { <span class="faint">"Looked at " <When at /></span> });
    let manages = viewer().is_some_and(|viewer| viewer.may(Act::ManageAccounts, None));
    let link = (manages && !account.is_empty())
        .then(|| view! { <a href=format!("/settings/accounts/{account}")>"Open the account"</a> });
    let title = if account.is_empty() { title } else { format!("{title} · {account}") };
    let list = if checks.is_empty() {
        view! { <p class="calm-line pad">"Not looked at yet. The first look follows within a minute."</p> }.into_any()
    } else {
        view! { <Checks checks /> }.into_any()
    };
    view! {
        <Panel title actions=view! { {looked} {link} }.into_any()>
            {list}
        </Panel>
    }
}

fn record(record: Quarantined) -> impl IntoView {
    view! {
        <li>
            <p class="reason">{record.reason}</p>
            <p class="faint">
                "By "
                {record.source}
                ", "
                <When at=record.received_at />
            </p>
            <details class="raw">
                <summary>"What came in"</summary>
                <pre tabindex="0" aria-label="What came in">
                    <code>{record.body}</code>
                </pre>
            </details>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks(lights: &[Light]) -> Vec<Check> {
        lights.iter().map(|light| Check { name: String::new(), light: *light, says: String::new() }).collect()
    }

    #[test]
    fn one_sentence_says_how_the_house_is() {
        let said = |lights: &[Light]| sentence(checks(lights).iter());
        assert_eq!(said(&[Light::Good, Light::Off]), "Everything that is switched on works.");
        assert_eq!(said(&[Light::Look, Light::Good]), "Everything works, but 1 part needs a look.");
        assert_eq!(said(&[Light::Bad]), "1 part is broken.");
        assert_eq!(said(&[Light::Bad, Light::Bad, Light::Look]), "2 parts are broken, and 1 needs a look.");
    }
}
