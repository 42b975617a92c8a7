//! Roles: what people are given, and keys may be given.

use super::{act::Act, scope::Scope};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What somebody may do in a team, or in the whole installation: a short word for scopes. The table in
/// [`Act`](super::act::Act) has the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees the tokens of the team and their hits; no secret.
    Viewer,
    /// Mints tokens and manages those of the team.
    Placer,
    /// Sees all hits and triages them; no secret.
    Reviewer,
    /// Everything, people included.
    Admin,
    /// Only an API key can have it: hands in CloudTrail records and nothing else.
    Ingest,
}

impl Role {
    /// The roles that people can have.
    pub const PEOPLE: [Self; 4] = [Self::Viewer, Self::Placer, Self::Reviewer, Self::Admin];
    /// The roles that API keys can have; the order of the table's columns.
    pub const KEYS: [Self; 5] = [Self::Viewer, Self::Placer, Self::Reviewer, Self::Admin, Self::Ingest];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Placer => "placer",
            Self::Reviewer => "reviewer",
            Self::Admin => "admin",
            Self::Ingest => "ingest",
        }
    }

    /// Reads [`Role::word`] back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::KEYS.into_iter().find(|role| role.word() == word)
    }

    /// What it allows, in one line for people.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Viewer => "Sees the team's tokens and hits, no secrets",
            Self::Placer => "Mints and manages the team's tokens",
            Self::Reviewer => "Sees hits and triages incidents, no secrets",
            Self::Admin => "Everything, people and settings included",
            Self::Ingest => "Hands in CloudTrail records, nothing else",
        }
    }

    /// Those who have it.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Viewer => "viewers",
            Self::Placer => "placers",
            Self::Reviewer => "reviewers",
            Self::Admin => "admins",
            Self::Ingest => "keys for handing in records",
        }
    }

    /// Whether this role allows an act, where it holds.
    pub fn allows(self, act: Act) -> bool {
        Self::KEYS.into_iter().zip(act.row().marks).any(|(role, mark)| mark && role == self)
    }

    /// The scopes that it stands for.
    pub fn scopes(self) -> BTreeSet<Scope> {
        Act::ALL.iter().filter(|act| self.allows(**act)).map(|act| act.row().scope).collect()
    }
}
