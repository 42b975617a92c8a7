//! The doorway to AWS accounts and drills.

use crate::model::{
    account::{AccountForm, AccountView, SandboxView},
    drill::{LatestRun, Proof},
    fault::{Fault, FieldFault},
    ids::TokenId,
    viewer::Viewer,
};
use leptos::prelude::*;

/// What the console asks about AWS accounts, and about what proves that tokens are heard.
#[async_trait::async_trait]
pub trait AccountsPort: Send + Sync {
    /// Every account; admins.
    async fn accounts(&self, viewer: &Viewer) -> Result<Vec<AccountView>, Fault>;
    /// The built-in sandbox; admins.
    async fn sandbox(&self, viewer: &Viewer) -> Result<SandboxView, Fault>;
    /// One account; admins.
    async fn account(&self, viewer: &Viewer, id: &str) -> Result<AccountView, Fault>;
    /// Looks at a form without doing anything: the fault names each field that would be refused.
    async fn check_account_form(&self, viewer: &Viewer, form: &AccountForm) -> Result<(), Fault>;
    /// What the drills of a token prove, and what is missing.
    async fn proof(&self, viewer: &Viewer, token: &TokenId) -> Result<Proof, Fault>;
    /// How the latest drills of these tokens went, of those that the viewer may see.
    async fn latest_runs(&self, viewer: &Viewer, tokens: &[TokenId]) -> Result<Vec<LatestRun>, Fault>;
}

/// Every account.
#[server(prefix = "/call", endpoint = "accounts")]
pub async fn list_accounts() -> Result<Vec<AccountView>, Fault> {
    let (console, viewer) = super::enter()?;
    console.accounts(&viewer).await
}

/// The built-in sandbox.
#[server(prefix = "/call", endpoint = "sandbox")]
pub async fn get_sandbox() -> Result<SandboxView, Fault> {
    let (console, viewer) = super::enter()?;
    console.sandbox(&viewer).await
}

/// One account.
#[server(prefix = "/call", endpoint = "account")]
pub async fn get_account(id: String) -> Result<AccountView, Fault> {
    let (console, viewer) = super::enter()?;
    console.account(&viewer, &id).await
}

/// Looks at a form without doing anything, for the hints beside its fields. What is at fault is the answer and no
/// error: browsers write each failed request into their console.
#[server(prefix = "/call", endpoint = "check-account-form", input = server_fn::codec::Json)]
pub async fn check_account_form(form: AccountForm) -> Result<Vec<FieldFault>, Fault> {
    let (console, viewer) = super::enter()?;
    match console.check_account_form(&viewer, &form).await {
        Err(fault) if !fault.fields.is_empty() => Ok(fault.fields),
        Err(fault) => Err(fault),
        Ok(()) => Ok(Vec::new()),
    }
}

/// What the drills of a token prove, and what is missing.
#[server(prefix = "/call", endpoint = "proof")]
pub async fn get_proof(token: TokenId) -> Result<Proof, Fault> {
    let (console, viewer) = super::enter()?;
    console.proof(&viewer, &token).await
}

/// How the latest drills of these tokens went.
#[server(prefix = "/call", endpoint = "latest-runs", input = server_fn::codec::Json)]
pub async fn list_latest_runs(tokens: Vec<TokenId>) -> Result<Vec<LatestRun>, Fault> {
    let (console, viewer) = super::enter()?;
    console.latest_runs(&viewer, &tokens).await
}
