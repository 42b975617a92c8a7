//! Who is asking, and what they may do. Every public room function takes a [`Viewer`] and asks it.

pub mod act;
pub mod role;
pub mod scope;

pub use self::{
    act::{Act, Place},
    role::Role,
    scope::Scope,
};

use super::{
    fault::Fault,
    ids::{ApiKeyId, PersonId, TeamId},
    moment::Moment,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

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

/// What somebody may do, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The team; `None` for the whole installation.
    pub team: Option<TeamId>,
    /// The scopes.
    pub scopes: BTreeSet<Scope>,
}

impl Grant {
    /// All that a role stands for, in a team; with `None`: in the whole installation.
    pub fn of(team: Option<TeamId>, role: Role) -> Self {
        Self { team, scopes: role.scopes() }
    }
}

/// A role that somebody holds, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleIn {
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
            grants: vec![Grant::of(None, Role::Admin)],
            origin: Origin::default(),
            proven_at: None,
        }
    }

    /// Somebody of whom nobody knows yet who they are, for the audit log: may do nothing.
    pub fn nobody(name: &str, origin: &Origin) -> Self {
        Self { name: name.to_owned(), grants: Vec::new(), origin: origin.clone(), ..Self::system("nobody") }
    }

    /// In which teams this viewer may do this. What is done in the whole installation is done in no team.
    pub fn reach(&self, act: Act) -> Reach {
        let row = act.row();
        let mut teams = Vec::new();
        for grant in self.grants.iter().filter(|grant| grant.scopes.contains(&row.scope)) {
            match (&grant.team, row.place) {
                (None, _) => return Reach::Everywhere,
                (Some(team), Place::Team) => teams.push(team.clone()),
                (Some(_), Place::House) => {}
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

    /// Goes on where this viewer may do this at least somewhere. A list of what there is, or a form for something new,
    /// begins with it.
    ///
    /// # Errors
    /// `Forbidden`, with who may, or what an API key lacks.
    pub fn must(&self, act: Act) -> Result<(), Fault> {
        if self.may_somewhere(act) { Ok(()) } else { Err(self.refusal(act)) }
    }

    /// Goes on where this viewer may do this with a thing of this team; `None` where there is no such thing. `see` is
    /// the act of seeing such a thing, and `thing` its name.
    ///
    /// # Errors
    /// `Forbidden` for those who may see it and not do this, and for those who may do neither anywhere; for everybody else
    /// it is `NotFound`, whether there is one or not.
    pub fn must_with(&self, act: Act, see: Act, team: Option<&TeamId>, thing: &str) -> Result<(), Fault> {
        match team {
            Some(team) if self.may(act, Some(team)) => Ok(()),
            Some(team) if self.may(see, Some(team)) => Err(self.refusal(act)),
            _ if self.may_somewhere(act) || self.may_somewhere(see) => Err(Fault::not_found(thing)),
            _ => Err(self.refusal(act)),
        }
    }

    /// Why this viewer may not do this, and whom or what that takes.
    pub fn refusal(&self, act: Act) -> Fault {
        let row = act.row();
        let holds = self.grants.iter().any(|grant| grant.scopes.contains(&row.scope));
        Fault::forbidden(match (&self.actor, row.place) {
            (Actor::ApiKey(_), Place::House) if holds => format!(
                "This API key has the scope {} for one team. To {}, it needs it for the whole installation.",
                row.scope.word(),
                row.says
            ),
            (Actor::ApiKey(_), _) => {
                format!("This API key does not have the scope {}: it may not {}.", row.scope.word(), row.says)
            }
            _ if self.grants.is_empty() => "You are in no team yet. Ask an admin to put you into one.".to_owned(),
            (_, place) => {
                let who: Vec<_> = act.roles().filter(|role| Role::PEOPLE.contains(role)).map(Role::plural).collect();
                let of = if place == Place::House { " of the whole installation" } else { "" };
                format!("Only {}{of} may {}.", listed(&who), row.says)
            }
        })
    }

    /// The person, if it is one.
    pub fn person(&self) -> Option<&PersonId> {
        match &self.actor {
            Actor::Person(id) => Some(id),
            _ => None,
        }
    }
}

/// `placers and admins`
fn listed(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(grants: Vec<Grant>) -> Viewer {
        Viewer { actor: Actor::Person("p".into()), grants, ..Viewer::system("ana@example.com") }
    }

    fn in_team(role: Role) -> Viewer {
        person(vec![Grant::of(Some("blue".into()), role)])
    }

    #[test]
    fn a_role_in_a_team_gives_nothing_in_the_whole_installation() {
        let admin = in_team(Role::Admin);
        assert_eq!(admin.reach(Act::Mint), Reach::Teams(vec!["blue".into()]));
        assert!(!admin.may(Act::Mint, None) && !admin.may(Act::Mint, Some(&"red".into())));
        assert!(!admin.may_somewhere(Act::ManagePeople) && !admin.may_somewhere(Act::SeeHealth));
        assert_eq!(person(vec![Grant::of(None, Role::Admin)]).reach(Act::ManagePeople), Reach::Everywhere);
    }

    #[test]
    fn what_somebody_may_not_see_is_not_there() {
        let (blue, red): (TeamId, TeamId) = ("blue".into(), "red".into());
        let ask = |viewer: &Viewer, team: Option<&TeamId>| {
            viewer.must_with(Act::ManageTokens, Act::SeeTokens, team, "token").map_err(|fault| fault.status())
        };
        assert_eq!(ask(&in_team(Role::Placer), Some(&blue)), Ok(()));
        assert_eq!(ask(&in_team(Role::Viewer), Some(&blue)), Err(403));
        for viewer in [in_team(Role::Placer), in_team(Role::Viewer)] {
            assert_eq!((ask(&viewer, Some(&red)), ask(&viewer, None)), (Err(404), Err(404)));
        }
        for team in [Some(&blue), None] {
            assert_eq!(ask(&person(Vec::new()), team), Err(403), "who may do nothing anywhere learns nothing");
        }
    }

    #[test]
    fn a_refusal_says_what_it_takes() {
        let says = |viewer: &Viewer, act| viewer.refusal(act).message;
        let said = says(&in_team(Role::Viewer), Act::Mint);
        assert_eq!(said, "Only placers and admins may mint tokens and adopt keys.");
        let said = says(&in_team(Role::Admin), Act::ReadAudit);
        assert_eq!(said, "Only admins of the whole installation may read the audit log.");
        let grants = vec![Grant { team: Some("blue".into()), scopes: [Scope::HitsRead, Scope::AuditRead].into() }];
        let key = Viewer { actor: Actor::ApiKey("k".into()), ..person(grants) };
        assert!(says(&key, Act::Mint).contains("does not have the scope tokens:write"));
        assert!(says(&key, Act::ReadAudit).contains("audit:read for one team"));
        assert!(says(&person(Vec::new()), Act::SeeTokens).contains("in no team yet"));
    }
}
