//! The pace: which news goes out at once, and which is held and counted for a digest. Pure: no database, no clock.
//!
//! Nothing is dropped: each piece of news is either told at once, or counted in exactly one digest.

mod tally;

pub use tally::{Fact, Tally};

use app::model::{
    moment::{DAY, HOUR, MINUTE, Moment},
    pace::{self, Pace},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// How long it is quiet after something was told where nobody chose, in milliseconds.
pub const QUIET: i64 = pace::QUIET * MINUTE;

/// How often something new breaks one quiet time. Whoever changes the user agent with each call must not be able to
/// flood anybody.
pub const EARLY: u32 = 5;

/// How many different addresses, regions, user agents and calls are remembered, the latest ones.
const KEPT: usize = 50;

/// How long it is remembered what was told, in milliseconds: as long as it can be quiet.
const MEMORY: i64 = DAY;

/// What is to happen with a piece of news for one destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// It is told at once.
    Now,
    /// The first one is told at once, and what is new; the rest is held. So many milliseconds it is quiet.
    First(i64),
    /// It is held until then.
    Until(Moment),
}

impl Plan {
    /// For news at this pace, with so many quiet minutes. `asleep` says until when the destination's person does not want
    /// to hear of it; `hour` is that of daily digests.
    pub fn of(
        (pace, quiet_minutes): (Pace, i64),
        of_incident: bool,
        asleep: Option<Moment>,
        hour: i64,
        now: Moment,
    ) -> Self {
        match (asleep, pace) {
            (Some(until), _) => Self::Until(until),
            (None, Pace::Every) => Self::Now,
            (None, Pace::Incident) if of_incident => Self::First(quiet_minutes * MINUTE),
            (None, Pace::Incident) => Self::Now,
            (None, Pace::Daily) => Self::Until(next(hour, now)),
        }
    }
}

/// When it is this hour (UTC) next.
pub fn next(hour: i64, now: Moment) -> Moment {
    let today = Moment(now.0.div_euclid(DAY) * DAY + hour * HOUR);
    if today > now { today } else { today.plus(DAY) }
}

/// What a destination was told of one kind of news about one incident, and what is held for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// Until when it is quiet, or was.
    pub quiet_until: Option<Moment>,
    /// How long one quiet time lasts, in milliseconds.
    pub quiet: i64,
    /// How often something new has broken this quiet time.
    pub early: u32,
    /// What occurred so far.
    pub seen: Seen,
    /// What is held.
    pub held: Tally,
    /// When the digest is due; where nothing is held: when all of this may be forgotten.
    #[serde(skip)]
    pub due_at: Moment,
}

impl Default for State {
    fn default() -> Self {
        Self {
            quiet_until: None,
            // As it was for all, before each could choose: what was kept then does not say it.
            quiet: QUIET,
            early: 0,
            seen: Seen::default(),
            held: Tally::default(),
            due_at: Moment::default(),
        }
    }
}

impl State {
    /// Takes in a piece of news; whether it is to be told at once.
    pub fn hear(&mut self, plan: Plan, fact: &Fact<'_>, now: Moment) -> bool {
        let until = match plan {
            Plan::Now => None,
            Plan::Until(until) => Some(until),
            Plan::First(quiet) => {
                self.choose(quiet);
                self.first(fact, now)
            }
        };
        match until {
            None if self.held.count == 0 => self.due_at = now.plus(MEMORY),
            None => {}
            Some(until) => {
                self.due_at = if self.held.count == 0 { until } else { self.due_at.min(until) };
                self.held.add(fact);
            }
        }
        until.is_none()
    }

    /// Lets each quiet time last so long, also the one that is now. What is held comes no later for that.
    fn choose(&mut self, quiet: i64) {
        if quiet == self.quiet {
            return;
        }
        self.quiet_until = self.quiet_until.map(|until| until.plus(quiet - self.quiet));
        self.quiet = quiet;
        if let Some(until) = self.quiet_until.filter(|_| self.held.count > 0) {
            self.due_at = self.due_at.min(until);
        }
    }

    /// Until when it is held; `None` where it is the first one after a quiet time, or new.
    fn first(&mut self, fact: &Fact<'_>, now: Moment) -> Option<Moment> {
        let new = self.seen.learn(fact);
        let overdue = self.held.count > 0 && self.due_at <= now;
        match self.quiet_until {
            Some(until) if now < until || overdue => {
                if !new || self.early >= EARLY {
                    return Some(until);
                }
                self.early += 1;
            }
            _ => {
                self.quiet_until = Some(now.plus(self.quiet));
                self.early = 0;
            }
        }
        None
    }

    /// Hands over what is held, for a digest; it is quiet from now on.
    pub fn digest(&mut self, now: Moment) -> Tally {
        self.quiet_until = Some(now.plus(self.quiet));
        self.early = 0;
        self.due_at = now.plus(MEMORY);
        std::mem::take(&mut self.held)
    }
}

/// What occurred so far, as short hashes: texts from outside may be long.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Seen {
    sources: Vec<String>,
    regions: Vec<String>,
    agents: Vec<String>,
    calls: Vec<String>,
}

impl Seen {
    /// Remembers a fact; whether anything about it is new.
    fn learn(&mut self, fact: &Fact<'_>) -> bool {
        let parts = [
            (&mut self.sources, fact.source),
            (&mut self.regions, fact.region),
            (&mut self.agents, fact.agent),
            (&mut self.calls, fact.call.as_str()),
        ];
        let mut new = false;
        for (known, text) in parts {
            let hash: String = hex::encode(Sha256::digest(text.as_bytes())).chars().take(16).collect();
            if text.is_empty() || known.contains(&hash) {
                continue;
            }
            if known.len() >= KEPT {
                known.remove(0);
            }
            known.push(hash);
            new = true;
        }
        new
    }
}

#[cfg(test)]
mod tests;
