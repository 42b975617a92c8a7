//! What the destination pages say, in sentences. Pure, so that each sentence can be tested.

use crate::{
    model::{
        alert::{AlertKind, Destination, DestinationKind, DestinationState, Scope, Subscription},
        moment::{HOUR, MINUTE},
        pace::{Held, wall},
    },
    parts::icon::Sign,
};

/// `1 token`, `3 tokens`
fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

/// How all destinations are doing: the sentence at the top of their list.
pub fn sentence(all: &[Destination]) -> String {
    let of = |state| all.iter().filter(|destination| destination.state == state).count();
    let (failing, waiting, good) =
        (of(DestinationState::Failing), of(DestinationState::Unconfirmed), of(DestinationState::Confirmed));
    let mut parts = Vec::new();
    if failing > 0 {
        parts.push(format!(
            "{failing} of {} no longer {} alerts",
            counted(all.len(), "destination", "destinations"),
            if failing == 1 { "takes" } else { "take" }
        ));
    }
    if waiting > 0 {
        parts.push(format!("{waiting} still {} to be confirmed", if waiting == 1 { "has" } else { "have" }));
    }
    match (parts.is_empty(), good) {
        (true, 0) => "Alerts have nowhere to go yet.".to_owned(),
        (true, 1) => "Alerts go to one destination, and it accepts them.".to_owned(),
        (true, n) => format!("Alerts go to {n} destinations, and all of them accept them."),
        (false, _) => format!("{}.", parts.join("; ")),
    }
}

/// What a destination hears about, in a few words for a list.
pub fn hears(subscriptions: &[&Subscription]) -> String {
    if subscriptions.iter().any(|s| s.scope == Scope::Everything) {
        return "Everything".to_owned();
    }
    let teams: Vec<&str> = subscriptions
        .iter()
        .filter_map(|s| match &s.scope {
            Scope::Team { team } => Some(team.as_str()),
            _ => None,
        })
        .collect();
    let tokens = subscriptions.iter().filter(|s| matches!(s.scope, Scope::Token { .. })).count();
    let mut parts = Vec::new();
    match teams.as_slice() {
        [] => {}
        [one] => parts.push(format!("Team {one}")),
        [one, two] => parts.push(format!("Teams {one} and {two}")),
        many => parts.push(format!("{} teams", many.len())),
    }
    let labels: Vec<&str> = subscriptions
        .iter()
        .filter_map(|s| match &s.scope {
            Scope::Label { label, .. } => Some(label.as_str()),
            _ => None,
        })
        .collect();
    match labels.as_slice() {
        [] => {}
        [one] => parts.push(format!("label {one}")),
        many => parts.push(format!("{} labels", many.len())),
    }
    if tokens > 0 {
        parts.push(counted(tokens, "token", "tokens"));
    }
    if parts.is_empty() { "Nothing yet".to_owned() } else { parts.join(", ") }
}

/// What is held back, and when it goes out: `12 uses held, digest at 14:30 UTC`.
pub fn held(held: &Held) -> String {
    let (one, many) = match held.kind {
        AlertKind::Hit | AlertKind::UnloggedUse => ("use", "uses"),
        _ => ("alert", "alerts"),
    };
    let counted = counted(usize::try_from(held.count).unwrap_or(0), one, many);
    let minute = held.due_at.0.rem_euclid(24 * HOUR) / MINUTE;
    format!("{counted} held, digest at {} UTC", wall(minute))
}

/// What sort of address it is, for people.
pub fn kind(kind: DestinationKind) -> &'static str {
    match kind {
        DestinationKind::Email => "E-mail",
        DestinationKind::Webhook => "Webhook",
        DestinationKind::Canarytokens => "Canarytokens webhook",
        DestinationKind::Slack => "Slack",
        DestinationKind::Teams => "Microsoft Teams",
        DestinationKind::Discord => "Discord",
        DestinationKind::GoogleChat => "Google Chat",
        DestinationKind::Mattermost => "Mattermost",
        DestinationKind::Pagerduty => "PagerDuty",
        DestinationKind::Jira => "Jira",
        DestinationKind::Splunk => "Splunk",
        DestinationKind::Syslog => "Syslog",
        DestinationKind::Sns => "AWS SNS",
        DestinationKind::Sqs => "AWS SQS",
        DestinationKind::Eventbridge => "AWS EventBridge",
    }
}

/// What a kind is, in a line.
pub fn says(kind: DestinationKind) -> &'static str {
    match kind {
        DestinationKind::Email => "A mail per alert.",
        DestinationKind::Webhook => "Signed JSON to an endpoint of yours.",
        DestinationKind::Canarytokens => "The JSON of Canarytokens, for parsers that know it.",
        DestinationKind::Slack => "A message in a channel, by an incoming webhook.",
        DestinationKind::Teams => "A card in a channel or chat, by a workflow.",
        DestinationKind::Discord => "An embed in a channel.",
        DestinationKind::GoogleChat => "A card in a space.",
        DestinationKind::Mattermost => "A message in a channel, by an incoming webhook.",
        DestinationKind::Pagerduty => "An alert that moves with its incident.",
        DestinationKind::Jira => "An issue for each incident.",
        DestinationKind::Splunk => "An event per alert, by an HTTP Event Collector.",
        DestinationKind::Syslog => "A message per alert, over TLS.",
        DestinationKind::Sns => "A message on a topic, by an account's role.",
        DestinationKind::Sqs => "A message on a queue, by an account's role.",
        DestinationKind::Eventbridge => "An event on a bus, by an account's role.",
    }
}

/// The icon of a kind.
pub fn sign(kind: DestinationKind) -> Sign {
    match kind {
        DestinationKind::Email => Sign::Mail,
        DestinationKind::Slack
        | DestinationKind::Teams
        | DestinationKind::Discord
        | DestinationKind::GoogleChat
        | DestinationKind::Mattermost => Sign::Chat,
        _ => Sign::Hook,
    }
}

/// What a destination's state means: the sentence at the top of its page.
pub fn state(destination: &Destination) -> &'static str {
    match (destination.state, destination.kind) {
        (DestinationState::Confirmed, _) if destination.last_error.is_some() => {
            "Alerts go here, but the last one did not arrive. It is tried again."
        }
        (DestinationState::Confirmed, _) => "Alerts go here.",
        (DestinationState::Failing, _) => {
            "It is gone, or took nothing for days: alerts are kept. Mend it, send it a test, then send again what is kept."
        }
        (DestinationState::Unconfirmed, DestinationKind::Email) => {
            "No alert goes here until somebody follows the link that was mailed to the address."
        }
        (DestinationState::Unconfirmed, _) if destination.awaits_code => {
            "No alert goes here until its owner types in the code that was sent there."
        }
        (DestinationState::Unconfirmed, DestinationKind::Webhook) => {
            "No alert goes here until the endpoint answers the challenge."
        }
        (DestinationState::Unconfirmed, _) => "No alert goes here until a test message arrives.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        moment::Moment,
        pace::{Pace, QUIET, USUAL},
    };

    fn destination(state: DestinationState) -> Destination {
        Destination {
            id: "d".into(),
            kind: DestinationKind::Email,
            name: "Security".to_owned(),
            address: "security@example.com".to_owned(),
            state,
            team: None,
            created_by: "sam@example.com".to_owned(),
            created_at: Moment(0),
            last_error: None,
            settings: serde_json::json!({}),
            awaits_code: false,
            old_secret_until: None,
            mine: true,
        }
    }

    fn subscription(scope: Scope) -> Subscription {
        Subscription {
            id: "s".into(),
            destination_id: "d".into(),
            scope,
            about: String::new(),
            kinds: USUAL.to_vec(),
            pace: Pace::default(),
            quiet_minutes: QUIET,
            created_at: Moment(0),
        }
    }

    #[test]
    fn what_does_not_work_is_said_first() {
        use DestinationState::{Confirmed, Failing, Unconfirmed};
        let said =
            |states: &[DestinationState]| sentence(&states.iter().map(|state| destination(*state)).collect::<Vec<_>>());
        assert_eq!(said(&[]), "Alerts have nowhere to go yet.");
        assert_eq!(said(&[Confirmed]), "Alerts go to one destination, and it accepts them.");
        assert_eq!(said(&[Confirmed, Unconfirmed]), "1 still has to be confirmed.");
        assert_eq!(
            said(&[Confirmed, Failing, Unconfirmed]),
            "1 of 3 destinations no longer takes alerts; 1 still has to be confirmed."
        );
    }

    #[test]
    fn what_a_destination_hears_about_fits_a_cell() {
        let team = |name: &str| subscription(Scope::Team { team: name.to_owned() });
        let token = || subscription(Scope::Token { token_id: "t".into() });
        let said = |all: &[Subscription]| hears(&all.iter().collect::<Vec<_>>());
        assert_eq!(said(&[]), "Nothing yet");
        assert_eq!(said(&[team("Payments"), token(), token()]), "Team Payments, 2 tokens");
        assert_eq!(said(&[team("Payments"), team("Platform")]), "Teams Payments and Platform");
        assert_eq!(said(&[token(), subscription(Scope::Everything)]), "Everything");
        let label = subscription(Scope::Label { label: "ci".to_owned(), team: None });
        assert_eq!(said(&[label.clone(), token()]), "label ci, 1 token");
        assert_eq!(said(&[label.clone(), label]), "2 labels");
    }

    #[test]
    fn what_is_held_is_counted_with_the_time_of_its_digest() {
        let one = Held {
            token_id: "t".into(),
            about: "laptop".to_owned(),
            incident_id: None,
            kind: AlertKind::Hit,
            count: 12,
            due_at: Moment::parse("2026-11-21T14:30:59Z").unwrap(),
        };
        assert_eq!(held(&one), "12 uses held, digest at 14:30 UTC");
        let one = Held { kind: AlertKind::Expiring, count: 1, ..one };
        assert_eq!(held(&one), "1 alert held, digest at 14:30 UTC");
    }
}
