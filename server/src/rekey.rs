//! Sealing everything anew, with the key that seals now.
//!
//! It goes from row to row in short transactions, beside a running Aviary: a secret is exchanged only if it is still what
//! was read. Whoever has the former keys opens both. Cut off, it goes on where something is left.

use crate::{
    audit,
    house::House,
    seal::Sealer,
    serving,
    store::sealed::{self, PLACES, Place},
};
use app::model::{
    fault::Fault,
    viewer::{Actor, Viewer},
};

/// How many secrets are exchanged in one transaction.
const AT_ONCE: i64 = 200;

/// What was done in one place, or is left there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// Where.
    pub place: Place,
    /// How many secrets.
    pub secrets: u64,
    /// How many others open with none of the keys, and were left as they are.
    pub closed: u64,
}

/// Only the operator: what this leaves behind may be a database that nobody can open.
fn must_operate(viewer: &Viewer) -> Result<(), Fault> {
    match viewer.actor {
        Actor::System(_) => Ok(()),
        _ => Err(Fault::forbidden("Only the operator may seal everything anew, at the command line.")),
    }
}

/// Whether everything may be sealed with the key of this name: each Aviary that serves now has to know it.
///
/// # Errors
/// `Forbidden` for all but the operator; `Conflict` where one of them does not.
pub async fn may_seal_with(house: &House, viewer: &Viewer, key: &str) -> Result<(), Fault> {
    must_operate(viewer)?;
    serving::all_must_know(house, key).await
}

/// Whether all keys but the one of this name may be taken away, as far as the Aviaries are concerned that serve now: each
/// of them has to seal with that one.
///
/// # Errors
/// `Forbidden` for all but the operator; `Conflict` where one of them seals with another key.
pub async fn may_forget_all_but(house: &House, viewer: &Viewer, key: &str) -> Result<(), Fault> {
    must_operate(viewer)?;
    serving::all_must_seal_with(house, key).await
}

/// Seals everything with this sealer's first key that is sealed otherwise.
///
/// # Errors
/// `Forbidden` for all but the operator; `Conflict` where an Aviary serves that does not know that key; or where the
/// database refuses: then what was done so far stays.
pub async fn run(house: &House, viewer: &Viewer, sealer: &Sealer) -> Result<Vec<Count>, Fault> {
    may_seal_with(house, viewer, sealer.name()).await?;
    let mut counts = Vec::new();
    for place in PLACES {
        counts.push(one_place(house, viewer, sealer, *place).await?);
    }
    Ok(counts)
}

async fn one_place(house: &House, viewer: &Viewer, sealer: &Sealer, place: Place) -> Result<Count, Fault> {
    let mark = sealer.mark();
    let mut count = Count { place, secrets: 0, closed: 0 };
    let mut after = String::new();
    loop {
        let mut tx = house.store.begin().await?;
        let found = sealed::others(&mut tx, place, &mark, &after, AT_ONCE).await?;
        let Some(last) = found.last() else { return Ok(count) };
        after.clone_from(&last.key);
        let mut done = 0;
        for one in &found {
            let Some(secret) = sealer.try_open(&one.text, &one.owner) else {
                tracing::error!(%place, row = one.key, "a secret opens with none of the keys");
                count.closed += 1;
                continue;
            };
            let text = sealer.seal(&secret, &one.owner, &*house.chance)?;
            if sealed::replace(&mut tx, place, one, &text).await? {
                done += 1;
            }
        }
        if done > 0 {
            audit::note(house, &mut tx, viewer, "sealing.rekey", &place.to_string(), &format!("{done} secrets"))
                .await?;
        }
        tx.commit().await?;
        count.secrets += done;
    }
}

/// What is sealed otherwise than with this sealer's first key.
///
/// # Errors
/// `Forbidden` for all but the operator, or where the database refuses.
pub async fn left(house: &House, viewer: &Viewer, sealer: &Sealer) -> Result<Vec<Count>, Fault> {
    must_operate(viewer)?;
    let mut session = house.store.read().await?;
    let mut counts = Vec::new();
    for place in PLACES {
        let others = sealed::count_others(&mut session, *place, &sealer.mark()).await?;
        counts.push(Count { place: *place, secrets: u64::try_from(others).unwrap_or(0), closed: 0 });
    }
    Ok(counts)
}
