//! The kinds of destinations.

use serde::{Deserialize, Serialize};

/// What sort of address a destination is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DestinationKind {
    /// A mail address.
    Email,
    /// An HTTP endpoint that takes signed JSON.
    Webhook,
    /// An HTTP endpoint that takes the JSON of Canarytokens.
    Canarytokens,
    /// A channel in Slack.
    Slack,
    /// A channel or chat in Microsoft Teams, by a workflow.
    Teams,
    /// A channel in Discord.
    Discord,
    /// A space in Google Chat.
    GoogleChat,
    /// A channel in Mattermost.
    Mattermost,
    /// A service in PagerDuty.
    Pagerduty,
    /// A project in Jira.
    Jira,
    /// An HTTP event collector of Splunk.
    Splunk,
    /// A syslog server.
    Syslog,
    /// An SNS topic.
    Sns,
    /// An SQS queue.
    Sqs,
    /// An event bus of EventBridge.
    Eventbridge,
}

impl DestinationKind {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Email,
        Self::Webhook,
        Self::Canarytokens,
        Self::Slack,
        Self::Teams,
        Self::Discord,
        Self::GoogleChat,
        Self::Mattermost,
        Self::Pagerduty,
        Self::Jira,
        Self::Splunk,
        Self::Syslog,
        Self::Sns,
        Self::Sqs,
        Self::Eventbridge,
    ];

    /// Those that can be made, in the order in which pages offer them.
    pub const OFFERED: &[Self] = &[
        Self::Email,
        Self::Webhook,
        Self::Slack,
        Self::Teams,
        Self::Discord,
        Self::GoogleChat,
        Self::Mattermost,
        Self::Canarytokens,
        Self::Pagerduty,
        Self::Jira,
        Self::Splunk,
        Self::Syslog,
        Self::Sns,
        Self::Sqs,
        Self::Eventbridge,
    ];

    /// The word for it in the API and the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Webhook => "webhook",
            Self::Canarytokens => "canarytokens",
            Self::Slack => "slack",
            Self::Teams => "teams",
            Self::Discord => "discord",
            Self::GoogleChat => "google_chat",
            Self::Mattermost => "mattermost",
            Self::Pagerduty => "pagerduty",
            Self::Jira => "jira",
            Self::Splunk => "splunk",
            Self::Syslog => "syslog",
            Self::Sns => "sns",
            Self::Sqs => "sqs",
            Self::Eventbridge => "eventbridge",
        }
    }

    /// Reads [`DestinationKind::word`] back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether whoever knows its address may write to it, so that the address is sealed like a password, and what is
    /// shown of it is a mask.
    pub fn hides_address(self) -> bool {
        matches!(
            self,
            Self::Canarytokens | Self::Slack | Self::Teams | Self::Discord | Self::GoogleChat | Self::Mattermost
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_api() {
        for kind in DestinationKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.word());
            assert_eq!(DestinationKind::parse(kind.word()), Some(kind));
        }
    }
}
