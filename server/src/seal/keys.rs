//! Where the sealing keys come from, and how they are exchanged.
//!
//! - `AVIARY_SEALING_KEY` lists them; whoever sets it keeps them.
//! - `AVIARY_SEALING_KMS_KEY` names a key of AWS KMS: it wraps our keys, which are kept in the settings so and unwrapped at
//!   the start. What else is there, in a list or in a file, opens what it sealed before.
//! - Otherwise they stand in `sealing.key` in the data folder, which is made at the first start.
//!
//! A new key opens first and seals later: so that every replica can open what the first one seals that uses it.

use super::{SealError, Sealer, SealingKey, file::KeyFile};
use crate::{
    config::Config,
    house::{Chance, Clock, House, Ids},
    issuers::aws::{AwsClients, Kms},
    store::{Store, people::settings},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The name in the settings under which wrapped keys stand.
const SETTING: &str = "sealing_kms";

/// What the keys are read with, before there is a house.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// Says where they are.
    pub config: &'a Config,
    /// Has those that KMS wraps.
    pub store: &'a Store,
    /// The way to KMS.
    pub aws: &'a AwsClients,
    /// For the installation's name.
    pub clock: &'a dyn Clock,
    /// For new keys.
    pub chance: &'a dyn Chance,
}

impl<'a> Ground<'a> {
    /// That of a house.
    pub fn of(house: &'a House) -> Self {
        Self {
            config: &house.config,
            store: &house.store,
            aws: &house.aws,
            clock: &*house.clock,
            chance: &*house.chance,
        }
    }

    fn file(&self) -> PathBuf {
        self.config.data_dir.join("sealing.key")
    }

    fn kms(&self, key: &str, installation: &str) -> Kms {
        Kms::new(self.aws, key, installation)
    }

    /// The installation's name. KMS unwraps a key for the installation alone for which it was made.
    async fn installation(&self) -> Result<String, SealError> {
        if let Some(name) = settings::get(&mut *self.store.read().await?, "installation").await? {
            return Ok(name);
        }
        let mut tx = self.store.begin().await?;
        let fresh = Ids::default().next(self.clock.now(), self.chance);
        let name = settings::set_once(&mut tx, "installation", &fresh).await?;
        tx.commit().await?;
        Ok(name)
    }
}

/// A key as KMS wrapped it.
#[derive(Clone, Serialize, Deserialize)]
struct Wrapped {
    /// The ARN of KMS's key.
    kms_key: String,
    /// What KMS unwraps, in base64.
    blob: String,
    /// Whether it seals later.
    #[serde(default)]
    next: bool,
}

/// The keys there are.
pub struct Keys {
    whence: Whence,
    /// The first one seals.
    used: Vec<SealingKey>,
    /// Those that will seal.
    next: Vec<SealingKey>,
    /// Those that only open, from places where keys were before.
    elsewhere: Vec<SealingKey>,
}

enum Whence {
    Listed,
    File(PathBuf),
    Kms { wrapped: Vec<Wrapped>, key: String, installation: String },
}

/// Reads the keys; makes the first one where there is none yet.
///
/// # Errors
/// Where they cannot be read, made, or unwrapped.
pub async fn read(ground: Ground<'_>) -> Result<Keys, SealError> {
    let listed = match &ground.config.sealing_key {
        Some(list) => SealingKey::list(list.expose_secret(), "AVIARY_SEALING_KEY")?,
        None => Vec::new(),
    };
    if let Some(key) = &ground.config.sealing_kms_key {
        let mut elsewhere = listed;
        if let Some(file) = KeyFile::read(&ground.file())? {
            elsewhere.extend(file.used.into_iter().chain(file.next));
        }
        return from_kms(ground, key, elsewhere).await;
    }
    if ground.config.sealing_key.is_some() {
        return match listed.is_empty() {
            true => Err(SealError::NoKey("AVIARY_SEALING_KEY".into())),
            false => Ok(Keys { whence: Whence::Listed, used: listed, next: Vec::new(), elsewhere: Vec::new() }),
        };
    }
    let path = ground.file();
    let file = match KeyFile::read(&path)? {
        Some(file) => file,
        None => KeyFile::make(&path, SealingKey::make(ground.chance))?,
    };
    Ok(Keys { whence: Whence::File(path), used: file.used, next: file.next, elsewhere: Vec::new() })
}

async fn from_kms(ground: Ground<'_>, key: &str, elsewhere: Vec<SealingKey>) -> Result<Keys, SealError> {
    let installation = ground.installation().await?;
    let kept = settings::get(&mut *ground.store.read().await?, SETTING).await?;
    let text = match kept {
        Some(text) => text,
        None => {
            let first = wrap_new(ground, key, &installation, false).await?;
            // Replicas may start for the first time together: one of them wins, and all unwrap its key.
            let mut tx = ground.store.begin().await?;
            let text = settings::set_once(&mut tx, SETTING, &as_text(&[first])).await?;
            tx.commit().await?;
            text
        }
    };
    let wrapped: Vec<Wrapped> = serde_json::from_str(&text)
        .map_err(|error| SealError::Kms(format!("the wrapped keys in the settings cannot be read: {error}")))?;
    let (mut used, mut next) = (Vec::new(), Vec::new());
    for one in &wrapped {
        let opened = opened(ground, one, &installation).await?;
        if one.next { next.push(opened) } else { used.push(opened) }
    }
    if used.is_empty() {
        return Err(SealError::NoKey("AVIARY_SEALING_KMS_KEY".into()));
    }
    let whence = Whence::Kms { wrapped, key: key.to_owned(), installation };
    Ok(Keys { whence, used, next, elsewhere })
}

fn as_text(wrapped: &[Wrapped]) -> String {
    // A list of texts and truth values has no way to fail.
    serde_json::to_string(wrapped).unwrap_or_default()
}

async fn wrap_new(ground: Ground<'_>, key: &str, installation: &str, next: bool) -> Result<Wrapped, SealError> {
    let blob = ground.kms(key, installation).new_data_key().await.map_err(SealError::Kms)?;
    Ok(Wrapped { kms_key: key.to_owned(), blob: STANDARD.encode(blob), next })
}

async fn opened(ground: Ground<'_>, wrapped: &Wrapped, installation: &str) -> Result<SealingKey, SealError> {
    let blob = STANDARD.decode(&wrapped.blob);
    let blob = blob.map_err(|_| SealError::Kms("a wrapped key in the settings is no base64".into()))?;
    let key = ground.kms(&wrapped.kms_key, installation).decrypt(blob).await.map_err(SealError::Kms)?;
    SealingKey::from_bytes(&key, "AVIARY_SEALING_KMS_KEY")
}

impl Keys {
    /// Seals with the first key, and opens with all of them.
    ///
    /// # Errors
    /// Where there is none.
    pub fn sealer(&self) -> Result<Sealer, SealError> {
        let Some((current, former)) = self.used.split_first() else {
            return Err(SealError::NoKey("the sealing keys".into()));
        };
        let rest: Vec<SealingKey> = former.iter().chain(&self.next).chain(&self.elsewhere).cloned().collect();
        Ok(Sealer::new(current, &rest))
    }

    /// Makes a key that opens from the next start on, and seals after [`Keys::promote`]; its name.
    ///
    /// # Errors
    /// Where one waits already, or where whoever lists the keys has to do it.
    pub async fn add(&mut self, ground: Ground<'_>) -> Result<String, SealError> {
        if let Some(waiting) = self.next.first() {
            let name = waiting.name();
            return Err(SealError::Refused(format!("the key {name} waits already: run `aviary rekey`")));
        }
        let made = match &mut self.whence {
            Whence::Listed => {
                let how = "AVIARY_SEALING_KEY lists the keys: put 64 new hexadecimal digits at its end, restart each \
                           Aviary, then put them first, and restart again";
                return Err(SealError::Refused(how.into()));
            }
            Whence::File(_) => SealingKey::make(ground.chance),
            Whence::Kms { wrapped, key, installation } => {
                let made = wrap_new(ground, key, installation, true).await?;
                let opened = opened(ground, &made, installation).await?;
                wrapped.push(made);
                opened
            }
        };
        let name = made.name();
        self.next.push(made);
        self.keep(ground).await?;
        Ok(name)
    }

    /// The name of the key that [`Keys::promote`] lets seal, if one waits.
    pub fn waiting(&self) -> Option<String> {
        self.next.last().map(SealingKey::name)
    }

    /// Lets the waiting key seal; its name, if there was one.
    ///
    /// # Errors
    /// Where it cannot be kept.
    pub async fn promote(&mut self, ground: Ground<'_>) -> Result<Option<String>, SealError> {
        let Some(newest) = self.next.pop() else { return Ok(None) };
        let name = newest.name();
        self.used.insert(0, newest);
        if let Whence::Kms { wrapped, .. } = &mut self.whence
            && let Some(at) = wrapped.iter().rposition(|one| one.next)
        {
            let one = wrapped.remove(at);
            wrapped.insert(0, Wrapped { next: false, ..one });
        }
        self.keep(ground).await?;
        Ok(Some(name))
    }

    /// Takes away all keys but the one that seals; how many. The caller has made sure that nothing needs them.
    ///
    /// # Errors
    /// Where one waits to be used, or where whoever lists the keys has to do it.
    pub async fn forget(&mut self, ground: Ground<'_>) -> Result<usize, SealError> {
        if !self.next.is_empty() {
            return Err(SealError::Refused("a new key waits to be used: run `aviary rekey` first".into()));
        }
        let former = self.used.len().saturating_sub(1);
        match &mut self.whence {
            Whence::Listed if former > 0 => {
                let how = "AVIARY_SEALING_KEY lists the keys: leave its first one there alone, and restart each Aviary";
                return Err(SealError::Refused(how.into()));
            }
            Whence::Kms { wrapped, .. } => wrapped.truncate(1),
            _ => {}
        }
        self.used.truncate(1);
        if former > 0 {
            self.keep(ground).await?;
        }
        Ok(former)
    }

    /// Whether keys are still read from a place where they were before KMS wrapped them.
    pub fn has_elsewhere(&self) -> bool {
        !self.elsewhere.is_empty()
    }

    async fn keep(&self, ground: Ground<'_>) -> Result<(), SealError> {
        match &self.whence {
            Whence::Listed => Ok(()),
            Whence::File(path) => KeyFile { used: self.used.clone(), next: self.next.clone() }.write(path),
            Whence::Kms { wrapped, .. } => {
                let mut tx = ground.store.begin().await?;
                settings::set(&mut tx, SETTING, &as_text(wrapped)).await?;
                Ok(tx.commit().await?)
            }
        }
    }
}
