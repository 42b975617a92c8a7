//! Scopes: the parts of the API that a key is for.

use serde::{Deserialize, Serialize};

/// A part of what can be done. Each [`Act`](super::act::Act) belongs to exactly one; roles are short words for some of
/// them, and an API key may hold fewer than its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Scope {
    /// `tokens:read`
    #[serde(rename = "tokens:read")]
    TokensRead,
    /// `tokens:write`
    #[serde(rename = "tokens:write")]
    TokensWrite,
    /// `secrets:reveal`
    #[serde(rename = "secrets:reveal")]
    SecretsReveal,
    /// `hits:read`
    #[serde(rename = "hits:read")]
    HitsRead,
    /// `incidents:write`
    #[serde(rename = "incidents:write")]
    IncidentsWrite,
    /// `destinations:read`
    #[serde(rename = "destinations:read")]
    DestinationsRead,
    /// `destinations:write`
    #[serde(rename = "destinations:write")]
    DestinationsWrite,
    /// `destinations:manage`
    #[serde(rename = "destinations:manage")]
    DestinationsManage,
    /// `records:ingest`
    #[serde(rename = "records:ingest")]
    RecordsIngest,
    /// `health:read`
    #[serde(rename = "health:read")]
    HealthRead,
    /// `accounts:read`
    #[serde(rename = "accounts:read")]
    AccountsRead,
    /// `accounts:write`
    #[serde(rename = "accounts:write")]
    AccountsWrite,
    /// `people:write`
    #[serde(rename = "people:write")]
    PeopleWrite,
    /// `audit:read`
    #[serde(rename = "audit:read")]
    AuditRead,
}

impl Scope {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 14] = [
        Self::TokensRead,
        Self::TokensWrite,
        Self::SecretsReveal,
        Self::HitsRead,
        Self::IncidentsWrite,
        Self::DestinationsRead,
        Self::DestinationsWrite,
        Self::DestinationsManage,
        Self::RecordsIngest,
        Self::HealthRead,
        Self::AccountsRead,
        Self::AccountsWrite,
        Self::PeopleWrite,
        Self::AuditRead,
    ];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::TokensRead => "tokens:read",
            Self::TokensWrite => "tokens:write",
            Self::SecretsReveal => "secrets:reveal",
            Self::HitsRead => "hits:read",
            Self::IncidentsWrite => "incidents:write",
            Self::DestinationsRead => "destinations:read",
            Self::DestinationsWrite => "destinations:write",
            Self::DestinationsManage => "destinations:manage",
            Self::RecordsIngest => "records:ingest",
            Self::HealthRead => "health:read",
            Self::AccountsRead => "accounts:read",
            Self::AccountsWrite => "accounts:write",
            Self::PeopleWrite => "people:write",
            Self::AuditRead => "audit:read",
        }
    }

    /// Reads [`Scope::word`] back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::Scope;

    #[test]
    fn a_word_is_the_same_on_every_way() {
        for scope in Scope::ALL {
            assert_eq!(Scope::parse(scope.word()), Some(scope));
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.word());
        }
        assert_eq!(Scope::parse("tokens"), None);
    }
}
