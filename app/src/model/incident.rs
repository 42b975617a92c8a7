//! An incident: the hits on one token that belong together.

use super::{
    ids::{IncidentId, TokenId},
    moment::Moment,
};
use serde::{Deserialize, Serialize};

/// Where an incident is in its triage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum IncidentState {
    /// Nobody has looked yet.
    Open,
    /// Somebody is on it.
    Acknowledged,
    /// Closed, with a resolution.
    Resolved,
}

impl IncidentState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Open, Self::Acknowledged, Self::Resolved];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Resolved => "resolved",
        }
    }

    /// Reads [`IncidentState::word`] back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// What an incident turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// Somebody used the key who had no business with it.
    TruePositive,
    /// A test.
    Drill,
    /// A use that was announced.
    Expected,
    /// A mistake.
    FalsePositive,
}

impl Resolution {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::TruePositive, Self::Drill, Self::Expected, Self::FalsePositive];

    /// The word for it in the API and the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::TruePositive => "true_positive",
            Self::Drill => "drill",
            Self::Expected => "expected",
            Self::FalsePositive => "false_positive",
        }
    }

    /// The words for it on a page.
    pub fn text(self) -> &'static str {
        match self {
            Self::TruePositive => "True positive",
            Self::Drill => "Drill",
            Self::Expected => "Expected",
            Self::FalsePositive => "False positive",
        }
    }

    /// Reads [`Resolution::word`] back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.word() == word)
    }
}

/// The hits on one token that belong together: no gap between them longer than six hours, and not yet resolved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Incident {
    /// Its identifier.
    pub id: IncidentId,
    /// The token.
    pub token_id: TokenId,
    /// The team that owns the token.
    pub team: String,
    /// Where the token was put, to recognise it by.
    pub location: String,
    /// The token's key id.
    pub access_key_id: String,
    /// Where it is in its triage.
    pub state: IncidentState,
    /// What it turned out to be, once resolved.
    pub resolution: Option<Resolution>,
    /// The time of its first hit.
    pub opened_at: Moment,
    /// The time of its latest hit.
    pub last_hit_at: Moment,
    /// How many hits it has.
    pub hit_count: i64,
    /// Who acknowledged it.
    pub acknowledged_by: Option<String>,
    /// When it was acknowledged.
    pub acknowledged_at: Option<Moment>,
    /// Who resolved it.
    pub resolved_by: Option<String>,
    /// When it was resolved.
    pub resolved_at: Option<Moment>,
    /// What the responder wrote.
    pub comment: String,
}

/// Which incidents a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct IncidentQuery {
    /// Only this state.
    pub state: Option<IncidentState>,
    /// Only of this token.
    pub token_id: Option<TokenId>,
    /// The cursor of the page before.
    pub after: Option<String>,
    /// How many; 0 for the usual number.
    pub limit: u32,
}
