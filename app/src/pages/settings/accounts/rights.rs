//! What the test of an account found: each right, and what it is for.

use super::words;
use crate::{
    model::{
        account::AccountStatus,
        health::{Check, Light},
    },
    parts::{
        badge::{LightBadge, RightBadge},
        empty::Empty,
        head::plural,
        icon::Sign,
        panel::Panel,
        when::When,
    },
};
use leptos::prelude::*;

/// What the rights are for, in the order of a token's life; what is in none of them stands at the end.
const GROUPS: [(&str, &[&str]); 5] = [
    ("Who Aviary is there", &["Sign-in"]),
    (
        "To mint a token",
        &[
            "iam:CreateUser",
            "iam:PutUserPolicy",
            "iam:CreateAccessKey",
            "iam:GetUser",
            "iam:ListUserTags",
            "iam:ListAccessKeys",
        ],
    ),
    (
        "To disable and revoke it",
        &[
            "iam:UpdateAccessKey",
            "iam:DeleteAccessKey",
            "iam:ListUserPolicies",
            "iam:DeleteUserPolicy",
            "iam:ListAttachedUserPolicies",
            "iam:DetachUserPolicy",
            "iam:DeleteUser",
        ],
    ),
    (
        "To hear of its use",
        &[
            "sqs:ReceiveMessage",
            "sqs:ChangeMessageVisibility",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "s3:GetObject",
            "cloudtrail:DescribeTrails",
            "events:ListRules",
            "events:ListTargetsByRule",
        ],
    ),
    (
        "To count, and to notice what no trail logs",
        &[
            "iam:GetAccountSummary",
            "iam:GetAccessKeyLastUsed",
            "iam:GenerateCredentialReport",
            "iam:GetCredentialReport",
        ],
    ),
];

/// What the last test found.
#[component]
pub fn Rights(
    /// What is known of the account.
    status: AccountStatus,
) -> impl IntoView {
    let Some(at) = status.tested_at else {
        return view! {
            <Panel title="Rights">
                <Empty sign=Sign::Key title="Not tested yet">
                    <p>
                        "The test goes through the life of a token, from its user to its deletion, and says of each right whether it is there, also of those that hearing needs. It takes some seconds, takes no message from a queue, and leaves nothing behind."
                    </p>
                </Empty>
            </Panel>
        }
        .into_any();
    };
    let missing = words::count(&status.checks, Light::Bad);
    let says = match missing {
        0 => match words::count(&status.checks, Light::Look) {
            0 => format!("All {} things that were tried are allowed.", status.checks.len()),
            n => {
                format!("Nothing is known to be missing, but {} to be looked at.", plural(n, "thing is", "things are"))
            }
        },
        n => format!("{} not work. AWS's own words are beside each.", plural(n, "thing does", "things do")),
    };
    let groups = grouped(status.checks)
        .into_iter()
        .map(|(title, checks)| {
            view! {
                <h3>{title}</h3>
                <ul>{checks.into_iter().map(right).collect_view()}</ul>
            }
        })
        .collect_view();
    view! {
        <Panel title="Rights" says actions=view! { <span class="faint">"Tested " <When at /></span> }.into_any()>
            <div class="rights">{groups}</div>
        </Panel>
    }
    .into_any()
}

/// The checks by what they are for; within a group, what is missing comes first.
fn grouped(checks: Vec<Check>) -> Vec<(&'static str, Vec<Check>)> {
    let place = |check: &Check| {
        GROUPS.iter().position(|(_, names)| names.contains(&check.name.as_str())).unwrap_or(GROUPS.len())
    };
    let titles = GROUPS.iter().map(|(title, _)| *title).chain(["Besides"]);
    let mut groups: Vec<_> = titles.map(|title| (title, Vec::new())).collect();
    for check in checks {
        if let Some((_, group)) = groups.get_mut(place(&check)) {
            group.push(check);
        }
    }
    for (_, group) in &mut groups {
        group.sort_by_key(|check| check.light != Light::Bad);
    }
    groups.retain(|(_, group)| !group.is_empty());
    groups
}

fn right(check: Check) -> impl IntoView {
    // Actions have a colon; what has none is something else that was tried.
    let (badge, name) = if check.name.contains(':') {
        (view! { <RightBadge light=check.light /> }.into_any(), view! { <code>{check.name}</code> }.into_any())
    } else {
        (view! { <LightBadge light=check.light /> }.into_any(), check.name.into_any())
    };
    view! {
        <li>
            {badge}
            <span>{name}</span>
            <p>{check.says}</p>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_stand_by_what_they_are_for_and_missing_ones_first() {
        let check = |name: &str, light| Check { name: name.into(), light, says: String::new() };
        let groups = grouped(vec![
            check("Sign-in", Light::Good),
            check("iam:CreateUser", Light::Good),
            check("iam:PutUserPolicy", Light::Bad),
            check("Clean-up", Light::Bad),
        ]);
        let titles: Vec<_> = groups.iter().map(|(title, _)| *title).collect();
        assert_eq!(titles, ["Who Aviary is there", "To mint a token", "Besides"]);
        assert_eq!(groups[1].1[0].name, "iam:PutUserPolicy");
    }
}
