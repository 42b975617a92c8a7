//! What was looked at, and how each of it is doing.

use crate::{
    model::health::{Check, Light},
    parts::badge::LightBadge,
};
use leptos::prelude::*;

/// A list of checks, in their order. Rights that are there are one line: only a missing one is worth one of its own.
#[component]
pub fn Checks(
    /// What was found.
    checks: Vec<Check>,
) -> impl IntoView {
    let rows = folded(checks)
        .into_iter()
        .map(|check| {
            view! {
                <li>
                    <LightBadge light=check.light />
                    <div>
                        <h3>{check.name}</h3>
                        <p>{check.says}</p>
                    </div>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="checks">{rows}</ul> }
}

fn folded(checks: Vec<Check>) -> Vec<Check> {
    let (there, mut shown): (Vec<_>, Vec<_>) =
        checks.into_iter().partition(|check| check.light == Light::Good && right(&check.name).is_some());
    let mut names: Vec<&str> = there.iter().filter_map(|check| right(&check.name)).collect();
    names.sort_unstable();
    names.dedup();
    if !names.is_empty() {
        let says = format!("Allowed, as hearing needs it: {}.", names.join(", "));
        shown.push(Check { name: "Rights".to_owned(), light: Light::Good, says });
    }
    shown
}

/// The action of AWS that a check is about: `sqs:DeleteMessage` of `Queue of events: sqs:DeleteMessage`.
fn right(name: &str) -> Option<&str> {
    let action = name.rsplit(": ").next()?;
    let (service, call) = action.split_once(':')?;
    let is_service =
        !service.is_empty() && service.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let is_call = call.starts_with(|c: char| c.is_ascii_uppercase()) && call.bytes().all(|b| b.is_ascii_alphanumeric());
    (is_service && is_call).then_some(action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_that_are_there_are_one_line_and_a_missing_one_keeps_its_own() {
        let check = |name: &str, light| Check { name: name.into(), light, says: "so it is".into() };
        let found = folded(vec![
            check("Trail", Light::Good),
            check("Queue of events: sqs:DeleteMessage", Light::Good),
            check("Queue of files: sqs:DeleteMessage", Light::Good),
            check("Queue of files: sqs:ReceiveMessage", Light::Bad),
            check("s3:GetObject", Light::Good),
            check("Rule in eu-central-1", Light::Look),
        ]);
        let names: Vec<_> = found.iter().map(|check| (check.name.as_str(), check.light)).collect();
        assert_eq!(
            names,
            [
                ("Trail", Light::Good),
                ("Queue of files: sqs:ReceiveMessage", Light::Bad),
                ("Rule in eu-central-1", Light::Look),
                ("Rights", Light::Good),
            ]
        );
        assert_eq!(found[3].says, "Allowed, as hearing needs it: s3:GetObject, sqs:DeleteMessage.");
        assert!(folded(vec![check("Trail", Light::Good)]).iter().all(|check| check.name != "Rights"));
    }
}
