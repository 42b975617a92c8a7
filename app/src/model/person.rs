//! People, teams, invitations and API keys, as pages show them.

use super::{
    ids::{ApiKeyId, PersonId, TeamId},
    moment::{DAY, Moment},
    secret::Secret,
    viewer::{Role, Scope},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

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
    /// Whether an app shows codes for them.
    #[serde(default)]
    pub app_codes: bool,
    /// How many passkeys they have.
    #[serde(default)]
    pub passkeys: i64,
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
    /// The role that it was made with; `None` for one that was made of scopes alone.
    pub role: Option<Role>,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
    /// Where: the team's name; `None` for the whole installation.
    pub team: Option<String>,
    /// When it was made.
    pub created_at: Moment,
    /// When it ends by itself; `None` for never.
    pub expires_at: Option<Moment>,
    /// When it was last used.
    pub last_used_at: Option<Moment>,
    /// When it was revoked.
    pub revoked_at: Option<Moment>,
}

/// How an API key is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// It opens what it is for.
    Good,
    /// So it does, but it ends within [`SOON`].
    Ending,
    /// Its time is over.
    Expired,
    /// Somebody revoked it.
    Revoked,
}

/// How long before its end a key is pointed out, in milliseconds.
pub const SOON: i64 = 14 * DAY;

impl ApiKey {
    /// How it is doing.
    pub fn state(&self, now: Moment) -> KeyState {
        match (self.revoked_at, self.expires_at) {
            (Some(_), _) => KeyState::Revoked,
            (None, Some(end)) if end <= now => KeyState::Expired,
            (None, Some(end)) if end <= now.plus(SOON) => KeyState::Ending,
            (None, _) => KeyState::Good,
        }
    }

    /// Whether it may do less than its role, or has none.
    pub fn is_limited(&self) -> bool {
        self.role.is_none_or(|role| role.scopes() != self.scopes)
    }
}

/// What is asked for when an API key is made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiKeyForm {
    /// Which program uses it.
    pub name: String,
    /// The word of a role; empty for a key of scopes alone.
    pub role: String,
    /// The team's name; empty for the whole installation.
    pub team: String,
    /// Words of scopes. With a role: all that it may do of the role; none of them for the whole role.
    pub scopes: Vec<String>,
    /// When it ends: a day, a number of days such as `90d`; empty for never.
    pub expires: String,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_pointed_out_two_weeks_before_its_end() {
        let end = Moment(1_000 * DAY);
        let mut key = ApiKey {
            id: "k".into(),
            name: "forwarder".into(),
            prefix: "avy_abcdef".into(),
            role: Some(Role::Ingest),
            scopes: Role::Ingest.scopes(),
            team: None,
            created_at: Moment(0),
            expires_at: Some(end),
            last_used_at: None,
            revoked_at: None,
        };
        let states = [15 * DAY, 14 * DAY, 1, 0].map(|before| key.state(end.plus(-before)));
        assert_eq!(states, [KeyState::Good, KeyState::Ending, KeyState::Ending, KeyState::Expired]);
        assert!(!key.is_limited());
        key.role = Some(Role::Admin);
        assert!(key.is_limited());
        key.revoked_at = Some(end);
        assert_eq!(key.state(Moment(0)), KeyState::Revoked);
        (key.revoked_at, key.expires_at) = (None, None);
        assert_eq!(key.state(end), KeyState::Good);
    }
}
