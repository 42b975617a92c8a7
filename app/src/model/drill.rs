//! Drills: Aviary uses a token itself, and waits for that very call to come back.

use super::{
    hit::{Sighting, Source},
    ids::TokenId,
    moment::Moment,
};
use serde::{Deserialize, Serialize};

/// How a drill is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DrillState {
    /// The call is still to be made.
    Due,
    /// The call was made; its record has not come back yet.
    Called,
    /// Its record came back by at least one way.
    Heard,
    /// Nothing came back in time.
    Silent,
    /// The call could not be made.
    Failed,
}

impl DrillState {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Due, Self::Called, Self::Heard, Self::Silent, Self::Failed];

    /// The word for it in the API and the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Called => "called",
            Self::Heard => "heard",
            Self::Silent => "silent",
            Self::Failed => "failed",
        }
    }

    /// Reads [`DrillState::word`] back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// One use of a token by Aviary itself, in one region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Drill {
    /// Its identifier.
    pub id: String,
    /// The token that was used.
    pub token_id: TokenId,
    /// The region in which the call was made.
    pub region: String,
    /// How it is doing.
    pub state: DrillState,
    /// Who asked for it.
    pub asked_by: String,
    /// When it was asked for.
    pub asked_at: Moment,
    /// When the call was made.
    pub called_at: Option<Moment>,
    /// By which ways its record came back, and when; the first one first.
    pub heard: Vec<Sighting>,
    /// Why the call could not be made, if so.
    pub error: Option<String>,
}

/// What the drills of a token prove.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Proof {
    /// When a drill was last heard.
    pub proven_at: Option<Moment>,
    /// By which ways a drill of each region was heard last, and after how many milliseconds.
    pub ways: Vec<ProvenWay>,
    /// What is missing, in sentences.
    pub missing: Vec<String>,
    /// The latest drills, newest first.
    pub drills: Vec<Drill>,
}

/// How the latest drills of a token went, in short: what a list shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LatestRun {
    /// The token.
    pub token_id: TokenId,
    /// The fastest way by which one of them was heard, and after how many milliseconds.
    pub heard: Option<(Source, i64)>,
    /// The regions in which nothing came back, or the call could not be made.
    pub unheard: Vec<String>,
}

/// One way by which a drill came back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ProvenWay {
    /// The region of the call.
    pub region: String,
    /// The way.
    pub source: Source,
    /// When it was heard.
    pub at: Moment,
    /// How long after the call, in milliseconds.
    pub lag_ms: i64,
}
