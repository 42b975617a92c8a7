//! What the link in an alert is for.

use super::moment::Moment;
use serde::{Deserialize, Serialize};

/// Whether there is still something to acknowledge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Standing {
    /// Nobody is on it.
    Open,
    /// Somebody is on it.
    Acknowledged {
        /// Who.
        by: String,
    },
    /// It is closed.
    Resolved,
    /// This very link was used.
    Used,
}

/// What whoever followed a link to acknowledge is shown: no more than the alert said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledging {
    /// Whether there is something to do.
    pub standing: Standing,
    /// Where the token was put.
    pub location: String,
    /// Its key id.
    pub access_key_id: String,
    /// The time of the first hit.
    pub opened_at: Moment,
    /// The time of the latest one.
    pub last_hit_at: Moment,
    /// How many there are.
    pub hit_count: i64,
    /// To which destination the link was sent, by its name.
    pub destination: String,
    /// Until when the link is good.
    pub until: Moment,
}
