//! Keys of which IAM refuses to say when they were last used, for the health page.

use app::model::health::{Check, Light};
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// How many keys are named; the others are counted.
const NAMED: usize = 5;

/// By account and key, why. A process that begins anew learns it with its first round.
#[derive(Debug, Default)]
pub struct Refused(Mutex<BTreeMap<String, BTreeMap<String, String>>>);

impl Refused {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, BTreeMap<String, String>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// IAM refused to speak about this key.
    pub(super) fn note(&self, account: &str, key: &str, why: &str) {
        let known = self.lock().entry(account.to_owned()).or_default().insert(key.to_owned(), why.to_owned());
        if known.is_none() {
            tracing::warn!(account, key, why, "the last use of a key cannot be asked for; the other keys go on");
        }
    }

    /// IAM speaks about this key.
    pub(super) fn answered(&self, account: &str, key: &str) {
        if let Some(keys) = self.lock().get_mut(account) {
            keys.remove(key);
        }
    }

    /// One line for each account that has such keys.
    pub fn checks(&self) -> Vec<Check> {
        let check = |(account, keys): (&String, &BTreeMap<String, String>)| {
            let why = keys.values().next()?;
            let mut named: Vec<_> = keys.keys().take(NAMED).cloned().collect();
            if keys.len() > NAMED {
                named.push(format!("{} more", keys.len() - NAMED));
            }
            Some(Check {
                name: format!("Last use of keys of {account}"),
                light: Light::Look,
                says: format!(
                    "IAM does not say when these were last used, so their use by a call that no trail logs stays \
                     unknown: {}. {why}.",
                    named.join(", ")
                ),
            })
        };
        self.lock().iter().filter_map(check).collect()
    }
}
