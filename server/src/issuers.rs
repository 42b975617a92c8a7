//! Those who mint: each account has an issuer that makes IAM users with an access key, and takes them away again.

pub mod aws;
pub mod sandbox;

use app::model::{account::Account, ids::TokenId, secret::Secret};
use aws::AwsIssuer;
use std::sync::{Arc, PoisonError, RwLock};

/// What shall be made.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The token that it is for: an issuer in AWS marks the user with it, to know it again after a crash.
    pub token_id: TokenId,
    /// The IAM user's name.
    pub user_name: String,
    /// The IAM path, with a slash at both ends.
    pub path: String,
}

/// What was made: one IAM user with its policy, and its access key.
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
    /// The key.
    pub key: NewKey,
}

/// A key that was just made.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// Its id, `AKIA…`.
    pub access_key_id: String,
    /// Its secret.
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

/// By what an issuer knows that a user is the one that it made, and no other of the same name.
#[derive(Clone, Debug)]
pub enum Whose {
    /// It was being made for this token, and its unique id is not known yet.
    Minting(TokenId),
    /// Its unique id, `AIDA…`.
    Unique(String),
}

/// How the users of an account are named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Naming {
    /// The IAM path, with a slash at both ends.
    pub path: String,
    /// One template per line; empty for Aviary's own choice.
    pub templates: String,
    /// The words that templates choose from; empty for Aviary's own.
    pub words: Vec<String>,
    /// How many living tokens the account may hold; 0 for no limit of ours.
    pub cap: i64,
}

/// Why an issuer could not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
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

    /// The word that its tokens carry: `sandbox` or `aws`.
    fn kind(&self) -> &'static str;

    /// How its users are named.
    fn naming(&self) -> Naming;

    /// Makes a user with its policy, and a key for it. What fails half-way is left for [`Issuer::delete`].
    async fn mint(&self, wish: &Wish) -> Result<Issued, IssuerError>;

    /// Makes another key for a user. IAM allows two.
    async fn add_key(&self, user_name: &str) -> Result<NewKey, IssuerError>;

    /// The ids of a user's keys; none where there is no such user.
    async fn keys(&self, user_name: &str) -> Result<Vec<String>, IssuerError>;

    /// The name of the user whose key this is; `None` where the account has no such key.
    async fn user_of(&self, access_key_id: &str) -> Result<Option<String>, IssuerError>;

    /// Deletes one key. What is gone already is no error.
    async fn delete_key(&self, key: &KeyRef) -> Result<(), IssuerError>;

    /// Switches a key on or off. A key that is gone is no error when it is switched off.
    async fn set_active(&self, key: &KeyRef, active: bool) -> Result<(), IssuerError>;

    /// Deletes the user with its policies and all its keys: `true`. `false` where there is no such user, or one of
    /// that name which is somebody else's; that one is left alone.
    async fn delete(&self, user_name: &str, whose: &Whose) -> Result<bool, IssuerError>;

    /// Uses a key as its thief would: `sts:GetCallerIdentity` in a region, with a mark in the user agent. Returns AWS's
    /// name for the request, which its record carries too.
    async fn drill(&self, key: &NewKey, region: &str, mark: &str) -> Result<String, IssuerError>;

    /// The regions in which a drill uses a key.
    fn drill_regions(&self) -> Vec<String>;

    /// Whether a key of this issuer is heard from the moment it is made, because its calls come straight to
    /// Aviary's intake. Then no drill has to prove it.
    fn heard_at_once(&self) -> bool;
}

/// All issuers, by account: the sandbox, which stays, and AWS accounts, which come and go while Aviary runs.
#[derive(Default)]
pub struct Issuers {
    sandbox: Option<Arc<dyn Issuer>>,
    sandbox_offered: bool,
    aws: RwLock<Arc<Vec<Arc<AwsIssuer>>>>,
    /// Held while the accounts are read and exchanged, so that an older list never takes the place of a newer one.
    pub(crate) loading: tokio::sync::Mutex<()>,
}

impl Issuers {
    /// These. A sandbox that is not offered can still disable and delete what it made.
    pub fn new(sandbox: Option<Arc<dyn Issuer>>, sandbox_offered: bool) -> Self {
        Self { sandbox, sandbox_offered, aws: RwLock::default(), loading: tokio::sync::Mutex::default() }
    }

    /// The AWS accounts.
    pub fn aws(&self) -> Arc<Vec<Arc<AwsIssuer>>> {
        Arc::clone(&self.aws.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The AWS account of these twelve digits.
    pub fn aws_of(&self, account: &str) -> Option<Arc<AwsIssuer>> {
        self.aws().iter().find(|issuer| issuer.id() == account).cloned()
    }

    /// Exchanges the AWS accounts.
    pub fn set_aws(&self, issuers: Vec<Arc<AwsIssuer>>) {
        *self.aws.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(issuers);
    }

    /// The accounts in which tokens can be minted; the sandbox last, so that it is not chosen by mistake.
    pub fn accounts(&self) -> Vec<Account> {
        let sandbox = self.sandbox.iter().filter(|_| self.sandbox_offered).map(|issuer| issuer.account());
        self.aws().iter().map(|issuer| issuer.account()).chain(sandbox).collect()
    }

    /// The issuer of this account.
    pub fn of(&self, account: &str) -> Option<Arc<dyn Issuer>> {
        let sandbox = self.sandbox.iter().find(|issuer| issuer.account().id == account);
        sandbox.cloned().or_else(|| self.aws_of(account).map(|issuer| issuer as Arc<dyn Issuer>))
    }
}
