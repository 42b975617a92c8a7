//! The herald: tells what happens to one token, one piece of news after the other, in one transaction. Who hears, and
//! what was told before, is read once for all of them, and written once.

use super::{
    body::Body,
    outbox::{self, Notice},
    pace::{Fact, Plan, State},
    quiet,
};
use crate::{
    house::House,
    store::{
        Tx,
        alerts::{
            hearing::{self, Hearer},
            held::{self, Kept, Key},
            queue::News,
        },
    },
};
use app::model::{
    alert::AlertKind,
    fault::Fault,
    ids::{DestinationId, IncidentId, TokenId},
    moment::Moment,
    pace::QuietHours,
    token::Token,
};
use std::collections::{BTreeMap, BTreeSet};

/// Tells what happens to one token, whose lock the caller holds.
pub struct Herald<'a> {
    house: &'a House,
    token: TokenId,
    hearing: Vec<Hearer>,
    /// Of which incidents (or of none) is known what was told.
    known: BTreeSet<Option<IncidentId>>,
    states: BTreeMap<Key, (State, bool)>,
    news: Vec<News>,
}

impl<'a> Herald<'a> {
    /// For this token.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn of(house: &'a House, tx: &mut Tx, token: &Token) -> Result<Self, Fault> {
        let hearing = hearing::of(tx, token).await?;
        let (known, states, news) = (BTreeSet::new(), BTreeMap::new(), Vec::new());
        Ok(Self { house, token: token.id.clone(), hearing, known, states, news })
    }

    /// Leaves a destination out: it is told in another way.
    pub fn but(mut self, destination: Option<&DestinationId>) -> Self {
        self.hearing.retain(|hearer| Some(&hearer.destination) != destination);
        self
    }

    /// Tells a piece of news to those who hear of it at once, and counts it for the others; how many are told. All of it is
    /// written at the [end](Self::finish).
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn tell(&mut self, tx: &mut Tx, notice: &Notice<'_>) -> Result<usize, Fault> {
        let Notice { kind, token, hit, incident } = *notice;
        let (now, hour) = (self.house.now(), self.house.config.digest_hour);
        let plan = |hearer: &Hearer| {
            let (pace, quiet_minutes) = hearer.pace(kind)?;
            let asleep = hearer.quiet.as_ref().and_then(|quiet| asleep(quiet, kind, now));
            Some((hearer.destination.clone(), Plan::of((pace, quiet_minutes), incident.is_some(), asleep, hour, now)))
        };
        let plans: Vec<_> = self.hearing.iter().filter_map(plan).collect();
        let incident_id = incident.map(|incident| incident.id.clone());
        if plans.iter().any(|(_, plan)| *plan != Plan::Now) {
            self.recall(tx, incident_id.as_ref()).await?;
        }
        let fact = Fact::of(hit, now);
        let mut told = Vec::new();
        for (destination, plan) in plans {
            if plan == Plan::Now {
                told.push(destination);
                continue;
            }
            let key = Key { destination: destination.clone(), incident: incident_id.clone(), kind: kind.word() };
            let (state, changed) = self.states.entry(key).or_default();
            *changed = true;
            if state.hear(plan, &fact, now) {
                told.push(destination);
            }
        }
        if told.is_empty() {
            return Ok(0);
        }
        let body = Body::about(kind, now, &self.house.config.base_url, token, hit, incident);
        self.news.push(outbox::compose(self.house, &body, &told)?);
        Ok(told.len())
    }

    /// Reads what was told of an incident, unless it is known already.
    async fn recall(&mut self, tx: &mut Tx, incident: Option<&IncidentId>) -> Result<(), Fault> {
        if !self.known.insert(incident.cloned()) {
            return Ok(());
        }
        let destinations: Vec<_> = self.hearing.iter().map(|hearer| hearer.destination.clone()).collect();
        let flavour = self.house.store.flavour();
        for (key, kept) in held::load(tx, flavour, &self.token, incident, &destinations).await? {
            self.states.insert(key, (state(&kept), false));
        }
        Ok(())
    }

    /// Writes down what is held; gives what is told at once, which [`outbox::write_all`] writes in the same transaction.
    ///
    /// # Errors
    /// Where the database refuses; then what happened must not be committed either.
    #[must_use = "what is told is not written yet"]
    pub async fn finish(self, tx: &mut Tx) -> Result<Vec<News>, Fault> {
        for (key, (state, _)) in self.states.iter().filter(|(_, (_, changed))| *changed) {
            held::put(tx, &self.token, key, &kept(state)?).await?;
        }
        Ok(self.news)
    }
}

/// Until when news of a kind is kept from somebody with these quiet hours.
pub(super) fn asleep(quiet: &QuietHours, kind: AlertKind, now: Moment) -> Option<Moment> {
    if quiet.exposed && kind == AlertKind::Exposed {
        return None;
    }
    quiet::until(quiet, now)
}

/// The state as it was kept.
pub(super) fn state(kept: &Kept) -> State {
    let state: State = serde_json::from_str(&kept.state).unwrap_or_else(|error| {
        tracing::error!(%error, held = kept.count, "what was kept for a digest cannot be read; it begins anew");
        State::default()
    });
    State { due_at: kept.due_at, ..state }
}

/// The state as it is kept.
pub(super) fn kept(state: &State) -> Result<Kept, Fault> {
    let text = serde_json::to_string(state).map_err(|_| Fault::internal())?;
    Ok(Kept { state: text, count: state.held.count, due_at: state.due_at })
}
