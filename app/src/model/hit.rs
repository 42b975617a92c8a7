//! A hit: a record that matched a token.

use super::{
    ids::{HitId, IncidentId, TokenId},
    moment::Moment,
};
use serde::{Deserialize, Serialize};

/// By which way a record reached Aviary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// An EventBridge event on a queue.
    Eventbridge,
    /// A log file of a trail, in S3.
    Trail,
    /// `POST /api/v1/ingest/cloudtrail`.
    Webhook,
    /// SNS over HTTPS.
    Sns,
    /// `aviary scan --record`.
    Scan,
    /// The built-in AWS look-alike.
    Sandbox,
    /// IAM's last-used data.
    LastUsed,
}

impl Source {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Eventbridge, Self::Trail, Self::Webhook, Self::Sns, Self::Scan, Self::Sandbox, Self::LastUsed];

    /// The word for it in the API and the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Eventbridge => "eventbridge",
            Self::Trail => "trail",
            Self::Webhook => "webhook",
            Self::Sns => "sns",
            Self::Scan => "scan",
            Self::Sandbox => "sandbox",
            Self::LastUsed => "last_used",
        }
    }

    /// Reads [`Source::word`] back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.word() == word)
    }
}

/// What a hit says about the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum HitKind {
    /// Somebody used the key, or a session made with it.
    Use,
    /// AWS quarantined the user: the key is public.
    Exposed,
    /// Somebody who is not Aviary changed the token's user or keys.
    Tampered,
    /// IAM says that the key was used, and no record of it came: an API was called that no trail logs.
    UnloggedUse,
    /// Aviary used the key itself, to prove that it is heard.
    Drill,
}

impl HitKind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Use, Self::Exposed, Self::Tampered, Self::UnloggedUse, Self::Drill];

    /// The word for it in the API and the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Use => "use",
            Self::Exposed => "exposed",
            Self::Tampered => "tampered",
            Self::UnloggedUse => "unlogged_use",
            Self::Drill => "drill",
        }
    }

    /// Reads [`HitKind::word`] back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// One way that reported a hit, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Sighting {
    /// The way.
    pub source: Source,
    /// When the record arrived by it.
    pub received_at: Moment,
}

/// Where an address is, by the files that the operator gave.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Geo {
    /// `NL` (ISO 3166-1)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// `64500`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asn: Option<i64>,
    /// Who runs that autonomous system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
}

impl Geo {
    /// `AS64500, NL`: for a sentence.
    pub fn short(&self) -> String {
        let asn = self.asn.map(|asn| format!("AS{asn}"));
        [asn, self.country.clone()].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// `NL · AS64500 Example`: for a row.
    pub fn long(&self) -> String {
        let asn = self.asn.map(|asn| format!("AS{asn}"));
        let network = [asn, self.organisation.clone()].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let parts = [self.country.clone(), Some(network).filter(|network| !network.is_empty())];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }
}

/// A record that matched a token, kept once with every source that reported it.
/// The names of the fields are part of the API. Texts come from outside and are not to be trusted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Hit {
    /// Its identifier.
    pub id: HitId,
    /// The token that it matched.
    pub token_id: TokenId,
    /// What it says about the token.
    pub kind: HitKind,
    /// CloudTrail's `eventID`, or `sha256:…` of the content where a record has none.
    pub event_id: String,
    /// When the call was made, by CloudTrail's clock.
    pub event_time: Moment,
    /// `GetCallerIdentity`
    pub event_name: String,
    /// `sts.amazonaws.com`
    pub event_source: String,
    /// `us-east-1`
    pub aws_region: String,
    /// An address, or the name of an AWS service.
    pub source_ip: String,
    /// Where that address is; absent where no file of the operator knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub geo: Option<Geo>,
    /// What the caller said it is.
    pub user_agent: String,
    /// `AccessDenied`; absent where the call succeeded.
    pub error_code: Option<String>,
    /// Every way that reported it, the first one first.
    pub sources: Vec<Sighting>,
    /// The incident that it belongs to.
    pub incident_id: Option<IncidentId>,
    /// The record as it was received.
    pub record: serde_json::Value,
}

/// Which hits a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct HitQuery {
    /// Only of this token.
    pub token_id: Option<TokenId>,
    /// Only of this kind.
    pub kind: Option<HitKind>,
    /// Leaves Aviary's own drills out.
    pub no_drills: bool,
    /// Only from this address.
    pub source_ip: String,
    /// Only this event.
    pub event_name: String,
    /// Only in this region.
    pub aws_region: String,
    /// Only of this service.
    pub event_source: String,
    /// Only this event, by CloudTrail's identifier.
    pub event_id: String,
    /// Only with this error.
    pub error_code: String,
    /// Only by exactly this user agent.
    pub user_agent: String,
    /// Only of this incident.
    pub incident_id: Option<IncidentId>,
    /// The cursor of the page before.
    pub after: Option<String>,
    /// How many; 0 for the usual number.
    pub limit: u32,
}

/// How many hits fell into one stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Bar {
    /// The start of the stretch.
    pub start: Moment,
    /// The number of hits.
    pub count: i64,
}

/// Hits over time, for a chart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct HitChart {
    /// The width of a bar in milliseconds.
    pub step: i64,
    /// Every bar from the first to the last, empty ones included; oldest first. At most 60.
    pub bars: Vec<Bar>,
}
