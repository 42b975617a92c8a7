//! Who is asking, and what they may do. Every public room function takes a [`Viewer`] and asks it.

use super::{
    ids::{ApiKeyId, PersonId, TeamId},
    moment::Moment,
};
use serde::{Deserialize, Serialize};

/// What somebody may do in a team, or in the whole installation.
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
    /// The roles that API keys can have.
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
}

/// Something that can be done. The table in [`Act::roles`] says who may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// See tokens, without secrets.
    SeeTokens,
    /// Mint a token, or adopt one.
    Mint,
    /// Change, disable or revoke a token.
    ManageTokens,
    /// See a secret again that somebody else minted.
    RevealAny,
    /// See hits and incidents.
    SeeHits,
    /// Acknowledge and resolve incidents.
    Triage,
    /// Make destinations and subscriptions for oneself or the team.
    Subscribe,
    /// Change the destinations of others.
    ManageDestinations,
    /// See who belongs to what, invite and remove people, make teams and API keys, read the audit log.
    ManagePeople,
    /// See, add and change AWS accounts.
    ManageAccounts,
    /// See records that could not be read, and the state of the house.
    SeeHealth,
    /// Hand in CloudTrail records.
    Ingest,
}

impl Act {
    /// The roles that may do it, within the team for which they are held.
    pub fn roles(self) -> &'static [Role] {
        use Role::*;
        match self {
            Self::SeeTokens => &[Viewer, Placer, Reviewer, Admin],
            Self::Mint => &[Placer, Admin],
            Self::ManageTokens => &[Placer, Admin],
            Self::RevealAny => &[Admin],
            Self::SeeHits => &[Viewer, Placer, Reviewer, Admin],
            Self::Triage => &[Reviewer, Admin],
            Self::Subscribe => &[Viewer, Placer, Reviewer, Admin],
            Self::ManageDestinations => &[Admin],
            Self::ManagePeople => &[Admin],
            Self::ManageAccounts => &[Admin],
            Self::SeeHealth => &[Reviewer, Admin],
            Self::Ingest => &[Ingest, Admin],
        }
    }
}

/// Who a viewer is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Actor {
    /// Somebody who signed in.
    Person(PersonId),
    /// A program with an API key.
    ApiKey(ApiKeyId),
    /// Aviary itself: `sweep`, `sandbox`, or whoever may run the command line on this machine.
    System(String),
}

/// A role, and where it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The team; `None` for the whole installation.
    pub team: Option<TeamId>,
    /// The role.
    pub role: Role,
}

/// Who is asking.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    /// Who.
    pub actor: Actor,
    /// A name for pages and the audit log: an address, or an API key's name.
    pub name: String,
    /// What they may do, and where.
    pub grants: Vec<Grant>,
    /// Where the request came from, for the audit log.
    #[serde(default)]
    pub origin: Origin,
    /// When this person last proved who they are, by signing in or by being asked again; `None` for all who are no
    /// person.
    #[serde(default)]
    pub proven_at: Option<Moment>,
}

/// How somebody came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// With a password, and a second factor where they have one.
    Password,
    /// With a passkey.
    Passkey,
    /// Through a provider of the organisation (OpenID Connect).
    Provider,
    /// By a link that works once, made on the machine itself.
    Link,
}

impl Via {
    /// The word that the database keeps.
    pub fn word(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Passkey => "passkey",
            Self::Provider => "provider",
            Self::Link => "link",
        }
    }

    /// Reads [`Via::word`] back.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Password, Self::Passkey, Self::Provider, Self::Link].into_iter().find(|via| via.word() == word)
    }
}

/// Where a request came from. All of it is what others say of themselves: for people to read, never for a decision.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The network address of the client: that at the other end of the connection or, behind proxies that the operator
    /// trusts, the one that these name.
    pub address: Option<String>,
    /// The request's identifier, which also stands in the answer (`x-request-id`) and in the log.
    pub request_id: Option<String>,
    /// What the client calls itself (`User-Agent`).
    pub agent: Option<String>,
}

/// The teams in which somebody may do something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// All of them.
    Everywhere,
    /// Only these, possibly none.
    Teams(Vec<TeamId>),
}

impl Viewer {
    /// Aviary itself, or its operator at the command line: may do everything.
    pub fn system(name: &str) -> Self {
        Self {
            actor: Actor::System(name.to_owned()),
            name: name.to_owned(),
            grants: vec![Grant { team: None, role: Role::Admin }],
            origin: Origin::default(),
            proven_at: None,
        }
    }

    /// In which teams this viewer may do this.
    pub fn reach(&self, act: Act) -> Reach {
        let mut teams = Vec::new();
        for grant in self.grants.iter().filter(|grant| act.roles().contains(&grant.role)) {
            match &grant.team {
                None => return Reach::Everywhere,
                Some(team) => teams.push(team.clone()),
            }
        }
        Reach::Teams(teams)
    }

    /// Whether this viewer may do this in this team; with `None`: in the whole installation.
    pub fn may(&self, act: Act, team: Option<&TeamId>) -> bool {
        match self.reach(act) {
            Reach::Everywhere => true,
            Reach::Teams(teams) => team.is_some_and(|team| teams.contains(team)),
        }
    }

    /// Whether this viewer may do this at least somewhere: it decides what a page offers.
    pub fn may_somewhere(&self, act: Act) -> bool {
        !matches!(self.reach(act), Reach::Teams(teams) if teams.is_empty())
    }

    /// The person, if it is one.
    pub fn person(&self) -> Option<&PersonId> {
        match &self.actor {
            Actor::Person(id) => Some(id),
            _ => None,
        }
    }
}
