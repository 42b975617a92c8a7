//! Those who mint: each account has an issuer that makes IAM users with an access key, and takes them away again.

pub mod sandbox;

use app::model::{account::Account, secret::Secret};
use std::sync::Arc;

/// What shall be made.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The IAM user's name.
    pub user_name: String,
    /// The IAM path, with a slash at both ends.
    pub path: String,
}

/// What was made: one IAM user with a policy that denies everything, and its access key.
#[derive(Clone, Debug)]
pub struct Issued {
    /// Twelve digits.
    pub account_id: String,
    /// The user's name.
    pub user_name: String,
    /// The user's ARN.
    pub arn: String,
    /// The user's unique id, `AIDA…`.
    pub unique_id: String,
    /// The key's id, `AKIA…`.
    pub access_key_id: String,
    /// The key's secret.
    pub secret: Secret,
}

/// A user and key that an issuer made.
#[derive(Clone, Debug)]
pub struct KeyRef {
    /// The user's name.
    pub user_name: String,
    /// The key's id.
    pub access_key_id: String,
}

/// Why an issuer could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    /// There is a user of this name already: choose another one.
    #[error("the name {0} is taken")]
    NameTaken(String),
    /// It refused, for good.
    #[error("{0}")]
    Refused(String),
    /// It could not be asked, or asked for patience: try again later.
    #[error("{0}")]
    Unavailable(String),
}

/// Makes and unmakes keys in one account.
#[async_trait::async_trait]
pub trait Issuer: Send + Sync {
    /// The account.
    fn account(&self) -> Account;

    /// Makes a user with a policy that denies everything, and a key for it. What fails half-way is undone.
    async fn mint(&self, wish: &Wish) -> Result<Issued, IssuerError>;

    /// Switches a key on or off. A key that is gone is no error when it is switched off.
    async fn set_active(&self, key: &KeyRef, active: bool) -> Result<(), IssuerError>;

    /// Deletes the user with its policy and all its keys. What is gone already is no error.
    async fn delete(&self, user_name: &str) -> Result<(), IssuerError>;

    /// Whether a key of this issuer is heard from the moment it is made, because its calls come straight to
    /// Aviary's intake. Then no drill has to prove it.
    fn heard_at_once(&self) -> bool;
}

/// All issuers, by account.
#[derive(Clone, Default)]
pub struct Issuers(Vec<Arc<dyn Issuer>>);

impl Issuers {
    /// These.
    pub fn new(issuers: Vec<Arc<dyn Issuer>>) -> Self {
        Self(issuers)
    }

    /// The accounts in which tokens can be minted.
    pub fn accounts(&self) -> Vec<Account> {
        self.0.iter().map(|issuer| issuer.account()).collect()
    }

    /// The issuer of this account.
    pub fn of(&self, account: &str) -> Option<Arc<dyn Issuer>> {
        self.0.iter().find(|issuer| issuer.account().id == account).cloned()
    }
}
