//! A token: one canary key and where it was placed.

use super::{
    ids::{DestinationId, TeamId, TokenId},
    moment::{DAY, Moment},
    secret::Secret,
};
use serde::{Deserialize, Serialize};

/// How long before its expiry a token counts as expiring and its people are warned.
pub const WARN_BEFORE: i64 = 7 * DAY;

/// Where a token is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TokenState {
    /// Made, but not yet proven to be heard.
    Arming,
    /// Proven to be heard; nobody used it so far.
    Armed,
    /// Somebody used it.
    Triggered,
    /// AWS or a record says that the key is public.
    Exposed,
    /// Untouched, and it expires within [`WARN_BEFORE`].
    Expiring,
    /// Its time is over: the key is disabled.
    Expired,
    /// The key and its user are gone. The row and the hits stay.
    Revoked,
}

impl TokenState {
    /// Every state, in the order of a token's life.
    pub const ALL: [Self; 7] =
        [Self::Arming, Self::Armed, Self::Triggered, Self::Exposed, Self::Expiring, Self::Expired, Self::Revoked];

    /// The word for it in the API, the database and the address bar.
    pub fn word(self) -> &'static str {
        match self {
            Self::Arming => "arming",
            Self::Armed => "armed",
            Self::Triggered => "triggered",
            Self::Exposed => "exposed",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }

    /// Reads [`TokenState::word`] back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// The state that follows from a token's facts. What a responder must see first wins: an end of life,
    /// then a use, then a warning.
    pub fn of(facts: &TokenFacts, now: Moment) -> Self {
        if facts.revoked_at.is_some() {
            Self::Revoked
        } else if facts.expired_at.is_some() {
            Self::Expired
        } else if facts.exposed_at.is_some() {
            Self::Exposed
        } else if facts.first_hit_at.is_some() {
            Self::Triggered
        } else if facts.expires_at.is_some_and(|end| end.since(now) <= WARN_BEFORE) {
            Self::Expiring
        } else if facts.armed_at.is_some() {
            Self::Armed
        } else {
            Self::Arming
        }
    }
}

/// The moments from which a token's state follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenFacts {
    /// When it was first proven to be heard.
    pub armed_at: Option<Moment>,
    /// When it was first used by somebody else.
    pub first_hit_at: Option<Moment>,
    /// When a record first said that it is public.
    pub exposed_at: Option<Moment>,
    /// When it is to be disabled.
    pub expires_at: Option<Moment>,
    /// When the sweep disabled it.
    pub expired_at: Option<Moment>,
    /// When its key and user were deleted.
    pub revoked_at: Option<Moment>,
}

/// What to do with the key when somebody uses it. Disabling it ends the tripwire, so the default is to listen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum OnHit {
    /// Leave the key active, to see what else its user does.
    #[default]
    Keep,
    /// Disable the key after this many hits (1: at the first).
    DisableAfter(u32),
}

impl std::fmt::Display for OnHit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Keep => f.write_str("keep"),
            Self::DisableAfter(1) => f.write_str("disable"),
            Self::DisableAfter(n) => write!(f, "disable_after:{n}"),
        }
    }
}

impl From<OnHit> for String {
    fn from(choice: OnHit) -> Self {
        choice.to_string()
    }
}

impl TryFrom<String> for OnHit {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "" | "keep" | "keep_listening" => Ok(Self::Keep),
            "disable" | "disable_first" => Ok(Self::DisableAfter(1)),
            other => match other.strip_prefix("disable_after:").map(|n| (n, n.parse())) {
                Some((_, Ok(n))) if (1..=10_000).contains(&n) => Ok(Self::DisableAfter(n)),
                Some((n, _)) => Err(format!("`{n}` is no number of hits from 1 to 10000")),
                None => Err(format!("`{other}` is none of `keep`, `disable`, `disable_after:N` (N from 1 to 10000)")),
            },
        }
    }
}

/// A token as people and programs see it. The names of the fields are part of the API.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Token {
    /// Its identifier.
    pub id: TokenId,
    /// The AWS account: twelve digits, or `sandbox`.
    pub account: String,
    /// The access key id that was planted.
    pub access_key_id: String,
    /// The IAM user's name; empty where an adopted key's user is not known.
    pub user_name: String,
    /// The IAM user's ARN; empty where an adopted key's user is not known.
    pub arn: String,
    /// The name of the team that it belongs to.
    pub team: String,
    /// Who looks after the place where it was put.
    pub owner: String,
    /// Where it was put.
    pub location: String,
    /// What to rotate if it trips, and anything else a responder needs.
    pub notes: String,
    /// Words to find it by.
    pub labels: Vec<String>,
    /// Where it is in its life.
    pub state: TokenState,
    /// What happens to the key when somebody uses it.
    pub on_hit: OnHit,
    /// When it was minted or adopted.
    pub created_at: Moment,
    /// When the sweep will disable it.
    pub expires_at: Option<Moment>,
    /// The time of its latest hit.
    pub last_hit_at: Option<Moment>,
    /// How many hits it has.
    pub hit_count: i64,
    /// Whether it was made elsewhere and only watched here; then no secret is held.
    pub adopted: bool,
    /// Whether the key can still sign (as far as Aviary knows).
    pub key_active: bool,
    /// The team's identifier.
    pub team_id: TeamId,
    /// Who minted or adopted it: a name for people.
    pub created_by: String,
    /// When the sweep disabled it because its time was over.
    pub expired_at: Option<Moment>,
    /// When its key and user were deleted.
    pub revoked_at: Option<Moment>,
    /// When a drill last proved that it is heard.
    pub proven_at: Option<Moment>,
}

/// A token whose secret has just been made or revealed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct TokenWithSecret {
    /// The token.
    #[serde(flatten)]
    pub token: Token,
    /// The secret access key; absent where it is held back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_access_key: Option<Secret>,
    /// Why the secret is held back, and what to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_back: Option<String>,
}

/// A key that a token had before it was rotated. It is watched as the token's own one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct FormerKey {
    /// The access key id.
    pub access_key_id: String,
    /// Whether it can still sign (as far as Aviary knows).
    pub active: bool,
    /// When it was replaced.
    pub replaced_at: Moment,
}

/// What somebody wants to mint, or to adopt: the facts of the form, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct TokenForm {
    /// The account to mint in; empty for the only one there is.
    pub account: String,
    /// The name of the team; empty for the person's only one.
    pub team: String,
    /// Who looks after the place.
    pub owner: String,
    /// Where it will be put.
    pub location: String,
    /// What to rotate, and anything else a responder needs.
    pub notes: String,
    /// Labels, separated by commas or white space.
    pub labels: String,
    /// A day (`2027-03-01`), an RFC 3339 time, a number of days (`90`, `in 90 days`), or empty for never.
    pub expires: String,
    /// See [`OnHit`].
    pub on_hit: String,
    /// Destinations that shall hear about it.
    pub destinations: Vec<DestinationId>,
    /// What they shall hear of; left out: the usual kinds.
    pub kinds: Option<Vec<String>>,
    /// How eagerly; empty: `incident`.
    pub pace: String,
    /// How many minutes it is quiet after an alert; empty: 15.
    pub quiet_minutes: String,
    /// To adopt only: the key id that exists already.
    pub access_key_id: String,
    /// To adopt only, and optional: the user's ARN.
    pub arn: String,
}

impl TokenForm {
    /// Reads the form as a browser posts it: `destinations` may come several times, and the N of "after N hits" is a
    /// field of its own, `on_hit_after`. Names that are not the form's are passed over.
    pub fn from_pairs(pairs: &[(String, String)]) -> Self {
        let mut form = Self { on_hit: on_hit_of(pairs).unwrap_or_default(), ..Self::default() };
        for (name, value) in pairs {
            let value = value.clone();
            match name.as_str() {
                "account" => form.account = value,
                "team" => form.team = value,
                "owner" => form.owner = value,
                "location" => form.location = value,
                "notes" => form.notes = value,
                "labels" => form.labels = value,
                "expires" => form.expires = value,
                "destinations" => form.destinations.push(DestinationId(value)),
                // The first one is hidden and empty, so that a form in which none is chosen says so.
                "kinds" => form.kinds.get_or_insert_default().extend(Some(value).filter(|kind| !kind.is_empty())),
                "pace" => form.pace = value,
                "quiet_minutes" => form.quiet_minutes = value,
                "access_key_id" => form.access_key_id = value,
                "arn" => form.arn = value,
                _ => {}
            }
        }
        form
    }
}

/// The choice for a hit out of the two fields that a page's form has for it.
fn on_hit_of(pairs: &[(String, String)]) -> Option<String> {
    let of = |field: &str| pairs.iter().find(|(name, _)| name == field).map(|(_, value)| value.trim());
    Some(match of("on_hit")? {
        "disable_after" => format!("disable_after:{}", of("on_hit_after").unwrap_or_default()),
        other => other.to_owned(),
    })
}

/// The facts of a token that can be changed later. What is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct TokenChange {
    /// Who looks after the place.
    pub owner: Option<String>,
    /// Where it is.
    pub location: Option<String>,
    /// What a responder needs to know.
    pub notes: Option<String>,
    /// Labels, separated by commas or white space.
    pub labels: Option<String>,
    /// As in [`TokenForm::expires`]; empty for never.
    pub expires: Option<String>,
    /// See [`OnHit`].
    pub on_hit: Option<String>,
}

impl TokenChange {
    /// Reads the form as a browser posts it; see [`TokenForm::from_pairs`].
    pub fn from_pairs(pairs: &[(String, String)]) -> Self {
        let of = |field: &str| pairs.iter().find(|(name, _)| name == field).map(|(_, value)| value.clone());
        Self {
            owner: of("owner"),
            location: of("location"),
            notes: of("notes"),
            labels: of("labels"),
            expires: of("expires"),
            on_hit: on_hit_of(pairs),
        }
    }
}

/// By which column a list of tokens is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TokenSort {
    /// Newest first.
    #[default]
    Created,
    /// Latest hit first; those without one last.
    LastHit,
    /// Soonest expiry first; those without one last.
    Expires,
}

impl TokenSort {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Created, Self::LastHit, Self::Expires];

    /// The word for it in the API and the address bar.
    pub fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::LastHit => "last_hit",
            Self::Expires => "expires",
        }
    }

    /// Reads [`TokenSort::word`] back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.word() == word)
    }
}

/// Which tokens a list shows. All fields empty: every token that the viewer may see.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct TokenQuery {
    /// Words that must all occur in key id, user name, owner, location, notes or labels.
    pub q: String,
    /// Only this state.
    pub state: Option<TokenState>,
    /// Only this team, by name.
    pub team: String,
    /// Only this owner, exactly.
    pub owner: String,
    /// Only this location, exactly.
    pub location: String,
    /// Only with this label.
    pub label: String,
    /// Only in this account.
    pub account: String,
    /// Only this key id.
    pub access_key_id: String,
    /// Only those that a drill has proven to be heard, or only those that none has.
    pub proven: Option<bool>,
    /// The order.
    pub sort: TokenSort,
    /// The cursor of the page before.
    pub after: Option<String>,
    /// How many; 0 for the usual number.
    pub limit: u32,
}

impl TokenQuery {
    /// Whether it leaves any token out for another reason than its state.
    pub fn narrows(&self) -> bool {
        let words = [&self.q, &self.team, &self.owner, &self.location, &self.label, &self.account, &self.access_key_id];
        self.proven.is_some() || words.iter().any(|word| !word.is_empty())
    }
}

/// How many tokens are in each state, over all that the viewer may see, or of those that fit a search.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct TokenCounts {
    /// State and number; a state without tokens may be absent.
    pub by_state: Vec<(TokenState, i64)>,
    /// All of them.
    pub total: i64,
    /// Tokens hit within the last seven days; 0 for a search.
    pub tripped_this_week: i64,
}

impl TokenCounts {
    /// The number of tokens in one state.
    pub fn of(&self, state: TokenState) -> i64 {
        self.by_state.iter().find(|(s, _)| *s == state).map_or(0, |(_, n)| *n)
    }
}

/// The ways a secret can be taken along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SecretFile {
    /// A profile for `~/.aws/credentials`.
    Credentials,
    /// `export`s for a shell, or a `.env` file.
    Env,
    /// JSON as the AWS CLI prints it for `iam create-access-key`.
    Json,
    /// Terraform variables.
    Terraform,
}

impl SecretFile {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Credentials, Self::Env, Self::Json, Self::Terraform];

    /// The word for it in addresses.
    pub fn word(self) -> &'static str {
        match self {
            Self::Credentials => "credentials",
            Self::Env => "env",
            Self::Json => "json",
            Self::Terraform => "terraform",
        }
    }

    /// Reads [`SecretFile::word`] back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|file| file.word() == word)
    }

    /// The name that the downloaded file gets. It says nothing that would give a decoy away.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Credentials => "credentials",
            Self::Env => "aws.env",
            Self::Json => "accessKeys.json",
            Self::Terraform => "aws.auto.tfvars",
        }
    }

    /// The file's content. `profile` is the name of the profile or user.
    pub fn content(self, user_name: &str, access_key_id: &str, secret: &Secret) -> String {
        let secret = secret.expose();
        match self {
            Self::Credentials => {
                format!("[default]\naws_access_key_id = {access_key_id}\naws_secret_access_key = {secret}\n")
            }
            Self::Env => format!("AWS_ACCESS_KEY_ID={access_key_id}\nAWS_SECRET_ACCESS_KEY={secret}\n"),
            Self::Json => {
                let body = serde_json::json!({ "AccessKey": {
                    "UserName": user_name, "AccessKeyId": access_key_id, "Status": "Active", "SecretAccessKey": secret,
                }});
                format!("{body:#}\n")
            }
            Self::Terraform => {
                format!("aws_access_key_id     = \"{access_key_id}\"\naws_secret_access_key = \"{secret}\"\n")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_posted_form_joins_the_two_fields_for_a_hit() {
        let pairs = |on_hit: &str, after: &str| {
            let pairs = [("on_hit", on_hit), ("on_hit_after", after), ("destinations", "a"), ("destinations", "b")];
            pairs.map(|(name, value)| (name.to_owned(), value.to_owned()))
        };
        let form = TokenForm::from_pairs(&pairs("disable_after", " 5 "));
        assert_eq!(OnHit::try_from(form.on_hit), Ok(OnHit::DisableAfter(5)));
        assert_eq!(form.destinations.len(), 2);
        assert_eq!(TokenForm::from_pairs(&pairs("keep", "5")).on_hit, "keep");
        assert!(OnHit::try_from(TokenForm::from_pairs(&pairs("disable_after", "")).on_hit).is_err());
        assert_eq!(TokenChange::from_pairs(&[]), TokenChange::default());
    }
}
