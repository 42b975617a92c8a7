//! Destinations, subscriptions, and deliveries with their attempts.

mod kind;

pub use kind::DestinationKind;

use super::{
    ids::{DeliveryId, DestinationId, HitId, SubscriptionId, TokenId},
    moment::Moment,
    pace::{Pace, SubscriptionChange},
    secret::Secret,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whether alerts go to a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DestinationState {
    /// Its owner has not proven control of it; nothing is sent but the proof's question.
    Unconfirmed,
    /// Alerts go there.
    Confirmed,
    /// It said that it is gone, or took nothing for five days: alerts are kept, and can be sent again once it is mended.
    Failing,
}

impl DestinationState {
    /// The word for it in the API and the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unconfirmed => "unconfirmed",
            Self::Confirmed => "confirmed",
            Self::Failing => "failing",
        }
    }

    /// Reads [`DestinationState::word`] back.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Unconfirmed, Self::Confirmed, Self::Failing].into_iter().find(|state| state.word() == word)
    }
}

/// An address alerts can go to. The names of the fields are part of the API.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Destination {
    /// Its identifier.
    pub id: DestinationId,
    /// What sort of address.
    pub kind: DestinationKind,
    /// A name for people.
    pub name: String,
    /// The address; shortened (`s…@example.com`) for those who may see the destination but do not own it.
    pub address: String,
    /// Whether alerts go there.
    pub state: DestinationState,
    /// The name of the team that it belongs to; `None` where it belongs to a person.
    pub team: Option<String>,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Moment,
    /// Why the last attempt to confirm or deliver failed, if it did.
    pub last_error: Option<String>,
    /// What else there is to know to send there, by name; nothing for those who do not own it. It holds no secret.
    #[serde(default)]
    #[cfg_attr(feature = "ssr", schema(value_type = Object))]
    pub settings: serde_json::Value,
    /// Whether a message with a code was sent there, which its owner types in to confirm it.
    #[serde(default)]
    pub awaits_code: bool,
    /// Until when the secret before the last rotation counts too.
    #[serde(default)]
    pub old_secret_until: Option<Moment>,
    /// Whether the viewer may change, test and remove it.
    pub mine: bool,
}

/// A destination that has just been made, with the secret that signs what a webhook gets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct NewDestination {
    /// The destination.
    #[serde(flatten)]
    pub destination: Destination,
    /// `whsec_…` (Standard Webhooks) of a webhook; of Jira, what its webhook back is signed with. Shown once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<Secret>,
}

/// What somebody typed into the form for a new destination.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct DestinationForm {
    /// `email`, `webhook`, `slack` and so on.
    pub kind: String,
    /// The address.
    pub address: String,
    /// What there is to hide: an address that is a password (`https://hooks.slack.com/services/…`), a key or an API
    /// token. It is sealed.
    pub secret: Option<Secret>,
    /// What else the kind needs, by name.
    pub settings: BTreeMap<String, String>,
    /// A name for people; empty for one made from the address.
    pub name: String,
    /// The name of the team; empty: it belongs to the person.
    pub team: String,
}

/// The code from the message that asked whether alerts may be sent there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct ConfirmForm {
    /// The six digits; left out to have the question sent again.
    pub code: String,
}

/// What a subscription hears about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(tag = "scope", rename_all = "snake_case")]
pub enum Scope {
    /// One token.
    Token {
        /// Which.
        token_id: TokenId,
    },
    /// All tokens of one team, also those to come.
    Team {
        /// Its name.
        team: String,
    },
    /// All tokens with a label, also those to come.
    Label {
        /// The label.
        label: String,
        /// Only those of this team, by name. Left out: of every team, which only an installation-wide reviewer or admin
        /// may ask for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        team: Option<String>,
    },
    /// All tokens; only an installation-wide reviewer or admin may ask for this.
    Everything,
}

/// "This destination hears about that."
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Subscription {
    /// Its identifier.
    pub id: SubscriptionId,
    /// Where the alerts go.
    pub destination_id: DestinationId,
    /// What it hears about.
    #[serde(flatten)]
    pub scope: Scope,
    /// What the scope is called on a page: a location, a team's name, a label, `Everything`.
    pub about: String,
    /// The kinds of news that it hears of.
    pub kinds: Vec<AlertKind>,
    /// How eagerly.
    pub pace: Pace,
    /// At the pace `incident`: how many minutes it is quiet after an alert.
    pub quiet_minutes: i64,
    /// When it was made.
    pub created_at: Moment,
}

/// What somebody asks to subscribe to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct SubscriptionForm {
    /// Where the alerts shall go.
    pub destination_id: DestinationId,
    /// What it shall hear about.
    #[serde(flatten)]
    pub scope: Scope,
    /// The kinds of news; left out: as before, or the usual ones.
    #[serde(default)]
    pub kinds: Option<Vec<AlertKind>>,
    /// How eagerly; left out: as before, or `incident`.
    #[serde(default)]
    pub pace: Option<Pace>,
    /// At the pace `incident`: how many minutes it is quiet after an alert, from 1 to 1,440; left out: as before, or 15.
    #[serde(default, deserialize_with = "super::pace::quiet_minutes")]
    #[cfg_attr(feature = "ssr", schema(minimum = 1, maximum = 1440))]
    pub quiet_minutes: Option<i64>,
}

impl SubscriptionForm {
    /// With these choices.
    pub fn wanting(destination_id: DestinationId, scope: Scope, wants: SubscriptionChange) -> Self {
        let SubscriptionChange { kinds, pace, quiet_minutes } = wants;
        Self { destination_id, scope, kinds, pace, quiet_minutes }
    }

    /// As it is where nobody chose more.
    pub fn usual(destination_id: DestinationId, scope: Scope) -> Self {
        Self::wanting(destination_id, scope, SubscriptionChange::default())
    }
}

/// What a delivery tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// A token was used.
    Hit,
    /// A token's key is public.
    Exposed,
    /// A token's user or key was changed by somebody else.
    Tampered,
    /// A token was used, and no record of it came.
    UnloggedUse,
    /// A drill came back, and somebody asked to hear of it.
    Drill,
    /// A token expires within a week.
    Expiring,
    /// A token was disabled because its time is over.
    Expired,
    /// Alerts no longer arrive at another destination: one of the same people, or one that hears about the same.
    Failing,
    /// Somebody did something in Aviary itself: an entry of the audit log.
    Audit,
    /// A token was minted.
    Minted,
    /// What was held back, counted.
    Digest,
    /// Somebody is on an incident; only for destinations that follow incidents.
    Acknowledged,
    /// An incident was closed; only for destinations that follow incidents.
    Resolved,
    /// An incident that was closed is open again; only for destinations that follow incidents.
    Reopened,
    /// Somebody pressed "send a test".
    Test,
}

impl AlertKind {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Hit,
        Self::Exposed,
        Self::Tampered,
        Self::UnloggedUse,
        Self::Drill,
        Self::Expiring,
        Self::Expired,
        Self::Failing,
        Self::Audit,
        Self::Minted,
        Self::Digest,
        Self::Acknowledged,
        Self::Resolved,
        Self::Reopened,
        Self::Test,
    ];

    /// The word for it: the `type` of an alert's body.
    pub fn word(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Exposed => "exposed",
            Self::Tampered => "tampered",
            Self::UnloggedUse => "unlogged_use",
            Self::Drill => "drill",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
            Self::Failing => "failing",
            Self::Audit => "audit",
            Self::Minted => "minted",
            Self::Digest => "digest",
            Self::Acknowledged => "acknowledged",
            Self::Resolved => "resolved",
            Self::Reopened => "reopened",
            Self::Test => "test",
        }
    }

    /// Reads [`AlertKind::word`] back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// Where a delivery is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// To be sent, now or at `next_attempt_at`.
    Waiting,
    /// The destination accepted it.
    Sent,
    /// Its destination is failing: it is kept, and can be sent again by hand.
    Held,
    /// It was refused for good, or its destination was removed; it is kept, and can be sent again by hand.
    Dead,
}

impl DeliveryState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Sent, Self::Held, Self::Dead];

    /// The word for it in the API and the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Held => "held",
            Self::Dead => "dead",
        }
    }

    /// Reads [`DeliveryState::word`] back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// One try to hand an alert over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Attempt {
    /// When it began.
    pub at: Moment,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
    /// Whether the destination accepted it.
    pub ok: bool,
    /// The status that the other side answered, if it answered: HTTP or SMTP.
    pub status: Option<i64>,
    /// What it said, or why there was no answer; at most 4 KiB, from outside and not to be trusted.
    pub detail: String,
}

/// One alert on its way to one destination.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Delivery {
    /// Its identifier, the same in every attempt (`webhook-id`).
    pub id: DeliveryId,
    /// Where it goes.
    pub destination_id: DestinationId,
    /// The destination's name.
    pub destination: String,
    /// What it tells.
    pub kind: AlertKind,
    /// The token that it is about.
    pub token_id: Option<TokenId>,
    /// The hit that caused it.
    pub hit_id: Option<HitId>,
    /// The alert in one line: what the mail's subject says.
    pub summary: String,
    /// Where it is on its way.
    pub state: DeliveryState,
    /// When it was caused.
    pub created_at: Moment,
    /// When the next attempt is due.
    pub next_attempt_at: Option<Moment>,
    /// When it was accepted or given up.
    pub done_at: Option<Moment>,
    /// Every attempt, oldest first.
    pub attempts: Vec<Attempt>,
    /// Whether the viewer may send it again.
    #[serde(default)]
    pub mine: bool,
}

impl Delivery {
    /// Whether the viewer can send it again now.
    pub fn can_go_again(&self) -> bool {
        self.mine && matches!(self.state, DeliveryState::Dead | DeliveryState::Held)
    }
}

/// What is kept of alerts that a destination did not take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Kept {
    /// How many there are.
    pub alerts: i64,
    /// When the oldest of them was caused.
    pub since: Option<Moment>,
}

/// What came of asking for alerts to be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Replayed {
    /// How many are on their way again.
    pub queued: i64,
    /// How many more there are. Ask once more for them.
    pub left: i64,
}

/// Which deliveries a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct DeliveryQuery {
    /// Only to this destination.
    pub destination_id: Option<DestinationId>,
    /// Only about this token.
    pub token_id: Option<TokenId>,
    /// Only in this state.
    pub state: Option<DeliveryState>,
    /// The cursor of the page before.
    pub after: Option<String>,
    /// How many; 0 for the usual number.
    pub limit: u32,
}
