//! What is known of a provider, in sentences.

use crate::{
    model::{
        health::Light,
        provider::{ClaimRule, ProviderKind, ProviderSettings, ProviderStatus, Strangers},
    },
    pages::settings::{reach_text, role_text},
    parts::{
        badge::{Badge, Shape, Tone},
        when::When,
    },
};
use leptos::prelude::*;

/// What sort of provider it is.
pub fn kind(kind: ProviderKind) -> &'static str {
    match kind {
        ProviderKind::Generic => "OpenID Connect",
        ProviderKind::Cognito => "Amazon Cognito",
    }
}

/// Whether people can come in through it.
pub fn switch(settings: &ProviderSettings) -> impl IntoView + use<> {
    if settings.enabled {
        view! { <Badge tone=Tone::Calm shape=Shape::Dot text="On" /> }
    } else {
        view! { <Badge tone=Tone::Quiet shape=Shape::Slash text="Off" /> }
    }
}

/// How the last test ended, and when.
pub fn tested(status: &ProviderStatus) -> impl IntoView + use<> {
    let Some(at) = status.tested_at else {
        return view! { <Badge tone=Tone::Quiet shape=Shape::Dashed text="Not tested" /> }.into_any();
    };
    let badge = if status.checks.iter().any(|check| check.light == Light::Bad) {
        view! { <Badge tone=Tone::Loud shape=Shape::Triangle text="Broken" /> }
    } else {
        view! { <Badge tone=Tone::Calm shape=Shape::Tick text="Works" /> }
    };
    view! {
        {badge}
        <span class="under">
            <When at />
        </span>
    }
    .into_any()
}

/// What becomes of people without an account here.
pub fn strangers(strangers: &Strangers) -> String {
    match strangers {
        Strangers::Refuse => "They stay out".to_owned(),
        Strangers::Rules => "They come in if a rule gives them a role".to_owned(),
        Strangers::Role { team, role } => {
            let team = Some(team.as_str()).filter(|team| !team.is_empty());
            format!("They come in as {} ({}), or by the rules", role_text(*role), reach_text(team))
        }
    }
}

/// The claim, the comparison and the value of a rule.
pub fn condition(rule: &ClaimRule) -> impl IntoView + use<> {
    let (claim, value, how) = (rule.claim.clone(), rule.value.clone(), rule.comparison.text());
    view! {
        <code>{claim}</code>
        " "
        {how}
        " "
        <code>{value}</code>
    }
}

/// The role of a rule, and where it holds.
pub fn consequence(rule: &ClaimRule) -> String {
    format!("{}, {}", role_text(rule.role), reach_text(rule.team.as_deref()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::viewer::Role;

    #[test]
    fn what_becomes_of_strangers_is_said_in_words() {
        let role = Strangers::Role { team: "Blue".into(), role: Role::Viewer };
        assert_eq!(strangers(&role), "They come in as Viewer (Team Blue), or by the rules");
        let role = Strangers::Role { team: String::new(), role: Role::Viewer };
        assert_eq!(strangers(&role), "They come in as Viewer (Whole installation), or by the rules");
    }
}
