//! Destinations: who sees them, who may change them, and what there is to do with one.

pub mod create;
mod mask;
pub mod proof;
pub mod secret;

use super::{body::Body, outbox};
use crate::{
    audit,
    house::House,
    store::alerts::{
        destinations::{self, DestinationRow, Sight},
        held, leases, queue, subscriptions, tickets,
    },
};
use app::model::{
    alert::{Destination, DestinationState},
    fault::Fault,
    ids::{DeliveryId, DestinationId},
    viewer::{Act, Viewer},
};

/// Destinations that the viewer may see, by name.
///
/// # Errors
/// `Forbidden` for those who may see none.
pub async fn destinations(house: &House, viewer: &Viewer) -> Result<Vec<Destination>, Fault> {
    viewer.must(Act::SeeDestinations)?;
    let rows = destinations::list(&mut *house.store.read().await?, &sight(viewer, Act::SeeDestinations)).await?;
    Ok(rows.into_iter().map(|row| shown(house, row, viewer)).collect())
}

/// Whether all of these are there for the viewer, so that they may let them hear about something.
///
/// # Errors
/// `Forbidden` for those who may let none hear.
pub async fn all_visible(house: &House, viewer: &Viewer, ids: &[DestinationId]) -> Result<bool, Fault> {
    if ids.is_empty() {
        return Ok(true);
    }
    viewer.must(Act::Subscribe)?;
    let rows = destinations::list(&mut *house.store.read().await?, &sight(viewer, Act::Subscribe)).await?;
    Ok(ids.iter().all(|id| rows.iter().any(|row| row.id == *id)))
}

/// One destination.
///
/// # Errors
/// `NotFound`.
pub async fn destination(house: &House, viewer: &Viewer, id: &DestinationId) -> Result<Destination, Fault> {
    Ok(shown(house, find(house, viewer, id).await?, viewer))
}

/// Sends a test to a destination: an alert like any other, which appears among its deliveries; which one it is there.
///
/// # Errors
/// `NotFound`, `Forbidden`, or `Conflict` where it is not confirmed.
pub async fn test(house: &House, viewer: &Viewer, id: &DestinationId) -> Result<DeliveryId, Fault> {
    let row = find_mine(house, viewer, id).await?;
    if row.state == DestinationState::Unconfirmed {
        return Err(Fault::conflict(
            "It is not confirmed yet, so nothing is sent there but the question whether it may.",
        ));
    }
    let mut tx = house.store.begin().await?;
    let body = Body::test(house.now(), &row.id, &row.name);
    let mut written = outbox::write(house, &mut tx, &body, std::slice::from_ref(&row.id)).await?;
    let delivery = written.pop().ok_or_else(Fault::internal)?;
    leases::at_once(&mut tx, &row.id, house.now()).await?;
    audit::note(house, &mut tx, viewer, "destination.test", &row.name, "").await?;
    tx.commit().await?;
    house.bell.deliveries();
    Ok(delivery)
}

/// Takes a destination out of use: its subscriptions end, and what waits for it is given up. Its deliveries stay in the
/// log.
///
/// # Errors
/// `NotFound`, or `Forbidden`.
pub async fn remove(house: &House, viewer: &Viewer, id: &DestinationId) -> Result<(), Fault> {
    let row = find_mine(house, viewer, id).await?;
    let now = house.now();
    let mut tx = house.store.begin().await?;
    if !destinations::remove(&mut tx, id, now).await? {
        return Err(Fault::not_found("destination"));
    }
    subscriptions::delete_of(&mut tx, id).await?;
    tickets::remove_hook(&mut tx, id).await?;
    let given_up = queue::give_up(&mut tx, id, "The destination was removed.", now, || house.new_id()).await?;
    let held = held::forget_of(&mut tx, id).await?;
    let detail = match (given_up, held) {
        (0, 0) => String::new(),
        (n, 0) => format!("{n} alerts on their way were given up"),
        (n, held) => format!("{n} alerts on their way were given up, {held} that were held for a digest are forgotten"),
    };
    audit::note(house, &mut tx, viewer, "destination.remove", &row.name, &detail).await?;
    Ok(tx.commit().await?)
}

/// Whose destinations are there for a viewer who would do this with them: their own, those of the teams in which they
/// may do it, and all for admins.
pub(super) fn sight(viewer: &Viewer, act: Act) -> Sight {
    Sight {
        all: viewer.may(Act::ManageDestinations, None),
        actor: audit::actor_id(viewer).to_owned(),
        teams: viewer.reach(act),
    }
}

/// Whether a destination is there for a viewer who would do this with it.
pub(super) fn sees(row: &DestinationRow, viewer: &Viewer, act: Act) -> bool {
    viewer.may(Act::ManageDestinations, row.team_id.as_ref())
        || match &row.team_id {
            Some(team) => viewer.may(act, Some(team)),
            None => row.owner_id == audit::actor_id(viewer),
        }
}

/// Whether a viewer may see the whole address, and test and remove the destination: who made it, and admins.
pub(super) fn is_mine(row: &DestinationRow, viewer: &Viewer) -> bool {
    let own = || row.owner_id == audit::actor_id(viewer) && viewer.may_somewhere(Act::Subscribe);
    viewer.may(Act::ManageDestinations, row.team_id.as_ref()) || (own() && sees(row, viewer, Act::Subscribe))
}

/// Goes on where a viewer may change destinations at all, their own or those of others.
pub(super) fn must_change_some(viewer: &Viewer) -> Result<(), Fault> {
    if viewer.may_somewhere(Act::ManageDestinations) { Ok(()) } else { viewer.must(Act::Subscribe) }
}

/// A destination that the viewer may see.
pub(super) async fn find(house: &House, viewer: &Viewer, id: &DestinationId) -> Result<DestinationRow, Fault> {
    viewer.must(Act::SeeDestinations)?;
    let row = destinations::by_id(&mut *house.store.read().await?, id).await?;
    row.filter(|row| sees(row, viewer, Act::SeeDestinations)).ok_or_else(|| Fault::not_found("destination"))
}

/// A destination that is there for a viewer who would change something about it.
pub(super) async fn find_to_change(
    house: &House,
    viewer: &Viewer,
    id: &DestinationId,
) -> Result<DestinationRow, Fault> {
    must_change_some(viewer)?;
    let row = destinations::by_id(&mut *house.store.read().await?, id).await?;
    row.filter(|row| sees(row, viewer, Act::Subscribe)).ok_or_else(|| Fault::not_found("destination"))
}

/// Goes on where the viewer owns this destination, or manages it: before anything is said about what they sent.
///
/// # Errors
/// `NotFound`, or `Forbidden`.
pub async fn must_own(house: &House, viewer: &Viewer, id: &DestinationId) -> Result<(), Fault> {
    find_mine(house, viewer, id).await.map(|_| ())
}

pub(super) async fn find_mine(house: &House, viewer: &Viewer, id: &DestinationId) -> Result<DestinationRow, Fault> {
    let row = find_to_change(house, viewer, id).await?;
    if is_mine(&row, viewer) {
        return Ok(row);
    }
    Err(Fault::forbidden(format!("Only {} and admins may do this.", row.created_by)))
}

/// A destination as this viewer sees it.
pub(super) fn shown(house: &House, row: DestinationRow, viewer: &Viewer) -> Destination {
    let mine = is_mine(&row, viewer);
    let now = house.now();
    let unconfirmed = row.state == DestinationState::Unconfirmed;
    Destination {
        mine,
        settings: if mine { row.settings } else { serde_json::json!({}) },
        awaits_code: unconfirmed && row.proof_until.is_some_and(|until| now < until),
        old_secret_until: row.old_secret_until.filter(|until| now < *until),
        address: if mine { row.address } else { mask::masked(row.kind, &row.address) },
        id: row.id,
        kind: row.kind,
        name: row.name,
        state: row.state,
        team: row.team,
        created_by: row.created_by,
        created_at: row.created_at,
        last_error: row.last_error,
    }
}
