//! The audit log: who did what, when, from where.

use super::moment::Moment;
use serde::{Deserialize, Serialize};

/// One entry of the audit log. It never carries a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its identifier; entries sort by it.
    pub id: String,
    /// When.
    pub at: Moment,
    /// Who: an address, an API key's name, `sweep`, `command line`.
    pub actor: String,
    /// What: `token.mint`, `token.reveal`, `person.invite`, …
    pub act: String,
    /// On what: a name that people recognise.
    pub subject: String,
    /// What changed, in words.
    pub detail: String,
    /// From which network address.
    pub from: Option<String>,
}

/// Which entries a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AuditQuery {
    /// Only this act.
    pub act: String,
    /// The cursor of the page before.
    pub after: Option<String>,
    /// How many; 0 for the usual number.
    pub limit: u32,
}
