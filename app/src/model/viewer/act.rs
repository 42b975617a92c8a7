//! Who may do what: the table.

use super::{role::Role, scope::Scope};

/// Where an act is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a team: a role in it suffices.
    Team,
    /// In the installation as a whole: a role in a team gives nothing.
    House,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The scope to which the act belongs.
    pub scope: Scope,
    /// Where it is done.
    pub place: Place,
    /// Whether each of [`Role::KEYS`] may do it.
    pub marks: [bool; 5],
    /// What is done, so that it reads on after "may".
    pub says: &'static str,
}

macro_rules! mark {
    (x) => {
        true
    };
    (-) => {
        false
    };
}

macro_rules! table {
    ($($act:ident $scope:ident $place:ident $v:tt $p:tt $r:tt $a:tt $i:tt $says:literal)*) => {
        /// Something that can be done. The table below says who may.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Act {
            $(#[doc = $says] $act,)*
        }

        impl Act {
            /// Every act, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$act,)*];

            /// Its row.
            pub fn row(self) -> Row {
                match self {
                    $(Self::$act => Row {
                        scope: Scope::$scope,
                        place: Place::$place,
                        marks: [mark!($v), mark!($p), mark!($r), mark!($a), mark!($i)],
                        says: $says,
                    },)*
                }
            }
        }
    };
}

// Acts of one scope have the same marks: a role is a short word for scopes. A test holds them to it.
table! {
//  act                 scope               where  viewer placer reviewer admin ingest
    SeeTokens           TokensRead          Team   x      x      x        x     -      "see tokens, and what proves that they are armed"
    Mint                TokensWrite         Team   -      x      -        x     -      "mint tokens and adopt keys"
    ManageTokens        TokensWrite         Team   -      x      -        x     -      "change, drill, rotate, disable and revoke tokens"
    RevealOwn           TokensWrite         Team   -      x      -        x     -      "see the secret of a token of one's own again"
    RevealAny           SecretsReveal       Team   -      -      -        x     -      "see the secret of any token again"
    SeeHits             HitsRead            Team   x      x      x        x     -      "see hits and incidents"
    Triage              IncidentsWrite      Team   -      -      x        x     -      "acknowledge, resolve and reopen incidents"
    SeeDestinations     DestinationsRead    Team   x      x      x        x     -      "see destinations, subscriptions and deliveries"
    Subscribe           DestinationsWrite   Team   x      x      x        x     -      "make destinations, and let them hear about tokens"
    ManageDestinations  DestinationsManage  Team   -      -      -        x     -      "test, change and remove the destinations of others"
    SeeHealth           HealthRead          House  -      -      x        x     -      "see how the installation is doing, and records that could not be read"
    Ingest              RecordsIngest       House  -      -      -        x     x      "hand in CloudTrail records"
    SeeAccounts         AccountsRead        House  -      -      -        x     -      "see AWS accounts and their settings"
    ManageAccounts      AccountsWrite       House  -      -      -        x     -      "add, change, test and remove AWS accounts"
    ManagePeople        PeopleWrite         House  -      -      -        x     -      "manage people, teams, roles and API keys"
    ReadAudit           AuditRead           House  -      -      -        x     -      "read the audit log"
}

impl Act {
    /// The roles that may do it, where they hold.
    pub fn roles(self) -> impl Iterator<Item = Role> {
        Role::KEYS.into_iter().filter(move |role| role.allows(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_a_short_word_for_scopes() {
        for act in Act::ALL {
            for role in Role::KEYS {
                assert_eq!(role.allows(*act), role.scopes().contains(&act.row().scope), "{act:?} {role:?}");
            }
        }
    }

    #[test]
    fn each_scope_is_for_something_and_an_admin_has_all() {
        for scope in Scope::ALL {
            assert!(Act::ALL.iter().any(|act| act.row().scope == scope), "{scope:?}");
        }
        assert_eq!(Role::Admin.scopes().len(), Scope::ALL.len());
    }

    #[test]
    fn no_secret_is_seen_by_those_who_only_look() {
        for role in [Role::Viewer, Role::Reviewer, Role::Ingest] {
            assert!(!role.allows(Act::RevealAny) && !role.allows(Act::RevealOwn), "{role:?}");
        }
        assert_eq!(Act::Ingest.roles().collect::<Vec<_>>(), [Role::Admin, Role::Ingest]);
        assert_eq!(Role::Ingest.scopes().into_iter().collect::<Vec<_>>(), [Scope::RecordsIngest]);
    }
}
