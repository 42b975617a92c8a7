//! Sign-in providers: where an organisation's people prove who they are (OpenID Connect), and the rules that make roles
//! of what a provider says about them.

use super::{health::Check, moment::Moment, viewer::Role};
use serde::{Deserialize, Serialize};

/// What sort of provider it is. It decides what a form begins with, and how one signs out there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderKind {
    /// Any provider that speaks OpenID Connect.
    #[default]
    Generic,
    /// An Amazon Cognito user pool. Its way to sign out is its own.
    Cognito,
}

impl ProviderKind {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Generic, Self::Cognito];

    /// The word that forms send.
    pub fn word(self) -> &'static str {
        match self {
            Self::Generic => "generic",
            Self::Cognito => "cognito",
        }
    }

    /// Reads [`ProviderKind::word`] back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The claim in which groups usually are.
    pub fn groups_claim(self) -> &'static str {
        match self {
            Self::Generic => "groups",
            Self::Cognito => "cognito:groups",
        }
    }
}

/// What becomes of people whom the provider knows and Aviary does not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Strangers {
    /// They stay out.
    #[default]
    Refuse,
    /// They come in if a rule gives them a role.
    Rules,
    /// They come in; with this role, where no rule gives another one.
    Role {
        /// The team's name; empty for the whole installation.
        team: String,
        /// The role.
        role: Role,
    },
}

impl Strangers {
    /// The word that forms send.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Rules => "rules",
            Self::Role { .. } => "role",
        }
    }
}

/// What an admin decided about a provider. The client's secret is not part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProviderSettings {
    /// What people read on the sign-in page.
    pub name: String,
    /// What sort of provider it is.
    pub kind: ProviderKind,
    /// The issuer, exactly as it stands in the provider's tokens.
    pub issuer: String,
    /// Where its configuration is read; empty for the usual place below the issuer.
    pub discovery_url: String,
    /// Aviary's identifier there.
    pub client_id: String,
    /// The scopes that are asked for; `openid` always is.
    pub scopes: Vec<String>,
    /// Cognito's domain of sign-in pages, such as `sign-in.example.com`; empty for none.
    pub domain: String,
    /// The claim that holds the mail address.
    pub email_claim: String,
    /// The claim that holds groups; rules begin with it.
    pub groups_claim: String,
    /// What becomes of strangers.
    pub strangers: Strangers,
    /// Whether an address counts that the provider does not call verified.
    pub trust_unverified: bool,
    /// Whether the provider's addresses are proven and belong to the organisation: then somebody who comes from there is
    /// the person who has that address here. Whoever runs the provider can thereby become anybody here.
    pub owns_addresses: bool,
    /// Whether people can come in this way.
    pub enabled: bool,
}

/// What was last seen of a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProviderStatus {
    /// What the last test found.
    pub checks: Vec<Check>,
    /// When it was tested.
    pub tested_at: Option<Moment>,
}

/// How a rule compares what a claim holds with its value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// The claim is this and nothing else.
    Equals,
    /// The claim is a list, and this is one of its entries.
    #[default]
    Contains,
    /// The claim, or one of its entries, begins so.
    Prefix,
}

impl Comparison {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Contains, Self::Equals, Self::Prefix];

    /// The word that forms send.
    pub fn word(self) -> &'static str {
        match self {
            Self::Equals => "equals",
            Self::Contains => "contains",
            Self::Prefix => "prefix",
        }
    }

    /// Reads [`Comparison::word`] back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|comparison| comparison.word() == word)
    }

    /// What people read between claim and value.
    pub fn text(self) -> &'static str {
        match self {
            Self::Equals => "equals",
            Self::Contains => "contains",
            Self::Prefix => "begins with",
        }
    }
}

/// A rule: who has this claim has this role there. Of the rules for one place, the first that fits decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimRule {
    /// Its identifier.
    pub id: String,
    /// The claim: its name, or the way to it with points in between (`realm_access.roles`).
    pub claim: String,
    /// How it is compared.
    pub comparison: Comparison,
    /// With what.
    pub value: String,
    /// The team's name; `None` for the whole installation.
    pub team: Option<String>,
    /// The role.
    pub role: Role,
}

/// A provider as admins see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderView {
    /// Its identifier.
    pub id: String,
    /// What an admin decided.
    pub settings: ProviderSettings,
    /// Whether a client's secret is kept for it.
    pub has_secret: bool,
    /// What was last seen of it.
    pub status: ProviderStatus,
    /// Its rules, in their order.
    pub rules: Vec<ClaimRule>,
    /// How many people have come from there.
    pub people: i64,
    /// When it was added.
    pub created_at: Moment,
    /// The address to which the provider sends people back; it has to be registered there.
    pub redirect_uri: String,
    /// The address to which it sends people who have signed out there.
    pub signed_out_uri: String,
    /// The address at which it says that somebody has signed out (Back-Channel Logout).
    pub back_channel_uri: String,
}

/// What somebody types into the form of a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderForm {
    /// See [`ProviderSettings::name`].
    pub name: String,
    /// `generic` or `cognito`.
    pub kind: String,
    /// See [`ProviderSettings::issuer`].
    pub issuer: String,
    /// See [`ProviderSettings::discovery_url`].
    pub discovery_url: String,
    /// See [`ProviderSettings::client_id`].
    pub client_id: String,
    /// The client's secret; empty to leave it as it is.
    pub secret: super::secret::Secret,
    /// Separated by spaces.
    pub scopes: String,
    /// See [`ProviderSettings::domain`].
    pub domain: String,
    /// See [`ProviderSettings::email_claim`].
    pub email_claim: String,
    /// See [`ProviderSettings::groups_claim`].
    pub groups_claim: String,
    /// `refuse`, `rules` or `role`.
    pub strangers: String,
    /// The team's name of `role`.
    pub team: String,
    /// The role of `role`.
    pub role: String,
    /// `on`, or empty.
    pub trust_unverified: String,
    /// `on`, or empty.
    pub owns_addresses: String,
    /// `on`, or empty.
    pub enabled: String,
}

/// What a rule does with a token that is tried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriedRule {
    /// The rule.
    pub rule: ClaimRule,
    /// Whether the claims fit it.
    pub fits: bool,
    /// Whether it decides: it fits, and none before it decided for the same place.
    pub decides: bool,
}

/// What a token that an admin pastes would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriedToken {
    /// What is true of its signature, in one sentence.
    pub signature: String,
    /// Whether the provider really signed it.
    pub verified: bool,
    /// What speaks against it besides, one sentence each: another issuer, its time is over.
    pub remarks: Vec<String>,
    /// Each claim: its name, and what it holds.
    pub claims: Vec<(String, String)>,
    /// Each rule, in their order.
    pub rules: Vec<TriedRule>,
    /// What the person would get, one line each.
    pub gets: Vec<String>,
    /// Whether the person would come in, and why or why not.
    pub door: String,
}
