//! What is known of an account, in sentences.

use crate::{
    model::{
        account::{AccountSettings, AccountStatus, AccountView, KeyPolicy},
        health::{Check, Light},
    },
    parts::{
        badge::{Badge, Shape, Tone},
        head::plural,
        meter::{Meter, thousands},
        when::When,
    },
};
use leptos::prelude::*;

/// Twelve digits in groups of four, as AWS shows them.
pub fn number(id: &str) -> String {
    let group = |from: usize| id.get(from..from + 4);
    match (group(0), group(4), group(8), id.len()) {
        (Some(a), Some(b), Some(c), 12) => format!("{a}-{b}-{c}"),
        _ => id.to_owned(),
    }
}

/// How many of these are so.
pub fn count(checks: &[Check], light: Light) -> i64 {
    i64::try_from(checks.iter().filter(|check| check.light == light).count()).unwrap_or(i64::MAX)
}

/// How the last test ended: a word, a shape, and when.
pub fn tested(status: &AccountStatus) -> impl IntoView + use<> {
    let Some(at) = status.tested_at else {
        return view! { <Badge tone=Tone::Quiet shape=Shape::Dashed text="Not tested" /> }.into_any();
    };
    let outside = status.checks.iter().any(|check| check.name == "Sign-in" && check.light == Light::Bad);
    let badge = match count(&status.checks, Light::Bad) {
        _ if outside => view! { <Badge tone=Tone::Loud shape=Shape::Cross text="No access" /> }.into_any(),
        0 => view! { <Badge tone=Tone::Calm shape=Shape::Tick text="Works" /> }.into_any(),
        n => view! { <Badge tone=Tone::Loud shape=Shape::Triangle text=format!("{n} missing") /> }.into_any(),
    };
    view! {
        {badge}
        <span class="under">
            <When at />
        </span>
    }
    .into_any()
}

/// An account's answer in one sentence.
pub fn sentence(account: &AccountView) -> AnyView {
    let status = &account.status;
    let Some(at) = status.tested_at else {
        return "Not tested yet. A test makes a user as a mint would, takes it away again, and says what is missing."
            .into_any();
    };
    let outside = status.checks.iter().any(|check| check.name == "Sign-in" && check.light == Light::Bad);
    match (count(&status.checks, Light::Bad), account.tokens) {
        _ if outside => {
            view! { <strong>"Aviary could not get into this account"</strong> " when it was tested " <When at /> "." }
                .into_any()
        }
        (0, 0) => {
            view! { "Ready to mint: everything that a token's life needs was allowed " <When at /> "." }.into_any()
        }
        (0, n) => view! {
            "It holds "
            <strong>{plural(n, "living token", "living tokens")}</strong>
            ". Everything that they need was allowed "
            <When at />
            "."
        }
        .into_any(),
        (n, _) => view! {
            <strong>{plural(n, "thing that tokens need is", "things that tokens need are")} " missing"</strong>
            ", as tested "
            <When at />
            ". Below stands which, and what for."
        }
        .into_any(),
    }
}

/// As whom Aviary acts in an account.
pub fn role(settings: &AccountSettings) -> String {
    match settings.role_arn.rsplit_once('/') {
        Some((_, name)) => format!("Role {name}"),
        None => "Aviary's own credentials".to_owned(),
    }
}

/// What keys of an account may do.
pub fn policy(policy: &KeyPolicy) -> String {
    match policy {
        KeyPolicy::DenyAll => "Everything is denied".to_owned(),
        KeyPolicy::DecoyReader { bucket } => format!("May list the bucket {bucket}, nothing else"),
        KeyPolicy::Custom { .. } => "A policy of your own".to_owned(),
    }
}

/// How many tokens it holds, of how many.
pub fn tokens(account: &AccountView) -> impl IntoView + use<> {
    let (is, cap) = (account.tokens, account.settings.cap);
    match cap {
        0 => plural(is, "token", "tokens").into_any(),
        cap => {
            let says = format!("{} of {} tokens", thousands(is), thousands(cap));
            view! { <Meter is most=cap says /> }.into_any()
        }
    }
}

/// How many IAM users the account has, of how many.
pub fn users(status: &AccountStatus) -> impl IntoView + use<> {
    match status.users_quota {
        0 => view! { <span class="faint">"not counted yet"</span> }.into_any(),
        quota => {
            let says = format!("{} of {} users", thousands(status.users), thousands(quota));
            view! { <Meter is=status.users most=quota says /> }.into_any()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_roles_are_said_as_people_know_them() {
        assert_eq!(number("123456789012"), "1234-5678-9012");
        assert_eq!(number("sandbox"), "sandbox");
        let settings = AccountSettings {
            role_arn: "arn:aws:iam::123456789012:role/ops/automation".into(),
            ..AccountSettings::default()
        };
        assert_eq!(role(&settings), "Role automation");
        assert_eq!(role(&AccountSettings::default()), "Aviary's own credentials");
    }
}
