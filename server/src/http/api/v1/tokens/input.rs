//! What programs send about a token.

use app::model::{
    ids::DestinationId,
    token::{TokenChange, TokenForm},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Labels: a list of words, a map whose entries become `key:value`, or one text with commas.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(untagged, expecting = "labels: expected a list of texts, such as [\"ci\", \"prod\"]")]
pub enum Labels {
    /// `["ci", "prod"]`
    List(Vec<String>),
    /// `{"env": "prod"}`
    Map(std::collections::BTreeMap<String, String>),
    /// `"ci, prod"`
    Text(String),
}

impl Labels {
    fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            // A label with white space would be read as two: join its words.
            Self::List(words) => words.iter().map(|word| joined(word)).collect::<Vec<_>>().join(","),
            Self::Map(map) => {
                map.iter().map(|(key, value)| joined(&format!("{key}:{value}"))).collect::<Vec<_>>().join(",")
            }
        }
    }
}

fn joined(word: &str) -> String {
    word.split(|c: char| c.is_whitespace() || c == ',').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

/// The facts of a token to mint or to adopt.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NewToken {
    /// The account to mint in; may be left out where there is one only.
    pub account: Option<String>,
    /// The team's name; may be left out where the key is for one team only.
    pub team: Option<String>,
    /// Who looks after the place; the API key's name if left out.
    pub owner: Option<String>,
    /// Where it will be put. Needed.
    pub location: String,
    /// What a responder needs to know.
    pub notes: Option<String>,
    /// Words to find it by.
    pub labels: Option<Labels>,
    /// When to disable it: RFC 3339, or a day. Never, if left out.
    pub expires_at: Option<String>,
    /// Instead of `expires_at`: in how many days.
    pub expires_in_days: Option<u32>,
    /// `keep` (the default), `disable`, or `disable_after:N`.
    pub on_hit: Option<String>,
    /// Destinations that shall hear about it.
    pub destinations: Vec<String>,
}

impl NewToken {
    /// As the room takes it.
    pub fn form(self) -> TokenForm {
        TokenForm {
            account: self.account.unwrap_or_default(),
            team: self.team.unwrap_or_default(),
            owner: self.owner.unwrap_or_default(),
            location: self.location,
            notes: self.notes.unwrap_or_default(),
            labels: self.labels.map(Labels::text).unwrap_or_default(),
            expires: self.expires_at.or(self.expires_in_days.map(|days| days.to_string())).unwrap_or_default(),
            on_hit: self.on_hit.unwrap_or_default(),
            destinations: self.destinations.into_iter().map(DestinationId).collect(),
            ..TokenForm::default()
        }
    }
}

/// A key that was made elsewhere, and the facts of a token.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct AdoptedToken {
    /// The key id. Needed.
    pub access_key_id: String,
    /// The user's ARN, if it is known: then sessions of the user are matched too.
    pub arn: Option<String>,
    /// The facts that every token has.
    #[serde(flatten)]
    #[schema(inline)]
    pub facts: AdoptedFacts,
}

/// As [`NewToken`]; kept apart because a flattened type cannot refuse unknown fields.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct AdoptedFacts {
    /// The team's name.
    pub team: Option<String>,
    /// Who looks after the place.
    pub owner: Option<String>,
    /// Where it is. Needed.
    pub location: String,
    /// What a responder needs to know.
    pub notes: Option<String>,
    /// Words to find it by.
    pub labels: Option<Labels>,
    /// When to stop expecting it: RFC 3339, or a day.
    pub expires_at: Option<String>,
    /// Instead of `expires_at`: in how many days.
    pub expires_in_days: Option<u32>,
    /// Only `keep` has an effect on a key that is not ours.
    pub on_hit: Option<String>,
    /// Destinations that shall hear about it.
    pub destinations: Vec<String>,
}

impl AdoptedToken {
    /// As the room takes it.
    pub fn form(self) -> TokenForm {
        let facts = self.facts;
        let common = NewToken {
            account: None,
            team: facts.team,
            owner: facts.owner,
            location: facts.location,
            notes: facts.notes,
            labels: facts.labels,
            expires_at: facts.expires_at,
            expires_in_days: facts.expires_in_days,
            on_hit: facts.on_hit,
            destinations: facts.destinations,
        };
        TokenForm { access_key_id: self.access_key_id, arn: self.arn.unwrap_or_default(), ..common.form() }
    }
}

/// What shall change; what is left out stays.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TokenPatch {
    /// Who looks after the place.
    pub owner: Option<String>,
    /// Where it is.
    pub location: Option<String>,
    /// What a responder needs to know.
    pub notes: Option<String>,
    /// Words to find it by.
    pub labels: Option<Labels>,
    /// RFC 3339 or a day; `null` for never.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub expires_at: Option<Option<String>>,
    /// `keep`, `disable`, or `disable_after:N`.
    pub on_hit: Option<String>,
    /// `false` disables the key, `true` enables it again.
    pub key_active: Option<bool>,
}

/// Tells `null` from a field that is not there.
fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(from).map(Some)
}

impl TokenPatch {
    /// As the room takes it.
    pub fn change(self) -> TokenChange {
        TokenChange {
            owner: self.owner,
            location: self.location,
            notes: self.notes,
            labels: self.labels.map(Labels::text),
            expires: self.expires_at.map(Option::unwrap_or_default),
            on_hit: self.on_hit,
        }
    }
}
