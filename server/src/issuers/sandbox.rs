//! The sandbox: a small AWS look-alike, so that a newcomer can watch a hit arrive without an AWS account.
//!
//! This file mints. The modules below answer real AWS clients: `front` is the way through them.

pub mod answer;
pub mod ask;
pub mod call;
pub mod front;
pub mod record;
pub mod refusal;
pub mod sigv4;

use super::aws::{AwsClients, Clients};
use super::{Issued, Issuer, IssuerError, KeyRef, Naming, NewKey, Whose, Wish};
use crate::{
    house::{Chance, ChanceExt as _, Clock},
    seal::Sealer,
    store::{
        Store, StoreError, Stored,
        people::settings,
        sandbox::{self as rows, UserRow},
    },
};
use app::model::{
    account::{Account, AccountSettings},
    key,
    secret::Secret,
};
use std::{net::SocketAddr, sync::Arc};

/// The account's name in forms and the API.
pub const ID: &str = "sandbox";

/// The region in which a drill uses a key.
const REGION: &str = "us-east-1";

/// Where the sandbox's account number is kept.
const SETTING: &str = "sandbox_account";

/// The letters of IAM's unique identifiers.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The letters of secret access keys.
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Mints in the sandbox.
pub struct Sandbox {
    store: Store,
    sealer: Sealer,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    clients: Arc<Clients>,
    endpoint: Option<String>,
    account: u64,
}

impl Sandbox {
    /// The sandbox of this installation; its account number is made at the first start. `listen` is the address of
    /// its listener; without one it makes nothing new, and can still end what it made.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn open(
        store: &Store,
        sealer: &Sealer,
        clock: &Arc<dyn Clock>,
        chance: &Arc<dyn Chance>,
        aws: &AwsClients,
        listen: Option<SocketAddr>,
    ) -> Stored<Self> {
        // Twelve digits, the first one not 0, so that nobody's spreadsheet shortens it.
        let fresh = 100_000_000_000 + chance.below(900_000_000_000);
        let mut tx = store.begin().await?;
        let kept = settings::set_once(&mut tx, SETTING, &fresh.to_string()).await?;
        tx.commit().await?;
        let account = kept.parse().unwrap_or(fresh);
        Ok(Self {
            store: store.clone(),
            sealer: sealer.clone(),
            clock: clock.clone(),
            chance: chance.clone(),
            clients: aws.to(&AccountSettings { region: REGION.into(), ..AccountSettings::default() }),
            endpoint: listen.map(endpoint_of),
            account,
        })
    }

    fn letters(&self, alphabet: &[u8], count: usize) -> String {
        // Both alphabets' lengths divide 256, so every letter is equally likely.
        let mut letters = vec![0_u8; count];
        self.chance.fill(&mut letters);
        letters
            .iter()
            .filter_map(|byte| alphabet.get(usize::from(*byte) % alphabet.len()))
            .map(|letter| char::from(*letter))
            .collect()
    }

    fn key_id(&self) -> String {
        key::key_id_for(self.account, u64::from_le_bytes(self.chance.bytes()))
    }
}

/// The address that clients on this machine use: a listener on all addresses is reached through loopback.
fn endpoint_of(listen: SocketAddr) -> String {
    let mut reached = listen;
    if listen.ip().is_unspecified() {
        reached.set_ip(if listen.is_ipv4() {
            std::net::Ipv4Addr::LOCALHOST.into()
        } else {
            std::net::Ipv6Addr::LOCALHOST.into()
        });
    }
    format!("http://{reached}")
}

/// The ARN of a user (AWS, "IAM identifiers"): the path stands in it.
pub fn user_arn(account_id: &str, path: &str, user_name: &str) -> String {
    format!("arn:aws:iam::{account_id}:user{path}{user_name}")
}

/// A database that does not answer is ours to mend, not the wish's fault.
impl From<StoreError> for IssuerError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the sandbox's store refused");
        Self::Unavailable("the sandbox's store does not answer".into())
    }
}

#[async_trait::async_trait]
impl Issuer for Sandbox {
    fn account(&self) -> Account {
        Account { id: ID.into(), name: "Sandbox".into(), endpoint: self.endpoint.clone() }
    }

    fn kind(&self) -> &'static str {
        ID
    }

    fn naming(&self) -> Naming {
        Naming { path: crate::tokens::names::PATH.into(), ..Naming::default() }
    }

    async fn mint(&self, wish: &Wish) -> Result<Issued, IssuerError> {
        let account_id = format!("{:012}", self.account);
        let access_key_id = self.key_id();
        // As in AWS, the account can be read off the user's unique id too: 17 letters, one more than in a key id.
        let unique_id = format!("AIDA{}{}", self.key_id().get(4..).unwrap_or_default(), self.letters(BASE32, 1));
        let secret = Secret::new(self.letters(BASE64, 40));
        let sealed = self
            .sealer
            .seal(&secret, &access_key_id, &*self.chance)
            .map_err(|fault| IssuerError::Unavailable(fault.message))?;
        let user = UserRow { user_name: wish.user_name.clone(), path: wish.path.clone(), unique_id };
        let now = self.clock.now().0;

        let mut tx = self.store.begin().await?;
        if !rows::insert_user(&mut tx, &user, now).await? {
            return Err(IssuerError::NameTaken(wish.user_name.clone()));
        }
        rows::insert_key(&mut tx, &access_key_id, &user.user_name, &sealed, now).await?;
        tx.commit().await?;

        Ok(Issued {
            arn: user_arn(&account_id, &user.path, &user.user_name),
            account_id,
            user_name: user.user_name,
            unique_id: user.unique_id,
            key: NewKey { access_key_id, secret },
        })
    }

    async fn add_key(&self, user_name: &str) -> Result<NewKey, IssuerError> {
        let key = NewKey { access_key_id: self.key_id(), secret: Secret::new(self.letters(BASE64, 40)) };
        let sealed = self
            .sealer
            .seal(&key.secret, &key.access_key_id, &*self.chance)
            .map_err(|fault| IssuerError::Unavailable(fault.message))?;
        let mut tx = self.store.begin().await?;
        rows::insert_key(&mut tx, &key.access_key_id, user_name, &sealed, self.clock.now().0).await?;
        tx.commit().await?;
        Ok(key)
    }

    async fn keys(&self, user_name: &str) -> Result<Vec<String>, IssuerError> {
        Ok(rows::keys_of(&mut *self.store.read().await?, user_name).await?)
    }

    async fn user_of(&self, access_key_id: &str) -> Result<Option<String>, IssuerError> {
        Ok(rows::user_of_key(&mut *self.store.read().await?, access_key_id).await?)
    }

    async fn delete_key(&self, key: &KeyRef) -> Result<(), IssuerError> {
        let mut tx = self.store.begin().await?;
        rows::delete_key(&mut tx, &key.user_name, &key.access_key_id).await?;
        Ok(tx.commit().await?)
    }

    async fn set_active(&self, key: &KeyRef, active: bool) -> Result<(), IssuerError> {
        let mut tx = self.store.begin().await?;
        let found = rows::set_active(&mut tx, &key.user_name, &key.access_key_id, active).await?;
        tx.commit().await?;
        if !found && active {
            return Err(IssuerError::Refused(format!("the sandbox has no key {}", key.access_key_id)));
        }
        Ok(())
    }

    async fn delete(&self, user_name: &str, _: &Whose) -> Result<bool, IssuerError> {
        let mut tx = self.store.begin().await?;
        rows::delete_user(&mut tx, user_name).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn drill(&self, key: &NewKey, region: &str, mark: &str) -> Result<String, IssuerError> {
        let endpoint =
            self.endpoint.clone().ok_or_else(|| IssuerError::Refused("the sandbox is switched off".into()))?;
        super::aws::call_at(&self.clients, &endpoint, key, region, mark).await
    }

    fn drill_regions(&self) -> Vec<String> {
        vec![REGION.into()]
    }

    fn heard_at_once(&self) -> bool {
        true
    }
}
