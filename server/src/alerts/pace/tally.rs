//! Counting what is held: in all, by call and by source, within bounds.

use app::model::{hit::Hit, moment::Moment};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many calls and sources are counted by name; the others are counted in the whole alone.
pub const NAMED: usize = 50;

/// How long a name may be, in characters. It comes from outside.
const LONGEST: usize = 200;

/// What the pace needs to know of a piece of news. What does not apply is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fact<'a> {
    /// `sts:GetCallerIdentity`
    pub call: String,
    /// The source address.
    pub source: &'a str,
    /// The region.
    pub region: &'a str,
    /// The user agent.
    pub agent: &'a str,
    /// When it happened.
    pub at: Moment,
}

impl<'a> Fact<'a> {
    /// Of a hit; without one, of something that happened now.
    pub fn of(hit: Option<&'a Hit>, now: Moment) -> Self {
        let Some(hit) = hit else { return Self { at: now, ..Self::default() } };
        let service = hit.event_source.strip_suffix(".amazonaws.com").unwrap_or(&hit.event_source);
        Self {
            call: if service.is_empty() { hit.event_name.clone() } else { format!("{service}:{}", hit.event_name) },
            source: &hit.source_ip,
            region: &hit.aws_region,
            agent: &hit.user_agent,
            at: hit.event_time,
        }
    }
}

/// What is held, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tally {
    /// How many.
    pub count: i64,
    /// How many of each call, of those that came first.
    pub by_call: BTreeMap<String, i64>,
    /// How many from each source address, of those that came first.
    pub by_source: BTreeMap<String, i64>,
    /// When the first one happened.
    pub first_at: Option<Moment>,
    /// When the last one happened.
    pub last_at: Option<Moment>,
}

impl Tally {
    /// Counts one more.
    pub fn add(&mut self, fact: &Fact<'_>) {
        self.count += 1;
        count(&mut self.by_call, &fact.call);
        count(&mut self.by_source, fact.source);
        self.first_at = Some(self.first_at.map_or(fact.at, |known| known.min(fact.at)));
        self.last_at = Some(self.last_at.map_or(fact.at, |known| known.max(fact.at)));
    }
}

fn count(counts: &mut BTreeMap<String, i64>, name: &str) {
    let name: String = name.chars().take(LONGEST).collect();
    if !name.is_empty() && (counts.len() < NAMED || counts.contains_key(&name)) {
        *counts.entry(name).or_default() += 1;
    }
}
