//! The tokens room's doorway.

use crate::model::viewer::Viewer;
use crate::model::{
    account::Account,
    alert::Destination,
    fault::{Fault, FieldFault},
    ids::TokenId,
    list::Page,
    person::Choice,
    token::{FormerKey, Token, TokenCounts, TokenForm, TokenQuery},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// A token, and what the viewer may do with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TokenView {
    /// The token.
    pub token: Token,
    /// Whether the viewer may edit, disable and revoke it.
    pub may_manage: bool,
    /// Whether the viewer may see its secret again.
    pub may_reveal: bool,
    /// Why it cannot be revoked here, if so (an adopted key of an account that is not ours).
    pub revoke_refused: Option<String>,
    /// Where its key works, if that is not AWS itself: the sandbox's address.
    pub endpoint: Option<String>,
    /// The keys that it had before it was rotated, the latest first.
    pub former_keys: Vec<FormerKey>,
}

/// What the form for a new token offers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MintChoices {
    /// Accounts to mint in.
    pub accounts: Vec<Account>,
    /// Teams that the viewer may mint for; the value is the team's name.
    pub teams: Vec<Choice>,
    /// Destinations that the viewer may subscribe.
    pub destinations: Vec<Destination>,
    /// The viewer's own name, as the first suggestion for the owner.
    pub owner: String,
    /// A random value for this form alone: posted twice, it mints once.
    pub once: String,
}

/// What the tokens room does for the console.
#[async_trait::async_trait]
pub trait TokensPort: Send + Sync {
    /// Tokens that the viewer may see.
    async fn tokens(&self, viewer: &Viewer, query: TokenQuery) -> Result<Page<Token>, Fault>;
    /// How many fit a search, by state.
    async fn token_counts(&self, viewer: &Viewer, query: TokenQuery) -> Result<TokenCounts, Fault>;
    /// One token.
    async fn token(&self, viewer: &Viewer, id: &TokenId) -> Result<TokenView, Fault>;
    /// What the form for a new token offers.
    async fn mint_choices(&self, viewer: &Viewer) -> Result<MintChoices, Fault>;
    /// Looks at a form without doing anything: the fault names each field that would be refused.
    async fn check_form(&self, viewer: &Viewer, form: &TokenForm, adopt: bool) -> Result<(), Fault>;
}

/// Tokens that the viewer may see.
#[server(prefix = "/call", endpoint = "tokens", input = server_fn::codec::Json)]
pub async fn list_tokens(query: TokenQuery) -> Result<Page<Token>, Fault> {
    let (console, viewer) = super::enter()?;
    console.tokens(&viewer, query).await
}

/// How many tokens fit a search, by state; the search's own state does not count.
#[server(prefix = "/call", endpoint = "token-counts", input = server_fn::codec::Json)]
pub async fn count_tokens(query: TokenQuery) -> Result<TokenCounts, Fault> {
    let (console, viewer) = super::enter()?;
    console.token_counts(&viewer, query).await
}

/// One token.
#[server(prefix = "/call", endpoint = "token")]
pub async fn get_token(id: TokenId) -> Result<TokenView, Fault> {
    let (console, viewer) = super::enter()?;
    console.token(&viewer, &id).await
}

/// What the form for a new token offers.
#[server(prefix = "/call", endpoint = "mint-choices")]
pub async fn get_mint_choices() -> Result<MintChoices, Fault> {
    let (console, viewer) = super::enter()?;
    console.mint_choices(&viewer).await
}

/// Looks at a form without doing anything, for the hints beside its fields. What is at fault is the answer and no
/// error: browsers write each failed request into their console.
#[server(prefix = "/call", endpoint = "check-token-form", input = server_fn::codec::Json)]
pub async fn check_token_form(form: TokenForm, adopt: bool) -> Result<Vec<FieldFault>, Fault> {
    let (console, viewer) = super::enter()?;
    match console.check_form(&viewer, &form, adopt).await {
        Err(fault) if !fault.fields.is_empty() => Ok(fault.fields),
        Err(fault) => Err(fault),
        Ok(()) => Ok(Vec::new()),
    }
}
