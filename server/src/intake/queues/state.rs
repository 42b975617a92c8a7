//! How the queues are doing, for the health page and for those who must know whether something may still be on its way.

use crate::accounts::length;
use app::model::{
    health::{Check, Light},
    moment::Moment,
};
use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::Notify;

/// How long somebody waits who wants to know whether a queue answers that was set a moment ago.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a queue does not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absence {
    /// In words.
    pub says: String,
    /// Whether AWS answered, and refused for want of a right.
    pub denied: bool,
}

/// What the reader of a queue last met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// It was answered at this time.
    Answered(Moment),
    /// It has not been answered since this time, for this reason.
    Away(Moment, Absence),
}

/// One queue.
#[derive(Clone, Debug, PartialEq, Eq)]
struct State {
    account: String,
    answered_at: Option<Moment>,
    away: Option<(Moment, Absence)>,
    waits: Option<(Moment, u32)>,
    age: Option<(Moment, i64)>,
}

/// Every queue that this process listens to, by its address.
#[derive(Debug, Default)]
pub struct Queues {
    states: Mutex<BTreeMap<String, State>>,
    listens: AtomicBool,
    news: Notify,
}

impl Queues {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, State>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// This process listens to queues: who asks after one may wait for its first word.
    pub(super) fn listen(&self) {
        self.listens.store(true, Ordering::Relaxed);
    }

    /// What the reader of a queue last met; of one that was set a moment ago, what it first meets. `None` where this
    /// process does not read it.
    pub async fn word(&self, url: &str) -> Option<Word> {
        if !self.listens.load(Ordering::Relaxed) {
            return None;
        }
        let first = async {
            loop {
                // Before the look, so that nothing falls in between.
                let mut news = std::pin::pin!(self.news.notified());
                news.as_mut().enable();
                let state = self.lock().get(url).map(|state| (state.away.clone(), state.answered_at));
                match state {
                    Some((Some((since, absence)), _)) => return Word::Away(since, absence),
                    Some((None, Some(at))) => return Word::Answered(at),
                    Some((None, None)) | None => news.await,
                }
            }
        };
        tokio::time::timeout(PATIENCE, first).await.ok()
    }

    /// These queues are listened to from now on, and no others: address and account.
    pub(super) fn set<'a>(&self, wanted: impl Iterator<Item = (&'a str, &'a str)>) {
        let mut queues = self.lock();
        let mut known = std::mem::take(&mut *queues);
        for (url, account) in wanted {
            let new = || State { account: account.to_owned(), answered_at: None, away: None, waits: None, age: None };
            queues
                .insert(url.to_owned(), known.remove(url).filter(|state| state.account == account).unwrap_or_else(new));
        }
    }

    /// A queue does not answer; whether that is news.
    pub(super) fn is_away(&self, url: &str, now: Moment, why: &Absence) -> bool {
        let mut queues = self.lock();
        let Some(state) = queues.get_mut(url) else { return false };
        let news = state.away.is_none();
        let since = state.away.take().map_or(now, |(since, _)| since);
        state.away = Some((since, why.clone()));
        self.news.notify_waiters();
        news
    }

    /// A queue answered; since when it had not, if it had not.
    pub(super) fn answered(&self, url: &str, now: Moment) -> Option<Moment> {
        let mut queues = self.lock();
        let state = queues.get_mut(url)?;
        state.answered_at = Some(now);
        self.news.notify_waiters();
        state.away.take().map(|(since, _)| since)
    }

    /// Messages were fetched, of which the oldest had waited for so long.
    pub(super) fn fetched(&self, url: &str, now: Moment, age: i64) {
        if let Some(state) = self.lock().get_mut(url) {
            state.age = Some((now, age.max(0)));
        }
    }

    /// When messages were last fetched from a queue, and for how many milliseconds the oldest of them had waited.
    pub fn age(&self, url: &str) -> Option<(Moment, i64)> {
        self.lock().get(url)?.age
    }

    /// What came from a queue waits for the database, and was tried once more; whether that is news.
    pub(super) fn waits(&self, url: &str, now: Moment) -> bool {
        let mut queues = self.lock();
        let Some(state) = queues.get_mut(url) else { return false };
        let (since, tries) = state.waits.unwrap_or((now, 0));
        state.waits = Some((since, tries + 1));
        tries == 0
    }

    /// The database takes what comes from a queue; since when it had not, if it had not.
    pub(super) fn waits_no_more(&self, url: &str) -> Option<Moment> {
        self.lock().get_mut(url)?.waits.take().map(|(since, _)| since)
    }

    /// Whether every queue of an account answers: then what is on them is being read.
    pub fn all_answer(&self, account: &str) -> bool {
        self.lock()
            .values()
            .filter(|state| state.account == account)
            .all(|state| state.answered_at.is_some() && state.away.is_none() && state.waits.is_none())
    }

    /// How each queue is doing.
    pub fn checks(&self) -> Vec<Check> {
        let check = |(url, state): (&String, &State)| {
            let (light, says) = match (&state.away, state.answered_at) {
                _ if let Some((since, tries)) = state.waits => (
                    Light::Bad,
                    format!(
                        "What came from it waits since {}, because the database takes nothing (tried {tries} times). No \
                         message is lost, and no more are fetched meanwhile.",
                        since.exact()
                    ),
                ),
                (Some((since, why)), _) => {
                    let why = &why.says;
                    (Light::Bad, format!("It has not answered since {}: {why}. Aviary goes on asking.", since.exact()))
                }
                (None, Some(at)) => {
                    let age = state.age.map(|(at, age)| {
                        format!(" What was fetched last, at {}, had waited {}.", at.exact(), length(age))
                    });
                    (Light::Good, format!("It last answered at {}.{}", at.exact(), age.unwrap_or_default()))
                }
                (None, None) => (Light::Look, "It has not answered yet.".to_owned()),
            };
            Check { name: format!("Queue {} of {}", name_of(url), state.account), light, says }
        };
        self.lock().iter().map(check).collect()
    }
}

/// The last part of a queue's address: its name.
pub(super) fn name_of(url: &str) -> &str {
    url.trim_end_matches('/').rsplit('/').next().unwrap_or(url)
}
