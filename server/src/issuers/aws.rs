//! Mints in an AWS account.
//!
//! CreateUser (path, tags) → PutUserPolicy → CreateAccessKey. All changes of one account go one after the other: IAM's rates
//! are low, not published and cannot be raised (peers who mint in parallel are throttled for minutes).

mod client;
mod drill;
mod errors;
mod keys;
mod kms;
mod mint;
pub mod policy;
pub mod publish;
mod ses;

pub use client::{AwsClients, Clients, authority};
pub(super) use drill::call_at;
pub use errors::{code_of, words};
pub use kms::Kms;
pub use ses::Ses;

use super::{Issued, Issuer, IssuerError, KeyRef, Naming, NewKey, Whose, Wish};
use app::model::account::{Account, AccountSettings};
use std::sync::Arc;
use tokio::sync::Mutex;

/// The tag that says for which token a user was made. It says nothing to whoever could read it.
pub const REF_TAG: &str = "ref";

/// One AWS account.
pub struct AwsIssuer {
    id: String,
    settings: AccountSettings,
    clients: Arc<Clients>,
    /// One change at a time; those who wait are served in the order in which they came.
    queue: Mutex<()>,
}

impl AwsIssuer {
    /// The account of these twelve digits.
    pub fn new(id: &str, settings: AccountSettings, clients: Arc<Clients>) -> Self {
        Self { id: id.to_owned(), settings, clients, queue: Mutex::default() }
    }

    /// Twelve digits.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What an admin decided.
    pub fn settings(&self) -> &AccountSettings {
        &self.settings
    }

    /// The way to its services.
    pub fn clients(&self) -> &Arc<Clients> {
        &self.clients
    }

    /// Whether a record's caller is Aviary itself: the role that it assumes there.
    pub fn is_own_call(&self, caller_arns: &[&str]) -> bool {
        let role = self.settings.role_arn.as_str();
        let known = self.clients.caller_arn();
        let known = known.as_deref().map(without_session);
        caller_arns.iter().any(|arn| (!role.is_empty() && *arn == role) || known == Some(without_session(arn)))
    }
}

/// The ARN of an assumed role without the name of the session, which is another one on each machine and after each start.
fn without_session(arn: &str) -> &str {
    match arn.rsplit_once('/') {
        Some((role, _)) if arn.contains(":assumed-role/") => role,
        _ => arn,
    }
}

#[async_trait::async_trait]
impl Issuer for AwsIssuer {
    fn account(&self) -> Account {
        Account { id: self.id.clone(), name: self.settings.name.clone(), endpoint: None }
    }

    fn kind(&self) -> &'static str {
        "aws"
    }

    fn naming(&self) -> Naming {
        Naming {
            path: self.settings.path.clone(),
            templates: self.settings.name_template.clone(),
            words: self.settings.words.clone(),
            cap: self.settings.cap,
        }
    }

    async fn mint(&self, wish: &Wish) -> Result<Issued, IssuerError> {
        let _turn = self.queue.lock().await;
        mint::mint(self, wish).await
    }

    async fn add_key(&self, user_name: &str) -> Result<NewKey, IssuerError> {
        let _turn = self.queue.lock().await;
        keys::create(self, user_name).await
    }

    async fn keys(&self, user_name: &str) -> Result<Vec<String>, IssuerError> {
        keys::list(self, user_name).await
    }

    async fn user_of(&self, access_key_id: &str) -> Result<Option<String>, IssuerError> {
        keys::user_of(self, access_key_id).await
    }

    async fn delete_key(&self, key: &KeyRef) -> Result<(), IssuerError> {
        let _turn = self.queue.lock().await;
        keys::delete(self, key).await
    }

    async fn set_active(&self, key: &KeyRef, active: bool) -> Result<(), IssuerError> {
        let _turn = self.queue.lock().await;
        keys::set_active(self, key, active).await
    }

    async fn delete(&self, user_name: &str, whose: &Whose) -> Result<bool, IssuerError> {
        let _turn = self.queue.lock().await;
        mint::delete(self, user_name, whose).await
    }

    async fn drill(&self, key: &NewKey, region: &str, mark: &str) -> Result<String, IssuerError> {
        drill::call(self, key, region, mark).await
    }

    fn drill_regions(&self) -> Vec<String> {
        if self.settings.regions.is_empty() {
            vec![self.settings.region.clone()]
        } else {
            self.settings.regions.clone()
        }
    }

    fn heard_at_once(&self) -> bool {
        false
    }
}
