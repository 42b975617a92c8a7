//! People, teams, invitations and API keys, as pages show them.

use super::{
    ids::{ApiKeyId, PersonId, TeamId},
    moment::Moment,
    secret::Secret,
    viewer::Role,
};
use serde::{Deserialize, Serialize};

/// A team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// Its identifier.
    pub id: TeamId,
    /// Its name, unique.
    pub name: String,
    /// How many tokens it has.
    pub tokens: i64,
    /// How many people it has.
    pub people: i64,
}

/// A role that somebody holds, with the team's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The team; `None` for the whole installation.
    pub team_id: Option<TeamId>,
    /// The team's name; `None` for the whole installation.
    pub team: Option<String>,
    /// The role.
    pub role: Role,
    /// The provider whose rules give it; `None` where an admin gave it by hand.
    #[serde(default)]
    pub from: Option<String>,
}

/// Somebody who can sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Its identifier.
    pub id: PersonId,
    /// The mail address that they sign in with.
    pub email: String,
    /// What they may do, and where.
    pub memberships: Vec<Membership>,
    /// When the account was made.
    pub created_at: Moment,
    /// When they were last here.
    pub seen_at: Option<Moment>,
    /// Whether the account is switched off.
    pub disabled: bool,
}

/// An invitation that was not yet followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invite {
    /// The first letters of its code's hash: names it without giving the code away.
    pub id: String,
    /// Whom it is for.
    pub email: String,
    /// The team's name; `None` for the whole installation.
    pub team: Option<String>,
    /// The role they will get.
    pub role: Role,
    /// Until when it can be followed.
    pub expires_at: Moment,
}

/// An API key, without the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Its identifier.
    pub id: ApiKeyId,
    /// A name for people.
    pub name: String,
    /// The first letters of the key, to recognise it by.
    pub prefix: String,
    /// What it may do.
    pub role: Role,
    /// Where: the team's name; `None` for the whole installation.
    pub team: Option<String>,
    /// When it was made.
    pub created_at: Moment,
    /// When it was last used.
    pub last_used_at: Option<Moment>,
    /// When it was revoked.
    pub revoked_at: Option<Moment>,
}

/// An API key that has just been made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewApiKey {
    /// What is kept of it.
    pub key: ApiKey,
    /// The key itself, shown once.
    pub secret: Secret,
}

/// The teams that a person can choose from, for a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What the form sends.
    pub value: String,
    /// What people read.
    pub text: String,
}
