//! The ledger of one transaction that files hits: what is known about all of their events and tokens is read at once, and
//! what follows is written at once. So a transaction takes about as many statements for a hundred hits as for one.

use super::file::{APART, Match, time_of};
use crate::{
    alerts::outbox,
    house::House,
    store::{self, Tx, alerts::queue::News, connect::Flavour, hits::NewHit, tokens::TokenRow},
};
use app::model::{
    fault::Fault,
    hit::Sighting,
    ids::{TeamId, TokenId},
    incident::Incident,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Matches by their tokens, whose locks the transaction holds.
pub(super) type ByToken<'a> = BTreeMap<&'a TokenId, Vec<Match<'a>>>;

/// What is known, and what is to be written.
pub(super) struct Ledger<'a> {
    events: HashMap<(&'a str, TokenId), Event>,
    unresolved: HashMap<TokenId, Vec<Incident>>,
    hits: Vec<NewHit<'a>>,
    /// What is told of them.
    pub news: Vec<News>,
    /// Incidents, new or changed.
    pub incidents: Vec<(Incident, TeamId)>,
    /// How many hits more a token has in an hour.
    pub hours: Vec<(TokenId, i64, i64)>,
    /// Tokens that are others now.
    pub tokens: Vec<TokenRow>,
}

/// An event that is known of a token.
enum Event {
    /// It is in the database. Which ways reported it.
    Kept(Vec<Sighting>),
    /// It is the hit in this place, and not written yet.
    New(usize),
}

impl<'a> Ledger<'a> {
    /// Reads what is known of these.
    pub async fn of(tx: &mut Tx, flavour: Flavour, by_token: &ByToken<'a>) -> Result<Self, Fault> {
        let names: BTreeSet<&'a str> = by_token.values().flatten().map(|one| one.record.event_id.as_str()).collect();
        let asked: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut events = HashMap::new();
        for (event, token, sources) in store::hits::known(tx, &asked).await? {
            if let Some(name) = names.get(event.as_str()) {
                events.insert((*name, token), Event::Kept(sources));
            }
        }
        let span = |(token, matches): (&&TokenId, &Vec<Match<'_>>)| {
            let times = || matches.iter().map(time_of);
            Some(((*token).clone(), times().min()?.plus(-APART), times().max()?.plus(APART)))
        };
        let spans: Vec<_> = by_token.iter().filter_map(span).collect();
        let mut unresolved: HashMap<TokenId, Vec<Incident>> = HashMap::new();
        for incident in store::incidents::touching(tx, flavour, &spans).await? {
            unresolved.entry(incident.token_id.clone()).or_default().push(incident);
        }
        let (hits, news, incidents, hours, tokens) = Default::default();
        Ok(Self { events, unresolved, hits, news, incidents, hours, tokens })
    }

    /// The unresolved incidents that what matched this token could belong to.
    pub fn unresolved(&mut self, token: &TokenId) -> Vec<Incident> {
        self.unresolved.remove(token).unwrap_or_default()
    }

    /// Whether an event is not known yet of its token. Of a known one, it is noted that it came this way too.
    pub async fn is_new(&mut self, tx: &mut Tx, one: &Match<'a>) -> Result<bool, Fault> {
        let sighting = one.sighting;
        let add = |sources: &mut Vec<Sighting>| {
            let new = sources.iter().all(|known| known.source != sighting.source);
            if new {
                sources.push(sighting);
            }
            new
        };
        match self.events.get_mut(&(one.record.event_id.as_str(), one.token.clone())) {
            None => return Ok(true),
            Some(Event::New(place)) => {
                if let Some(new) = self.hits.get_mut(*place) {
                    add(&mut new.hit.sources);
                }
            }
            Some(Event::Kept(sources)) => {
                if add(sources) {
                    store::hits::set_sources(tx, &one.record.event_id, one.token, sources).await?;
                }
            }
        }
        Ok(false)
    }

    /// Keeps the hit of an event that was new.
    pub fn keep(&mut self, one: &Match<'a>, mut hit: NewHit<'a>) {
        // It is written as the text that it came as. Read, it takes many times as much memory.
        hit.hit.record = Value::Null;
        self.events.insert((&one.record.event_id, one.token.clone()), Event::New(self.hits.len()));
        self.hits.push(hit);
    }

    /// Writes the hit of an event that was new right away, for what refers to it.
    pub async fn write_hit(&mut self, tx: &mut Tx, one: &Match<'a>, hit: NewHit<'a>) -> Result<(), Fault> {
        store::hits::insert(tx, std::slice::from_ref(&hit)).await?;
        self.events.insert((&one.record.event_id, one.token.clone()), Event::Kept(hit.hit.sources));
        Ok(())
    }

    /// Writes all of it.
    pub async fn write(self, house: &House, tx: &mut Tx) -> Result<(), Fault> {
        store::hits::insert(tx, &self.hits).await?;
        store::incidents::put(tx, &self.incidents).await?;
        store::hits::count_hours(tx, &self.hours).await?;
        store::hits::update_tokens(tx, &self.tokens).await?;
        outbox::write_all(house, tx, &self.news).await
    }
}
