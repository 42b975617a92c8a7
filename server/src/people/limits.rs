//! How often somebody may try: at each door, per account, per address, and per account from one address.
//!
//! Tries are counted before their outcome is known, so that those who guess at the same time do not get one guess more
//! each. After some free ones, each further one has to wait twice as long as the one before. A try that is refused here
//! does not count, so that whoever hammers waits no longer than whoever waits.
//!
//! Per address, and per account from one address, the waits are long. Per account they are short at the doors that anybody
//! can knock at, because there a stranger could keep an account's owner out. And a browser that its owner has signed in
//! with before ([`super::known`]) passes those by.
//!
//! All of it is in memory: a restart forgives, replicas count for themselves, and no row is written for a guess. Of each
//! sort only so many entries are kept; of more, those that were tried longest ago are forgotten first.

use crate::{house::House, net::guard::subscriber};
use app::model::{
    fault::Fault,
    moment::{DAY, HOUR, MINUTE, Moment, SECOND},
    viewer::{Actor, Origin, Viewer},
};
use sha2::{Digest as _, Sha256};
use std::{
    collections::{BTreeSet, HashMap},
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Where somebody tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Signing in with a password, and whatever else asks for it. The subject is the mail address.
    SignIn,
    /// Asking for a link that chooses a new password, and following one. The subject is the mail address, or empty.
    Reset,
    /// Confirming a destination. The subject is its identifier, or empty.
    Confirm,
    /// Showing a secret again; each use counts. The subject is who asks.
    Reveal,
    /// The second factor. The subject is the person's identifier: whoever comes here knows the password.
    Second,
    /// A passkey. The subject is the person's or the passkey's identifier, or empty.
    Passkey,
    /// Setting out for a provider. There is no subject: nobody knows yet who it is.
    Provider,
}

/// How waits grow; times in milliseconds.
#[derive(Clone, Copy, Debug)]
struct Rule {
    /// How many tries are free.
    free: u32,
    /// How long the first wait is; each further one is twice as long.
    first: i64,
    /// The longest wait.
    most: i64,
    /// After this time without a try, all is forgotten.
    forget: i64,
}

const fn rule(free: u32, first: i64, most: i64, forget: i64) -> Option<Rule> {
    Some(Rule { free, first, most, forget })
}

impl Rule {
    /// How long to wait after so many tries.
    fn wait(self, tries: u32) -> i64 {
        match tries.checked_sub(self.free) {
            None => 0,
            Some(further) => self.first.saturating_mul(1 << further.min(30)).min(self.most),
        }
    }
}

/// The rules of a door.
struct Rules {
    /// Per account from one address.
    pair: Option<Rule>,
    /// Per account.
    account: Option<Rule>,
    /// Per address.
    address: Option<Rule>,
}

impl Door {
    fn rules(self) -> Rules {
        match self {
            Self::SignIn => Rules {
                pair: rule(5, 30 * SECOND, HOUR, DAY),
                account: rule(20, SECOND, 30 * SECOND, HOUR),
                address: rule(50, 10 * SECOND, 15 * MINUTE, HOUR),
            },
            // Each of these sends a mail to somebody who may not have asked for it.
            Self::Reset => Rules {
                pair: rule(3, MINUTE, HOUR, DAY),
                account: rule(5, 10 * MINUTE, HOUR, DAY),
                address: rule(20, 30 * SECOND, 15 * MINUTE, HOUR),
            },
            // A code wears out by itself after ten wrong ones.
            Self::Confirm => Rules {
                pair: rule(12, 10 * SECOND, 10 * MINUTE, HOUR),
                account: rule(12, 10 * SECOND, 10 * MINUTE, HOUR),
                address: rule(30, 10 * SECOND, 15 * MINUTE, HOUR),
            },
            // Whoever has taken over a browser or a key shall not carry everything away within a minute.
            Self::Reveal => Rules { pair: None, account: rule(30, 5 * SECOND, 5 * MINUTE, HOUR), address: None },
            Self::Second => Rules {
                pair: rule(5, 30 * SECOND, HOUR, DAY),
                account: rule(10, 30 * SECOND, HOUR, DAY),
                address: rule(50, 10 * SECOND, 15 * MINUTE, HOUR),
            },
            Self::Passkey => Rules {
                pair: rule(10, 5 * SECOND, 10 * MINUTE, HOUR),
                account: rule(20, SECOND, 30 * SECOND, HOUR),
                address: rule(50, 10 * SECOND, 15 * MINUTE, HOUR),
            },
            // Each leaves a row for ten minutes. Many people can share an address.
            Self::Provider => Rules { pair: None, account: None, address: rule(200, SECOND, SECOND, 10 * MINUTE) },
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Reset => "reset",
            Self::Confirm => "confirm",
            Self::Reveal => "reveal",
            Self::Second => "second",
            Self::Passkey => "passkey",
            Self::Provider => "provider",
        }
    }
}

/// Takes one try of this subject at this door, from wherever the request came.
///
/// # Errors
/// `TooMany`, with the time after which the next one is taken.
pub fn try_again(house: &House, door: Door, subject: &str, origin: &Origin) -> Result<(), Fault> {
    house.limits.take(&Keys::of(door, subject, origin), door, house.now(), false).map_err(Fault::wait)
}

/// As [`try_again`], for a browser that this subject has signed in with before: strangers who try for the same account do
/// not keep it waiting.
///
/// # Errors
/// As [`try_again`].
pub fn try_again_known(house: &House, door: Door, subject: &str, origin: &Origin) -> Result<(), Fault> {
    house.limits.take(&Keys::of(door, subject, origin), door, house.now(), true).map_err(Fault::wait)
}

/// A try that was taken has failed, so it counts for its address too.
pub fn failed(house: &House, door: Door, subject: &str, origin: &Origin) {
    house.limits.failed(&Keys::of(door, subject, origin), door, house.now());
}

/// The try of this subject from here was right: what counted for its account, and for it from here, is forgotten.
pub fn passed(house: &House, door: Door, subject: &str, origin: &Origin) {
    house.limits.passed(&Keys::of(door, subject, origin));
}

/// Takes one look of a viewer at a secret. Aviary itself may look as often as it likes.
///
/// # Errors
/// `TooMany`, with the time after which the next one is taken.
pub fn look(house: &House, viewer: &Viewer) -> Result<(), Fault> {
    match &viewer.actor {
        Actor::Person(id) => try_again(house, Door::Reveal, id.as_str(), &viewer.origin),
        Actor::ApiKey(id) => try_again(house, Door::Reveal, id.as_str(), &viewer.origin),
        Actor::System(_) => Ok(()),
    }
}

/// The name of an entry: a hash, so that names of any length take the same room and none is kept.
type Key = [u8; 16];

fn key(parts: &[&str]) -> Key {
    let mut hasher = Sha256::new();
    for part in parts {
        // With their lengths, so that no two lists of parts read alike.
        hasher.update(part.len().to_be_bytes());
        hasher.update(part.as_bytes());
    }
    let mut key = Key::default();
    key.iter_mut().zip(hasher.finalize()).for_each(|(to, from)| *to = from);
    key
}

fn account_key(door: Door, subject: &str) -> Key {
    key(&[door.word(), "account", subject])
}

/// The entries that a try belongs to. Without a subject, there is only the address.
struct Keys {
    pair: Option<Key>,
    account: Option<Key>,
    address: Key,
}

impl Keys {
    fn of(door: Door, subject: &str, origin: &Origin) -> Self {
        let network = network(origin.address.as_deref().unwrap_or_default());
        let named = !subject.is_empty();
        Self {
            pair: named.then(|| key(&[door.word(), "pair", subject, &network])),
            account: named.then(|| account_key(door, subject)),
            address: key(&[door.word(), "address", &network]),
        }
    }
}

/// Who shares an address, as a text.
pub(super) fn network(address: &str) -> String {
    address.parse::<IpAddr>().map_or_else(|_| "unknown".to_owned(), |address| subscriber(address).to_string())
}

/// How many entries of each sort are kept.
const MOST: usize = 20_000;

/// What is remembered of tries.
#[derive(Default)]
pub struct Limits(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    pairs: Memory,
    accounts: Memory,
    addresses: Memory,
}

impl Limits {
    fn open(&self) -> MutexGuard<'_, Remembered> {
        // Nothing in here can be half-done in a way that matters.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a try, or says after how many seconds one is taken.
    fn take(&self, keys: &Keys, door: Door, now: Moment, known: bool) -> Result<(), i64> {
        let rules = door.rules();
        let account = keys.account.filter(|_| !known);
        let mut memory = self.open();
        let waits = [
            memory.pairs.wait(keys.pair, rules.pair, now),
            memory.accounts.wait(account, rules.account, now),
            memory.addresses.wait(Some(keys.address), rules.address, now),
        ];
        let wait = waits.into_iter().max().unwrap_or(0);
        if wait > 0 {
            return Err(wait.saturating_add(SECOND - 1) / SECOND);
        }
        memory.pairs.count(keys.pair, rules.pair, now);
        memory.accounts.count(account, rules.account, now);
        Ok(())
    }

    fn failed(&self, keys: &Keys, door: Door, now: Moment) {
        let mut memory = self.open();
        memory.addresses.count(Some(keys.address), door.rules().address, now);
        // Finding out takes time where many knock: the wait begins now.
        memory.pairs.touch(keys.pair, now);
    }

    fn passed(&self, keys: &Keys) {
        let mut memory = self.open();
        if let Some(account) = &keys.account {
            memory.accounts.take(account);
        }
        if let Some(pair) = &keys.pair {
            memory.pairs.take(pair);
        }
    }
}

#[derive(Clone, Copy)]
struct Entry {
    tries: u32,
    last: Moment,
}

/// Tries of one sort, and the order in which they were made.
#[derive(Default)]
struct Memory {
    entries: HashMap<Key, Entry>,
    order: BTreeSet<(Moment, Key)>,
}

impl Memory {
    /// How long this one has to wait now, in milliseconds.
    fn wait(&self, key: Option<Key>, rule: Option<Rule>, now: Moment) -> i64 {
        let (Some(key), Some(rule)) = (key, rule) else { return 0 };
        match self.entries.get(&key) {
            Some(entry) if now.since(entry.last) < rule.forget => {
                entry.last.plus(rule.wait(entry.tries)).since(now).max(0)
            }
            _ => 0,
        }
    }

    fn count(&mut self, key: Option<Key>, rule: Option<Rule>, now: Moment) {
        let (Some(key), Some(rule)) = (key, rule) else { return };
        let tries = match self.take(&key) {
            Some(entry) if now.since(entry.last) < rule.forget => entry.tries.saturating_add(1),
            _ => 1,
        };
        self.put(key, Entry { tries, last: now });
    }

    fn touch(&mut self, key: Option<Key>, now: Moment) {
        if let Some(key) = key
            && let Some(entry) = self.take(&key)
        {
            self.put(key, Entry { last: now, ..entry });
        }
    }

    fn take(&mut self, key: &Key) -> Option<Entry> {
        let entry = self.entries.remove(key)?;
        self.order.remove(&(entry.last, *key));
        Some(entry)
    }

    fn put(&mut self, key: Key, entry: Entry) {
        while self.entries.len() >= MOST
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.entries.remove(&oldest);
        }
        self.order.insert((entry.last, key));
        self.entries.insert(key, entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANA: &str = "ana@example.com";

    fn from(address: &str) -> Origin {
        Origin { address: Some(address.to_owned()), ..Origin::default() }
    }

    /// A wrong try: how many seconds it has to wait, if it was not taken.
    fn wrong(limits: &Limits, subject: &str, address: &str, now: Moment) -> Result<(), i64> {
        let keys = Keys::of(Door::SignIn, subject, &from(address));
        limits.take(&keys, Door::SignIn, now, false)?;
        limits.failed(&keys, Door::SignIn, now);
        Ok(())
    }

    #[test]
    fn waits_double_up_to_the_longest() {
        let rule = Rule { free: 3, first: 10, most: 45, forget: 1_000 };
        let waits: Vec<i64> = (0..8).map(|tries| rule.wait(tries)).collect();
        assert_eq!(waits, [0, 0, 0, 10, 20, 40, 45, 45]);
        assert_eq!(Rule { most: i64::MAX, ..rule }.wait(u32::MAX), 10 << 30);
    }

    #[test]
    fn whoever_guesses_waits_longer_and_longer_and_hammering_changes_nothing() {
        let limits = Limits::default();
        let mut now = Moment(0);
        for _ in 0..5 {
            assert_eq!(wrong(&limits, ANA, "192.0.2.1", now), Ok(()));
        }
        for _ in 0..100 {
            assert_eq!(wrong(&limits, ANA, "192.0.2.1", now), Err(30));
        }
        now = now.plus(30 * SECOND);
        assert_eq!(wrong(&limits, ANA, "192.0.2.1", now), Ok(()));
        assert_eq!(wrong(&limits, ANA, "192.0.2.1", now), Err(60));
        // Somebody else at another address does not notice.
        assert_eq!(wrong(&limits, ANA, "192.0.2.2", now), Ok(()));
    }

    #[test]
    fn guesses_at_the_same_time_count_before_they_are_known_to_be_wrong() {
        let limits = Limits::default();
        let keys = Keys::of(Door::SignIn, ANA, &from("192.0.2.1"));
        let taken = (0..50).filter(|_| limits.take(&keys, Door::SignIn, Moment(0), false).is_ok()).count();
        assert_eq!(taken, 5);
    }

    #[test]
    fn many_addresses_slow_an_account_down_but_not_a_browser_that_was_here_before() {
        let limits = Limits::default();
        let now = Moment(0);
        for n in 0..20 {
            assert_eq!(wrong(&limits, ANA, &format!("192.0.2.{n}"), now), Ok(()));
        }
        assert_eq!(wrong(&limits, ANA, "198.51.100.1", now), Err(1));
        let keys = Keys::of(Door::SignIn, ANA, &from("198.51.100.1"));
        assert_eq!(limits.take(&keys, Door::SignIn, now, true), Ok(()));
        for _ in 0..40 {
            let _ = wrong(&limits, ANA, "198.51.100.9", now.plus(HOUR - 1));
        }
        let wait = limits.take(&keys, Door::SignIn, now.plus(HOUR - 1), false).unwrap_err();
        assert!(wait <= 30, "an account waits half a minute at most, not {wait} s");
    }

    #[test]
    fn one_address_that_tries_many_accounts_is_stopped_as_well() {
        let limits = Limits::default();
        for n in 0..50 {
            assert_eq!(wrong(&limits, &format!("p{n}@example.com"), "2001:db8:1:2::1", Moment(0)), Ok(()));
        }
        // Another address of the same customer.
        assert_eq!(wrong(&limits, ANA, "2001:db8:1:2:ffff::9", Moment(0)), Err(10));
        assert_eq!(wrong(&limits, ANA, "2001:db8:1:3::1", Moment(0)), Ok(()));
    }

    #[test]
    fn a_right_one_forgets_the_wrong_ones_before_it() {
        let limits = Limits::default();
        for _ in 0..4 {
            assert_eq!(wrong(&limits, ANA, "192.0.2.1", Moment(0)), Ok(()));
        }
        limits.passed(&Keys::of(Door::SignIn, ANA, &from("192.0.2.1")));
        for _ in 0..5 {
            assert_eq!(wrong(&limits, ANA, "192.0.2.1", Moment(0)), Ok(()));
        }
        assert!(wrong(&limits, ANA, "192.0.2.1", Moment(0)).is_err());
    }

    #[test]
    fn nobody_can_fill_the_memory() {
        let limits = Limits::default();
        for n in 0..MOST + 1_000 {
            let now = Moment(i64::try_from(n).unwrap());
            let address = format!("10.{}.{}.{}", n >> 16, n >> 8 & 255, n & 255);
            assert_eq!(wrong(&limits, &format!("p{n}@example.com"), &address, now), Ok(()));
        }
        let memory = limits.open();
        for sort in [&memory.pairs, &memory.accounts, &memory.addresses] {
            assert_eq!((sort.entries.len(), sort.order.len()), (MOST, MOST));
        }
        let latest = Keys::of(Door::SignIn, &format!("p{}@example.com", MOST + 999), &from("10.0.82.7"));
        assert!(memory.accounts.entries.contains_key(&latest.account.unwrap()), "the latest are kept");
    }

    #[test]
    fn doors_and_subjects_do_not_read_alike() {
        assert_ne!(key(&["a", "bc"]), key(&["ab", "c"]));
        assert_ne!(account_key(Door::SignIn, ANA), account_key(Door::Reset, ANA));
        assert_eq!(network("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(network("nonsense"), "unknown");
    }
}
