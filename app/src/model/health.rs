//! The state of the house, for the overview and the health page.

use super::{
    hit::{Hit, HitChart},
    incident::Incident,
    moment::Moment,
    token::{Token, TokenCounts},
};
use serde::{Deserialize, Serialize};

/// How one part of the house is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Light {
    /// It works.
    Good,
    /// It works, but somebody should look.
    Look,
    /// It does not work.
    Bad,
    /// It is switched off.
    Off,
}

/// One part of the house and how it is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Check {
    /// `Sandbox`, `Deliveries`, `Sweep`, …
    pub name: String,
    /// How it is doing.
    pub light: Light,
    /// One sentence that says what was seen, and what to do if it is not good.
    pub says: String,
}

impl Check {
    /// What was seen of one part.
    pub fn new(name: impl Into<String>, light: Light, says: impl Into<String>) -> Self {
        Self { name: name.into(), light, says: says.into() }
    }
}

/// Checks that belong together: those of the house itself, or of one AWS account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckGroup {
    /// `Aviary`, or the account's name.
    pub title: String,
    /// The account's twelve digits; empty for the house itself.
    pub account: String,
    /// When it was looked at; `None` where that was just now, or never.
    pub looked_at: Option<Moment>,
    /// What was seen.
    pub checks: Vec<Check>,
}

/// A record that could not be read, kept for an admin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantined {
    /// Its identifier.
    pub id: String,
    /// By which way it came.
    pub source: String,
    /// When it came.
    pub received_at: Moment,
    /// Why it could not be read.
    pub reason: String,
    /// The first part of it, from outside and not to be trusted.
    pub body: String,
}

/// A hit and the token that it is on, for a list over many tokens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HitOnToken {
    /// The hit.
    pub hit: Hit,
    /// Where the token was put.
    pub location: String,
    /// The token's key id.
    pub access_key_id: String,
}

/// What the first page shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Overview {
    /// Tokens by state.
    pub counts: TokenCounts,
    /// Incidents that are not resolved, newest first; at most ten.
    pub incidents: Vec<Incident>,
    /// How many incidents are not resolved.
    pub open_incidents: i64,
    /// The latest hits; at most ten.
    pub hits: Vec<HitOnToken>,
    /// Tokens that expire soon; at most five.
    pub expiring: Vec<Token>,
    /// Hits over the last 30 days.
    pub chart: HitChart,
    /// Destinations that alerts can go to: confirmed ones.
    pub confirmed_destinations: i64,
    /// Destinations that are failing.
    pub failing_destinations: i64,
    /// Confirmed ones whose last alert did not arrive and is tried again.
    pub stumbling_destinations: i64,
}
