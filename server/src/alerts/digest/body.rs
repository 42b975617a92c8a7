//! What a digest says, as part of an alert's body.

use crate::{
    alerts::{
        body::{Body, Data, Links},
        card::{Action, Card, Fact},
        pace::Tally,
    },
    mail::letter::one_line,
};
use app::model::{alert::AlertKind, incident::Incident, moment::Moment, token::Token};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many calls and sources an entry names, the most frequent ones.
const SHOWN: usize = 20;

/// How many calls and sources a line names of each, and how long each name may be in it, in characters.
const NAMED: usize = 3;
const NAME: usize = 60;

/// How many entries stand on a card.
const LINES: usize = 12;

/// What was held back, counted. The names of the fields are part of the API.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Digest {
    /// How many alerts were held back.
    pub count: i64,
    /// The same by incident and kind of news.
    pub items: Vec<Item>,
}

/// What was held back of one kind of news about one incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// The token.
    pub token: Token,
    /// The incident, where the news belongs to one.
    pub incident: Option<Incident>,
    /// What sort of news.
    pub kind: AlertKind,
    /// How many.
    pub count: i64,
    /// By call, the most frequent first. What is missing to `count` are others.
    pub by_call: Vec<Counted>,
    /// By source address, the most frequent first. What is missing to `count` are others.
    pub by_source: Vec<Counted>,
    /// When the first one happened.
    pub first_at: Moment,
    /// When the last one happened.
    pub last_at: Moment,
    /// Pages of the console.
    pub links: Links,
}

/// How often something occurred.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// What.
    pub name: String,
    /// How often.
    pub count: i64,
}

impl Item {
    /// An entry of what was held.
    pub fn new(base_url: &str, token: Token, incident: Option<Incident>, kind: AlertKind, tally: Tally) -> Self {
        let links = Links {
            token: Some(format!("{base_url}/tokens/{}", token.id)),
            incident: incident.as_ref().map(|incident| format!("{base_url}/incidents/{}", incident.id)),
            ..Links::default()
        };
        Self {
            token,
            incident,
            kind,
            count: tally.count,
            by_call: most(tally.by_call),
            by_source: most(tally.by_source),
            first_at: tally.first_at.unwrap_or_default(),
            last_at: tally.last_at.unwrap_or_default(),
            links,
        }
    }

    /// `12 uses`
    pub fn counted(&self) -> String {
        let (one, many) = match self.kind {
            AlertKind::Hit => ("use", "uses"),
            AlertKind::UnloggedUse => ("use without a record", "uses without a record"),
            AlertKind::Exposed => ("sign that it is public", "signs that it is public"),
            AlertKind::Tampered => ("change by somebody else", "changes by somebody else"),
            AlertKind::Drill => ("drill", "drills"),
            AlertKind::Expiring => return "expires soon".to_owned(),
            AlertKind::Expired => return "has expired".to_owned(),
            AlertKind::Minted => return "was minted".to_owned(),
            _ => ("alert", "alerts"),
        };
        format!("{} {}", self.count, if self.count == 1 { one } else { many })
    }
}

impl Item {
    /// The place of the token, else its key.
    pub fn place(&self) -> &str {
        if self.token.location.is_empty() { &self.token.access_key_id } else { &self.token.location }
    }

    /// `12 uses, the last one at …; sts:GetCallerIdentity (10), iam:ListUsers (2); from 203.0.113.7 (12)`
    pub fn line(&self) -> String {
        let mut line = format!("{}, the last one at {}", self.counted(), self.last_at.exact());
        let calls = named(&self.by_call);
        if !calls.is_empty() {
            line.push_str(&format!("; {calls}"));
        }
        let sources = named(&self.by_source);
        if !sources.is_empty() {
            line.push_str(&format!("; from {sources}"));
        }
        line
    }
}

/// The most frequent ones, in one line.
fn named(counts: &[Counted]) -> String {
    let mut parts: Vec<String> = counts
        .iter()
        .take(NAMED)
        .map(|one| {
            let name = one_line(&one.name).chars().take(NAME).collect::<String>();
            format!("{name} ({})", one.count)
        })
        .collect();
    if counts.len() > NAMED {
        parts.push("and others".to_owned());
    }
    parts.join(", ")
}

fn most(counts: BTreeMap<String, i64>) -> Vec<Counted> {
    let mut counts: Vec<_> = counts.into_iter().map(|(name, count)| Counted { name, count }).collect();
    counts.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| one.name.cmp(&other.name)));
    counts.truncate(SHOWN);
    counts
}

impl Digest {
    /// A digest of these entries.
    pub fn of(items: Vec<Item>) -> Self {
        Self { count: items.iter().map(|item| item.count).sum(), items }
    }

    /// The token that all of it is about, if it is about one only.
    pub fn only_token(&self) -> Option<&Token> {
        let (first, rest) = self.items.split_first()?;
        rest.iter().all(|item| item.token.id == first.token.id).then_some(&first.token)
    }

    /// The incident that all of it is about, if it is about one only.
    pub fn only_incident(&self) -> Option<&Incident> {
        let (first, rest) = self.items.split_first()?;
        let incident = first.incident.as_ref()?;
        let same = |item: &Item| item.incident.as_ref().is_some_and(|other| other.id == incident.id);
        rest.iter().all(same).then_some(incident)
    }

    /// The digest in one line; `called` names a token by its place.
    pub fn summary(&self, called: impl Fn(&Token) -> String) -> String {
        match (self.only_token(), self.items.as_slice()) {
            (Some(token), items) => {
                let counts: Vec<_> = items.iter().map(Item::counted).collect();
                format!("{}: {}", called(token), counts.join(", "))
            }
            (None, items) => {
                let mut tokens: Vec<_> = items.iter().map(|item| &item.token.id).collect();
                tokens.sort();
                tokens.dedup();
                format!("Digest: {} alerts about {} keys", self.count, tokens.len())
            }
        }
    }
}

/// A digest as a card, for those who show cards: a line for each entry.
fn card(digest: &Digest, links: &Links) -> Card {
    // A place may be long, and no channel cuts a label.
    let label = |item: &Item| one_line(item.place()).chars().take(NAME).collect::<String>();
    let facts = digest.items.iter().take(LINES).map(|item| Fact { label: label(item), value: item.line() });
    let more = digest.items.len().saturating_sub(LINES);
    let more = (more > 0).then(|| Fact { label: "And more".to_owned(), value: format!("{more} entries") });
    let action = |label: &str, url: &Option<String>| url.clone().map(|url| Action { label: label.to_owned(), url });
    let actions = [action("See the incident", &links.incident), action("See the key", &links.token)];
    Card {
        sentence: format!("{} alerts were held back so as not to flood you. This is what they were.", digest.count),
        facts: facts.chain(more).collect(),
        tools: Vec::new(),
        actions: actions.into_iter().flatten().collect(),
    }
}

impl Body {
    /// A digest.
    pub fn digest(now: Moment, digest: Digest) -> Self {
        let token = digest.only_token().cloned();
        let incident = digest.only_incident().cloned();
        let links = match digest.items.as_slice() {
            [first, ..] if token.is_some() => {
                Links { incident: first.links.incident.clone().filter(|_| incident.is_some()), ..first.links.clone() }
            }
            _ => Links::default(),
        };
        let card = card(&digest, &links);
        let data = Data { token, incident, digest: Some(digest), links, card, ..Data::default() };
        Self { kind: AlertKind::Digest, timestamp: now, data }
    }
}
