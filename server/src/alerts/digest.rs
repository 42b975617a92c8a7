//! Digests: what was held back goes out, counted, when its time has come.
//!
//! One digest is one transaction: what is held is read, the digest and its delivery are written, the counts are cleared.
//! A crash before the commit leaves everything as it was. Of several replicas each takes what no other has locked.

pub mod body;
pub mod letter;

use super::{
    body::Body,
    card::Action,
    herald::{asleep, kept, state},
    outbox,
};
use crate::{
    house::House,
    store::{
        self, Tx,
        alerts::held::{self, DueRow},
    },
};
use app::model::{
    alert::AlertKind,
    fault::Fault,
    ids::{DestinationId, PersonId, TeamId},
    moment::Moment,
};
use body::{Digest, Item};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// How often it is looked whether something is due.
const EVERY: Duration = Duration::from_secs(5);

/// How many destinations are looked at in one round.
const DESTINATIONS: u32 = 200;

/// How many entries one digest has at most. What is more comes in another one, at once.
const ITEMS: u32 = 100;

/// Works until the shut-down.
pub async fn run(house: Arc<House>, shutdown: impl Future<Output = ()>) {
    let work = async {
        loop {
            if let Err(fault) = work_once(&house).await {
                tracing::error!(%fault, "a digest could not be written; the next round tries again");
            }
            tokio::time::sleep(EVERY).await;
        }
    };
    tokio::select! { () = work => {}, () = shutdown => {} }
}

/// Writes every digest that is due now; how many those are.
///
/// # Errors
/// Where the database refuses.
pub async fn work_once(house: &House) -> Result<usize, Fault> {
    let mut written = 0;
    loop {
        let due = held::due(&mut *house.store.read().await?, house.now(), DESTINATIONS).await?;
        let mut moved = false;
        for destination in &due {
            match compose(house, destination).await {
                Ok(Some(digests)) => (moved, written) = (true, written + digests),
                Ok(None) => {}
                // The others must get theirs.
                Err(fault) => {
                    tracing::error!(%destination, %fault, "a digest could not be written; the next round tries again");
                }
            }
        }
        if !moved {
            return Ok(written);
        }
    }
}

/// Lets what is held at the destinations of a person be looked at now: their quiet hours have changed.
///
/// # Errors
/// Where the database refuses.
pub async fn look_again(house: &House, tx: &mut Tx, person: &PersonId) -> Result<(), Fault> {
    Ok(held::wake(tx, person.as_str(), house.now()).await?)
}

/// Looks at what is due for a destination, and writes a digest of what is held; how many digests that makes, or `None`
/// where there was nothing to look at.
async fn compose(house: &House, destination: &DestinationId) -> Result<Option<usize>, Fault> {
    let now = house.now();
    let mut tx = house.store.begin().await?;
    let rows = held::take(&mut tx, house.store.flavour(), destination, now, ITEMS).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let mut teams = BTreeMap::new();
    let mut items = Vec::new();
    for row in &rows {
        let hears = hears(&mut tx, &mut teams, destination, &row.team).await?;
        let later = later(row, now);
        if row.kept.count == 0 || !hears {
            held::forget(&mut tx, &row.token, &row.key).await?;
        } else if let Some(until) = later {
            let kept = held::Kept { due_at: until, ..row.kept.clone() };
            held::put(&mut tx, &row.token, &row.key, &kept).await?;
        } else {
            items.extend(item(house, &mut tx, row, now).await?);
        }
    }
    let digests = usize::from(!items.is_empty());
    if digests > 0 {
        let mut body = Body::digest(now, Digest::of(items));
        if body.data.card.actions.is_empty() {
            // Of several keys no one page is the right one.
            let url = format!("{}/incidents", house.config.base_url);
            body.data.card.actions.push(Action { label: "See all incidents".to_owned(), url });
        }
        outbox::write(house, &mut tx, &body, std::slice::from_ref(destination)).await?;
        house.step("composed");
    }
    tx.commit().await?;
    Ok(Some(digests))
}

/// Whether the destination still may hear about a team's tokens: somebody may have lost the right to see them.
async fn hears(
    tx: &mut Tx,
    known: &mut BTreeMap<TeamId, bool>,
    destination: &DestinationId,
    team: &TeamId,
) -> Result<bool, Fault> {
    if let Some(hears) = known.get(team) {
        return Ok(*hears);
    }
    let hears = held::may_still_hear(tx, destination, team).await?;
    known.insert(team.clone(), hears);
    Ok(hears)
}

/// Until when it has to wait, because it became due while somebody sleeps.
fn later(row: &DueRow, now: Moment) -> Option<Moment> {
    let kind = AlertKind::parse(row.key.kind)?;
    row.quiet.as_ref().and_then(|quiet| asleep(quiet, kind, now))
}

/// Takes out what is held under one key, as an entry of a digest.
async fn item(house: &House, tx: &mut Tx, row: &DueRow, now: Moment) -> Result<Option<Item>, Fault> {
    let mut state = state(&row.kept);
    let tally = state.digest(now);
    let incident = match &row.key.incident {
        Some(id) => {
            held::put(tx, &row.token, &row.key, &kept(&state)?).await?;
            store::incidents::by_id(tx, id).await?.map(|(incident, _)| incident)
        }
        // Without an incident, nothing needs to be remembered.
        None => {
            held::forget(tx, &row.token, &row.key).await?;
            None
        }
    };
    let Some(token) = store::tokens::by_id(tx, &row.token).await? else { return Ok(None) };
    let kind = AlertKind::parse(row.key.kind).ok_or_else(Fault::internal)?;
    Ok(Some(Item::new(&house.config.base_url, token.token, incident, kind, tally)))
}
