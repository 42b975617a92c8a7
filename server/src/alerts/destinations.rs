//! Destinations: who sees them, who may change them, and what there is to do with one.

pub mod create;
mod mask;
pub mod proof;
pub mod sealing;
pub mod secret;
pub mod tidy;

use super::{body::Body, outbox};
use crate::{
    audit::{self, Audited, Facts, Subject},
    house::House,
    store::alerts::{
        destinations::{self, DestinationRow, Sight},
        held, hooks, leases, queue, subscriptions,
    },
};
use app::model::{
    alert::{Destination, DestinationState},
    fault::Fault,
    ids::{DeliveryId, DestinationId, TeamId},
    viewer::{Act, Viewer},
};

/// Why what was on its way to a destination is given up when that is removed.
const REMOVED: &str = "The destination was removed.";

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
    audit::note_on(house, &mut tx, viewer, "destination.test", audit_subject(&row)).await?;
    tx.commit().await?;
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
    let subscribed = subscriptions::of_destination(&mut tx, id).await?.len();
    if !destinations::remove(&mut tx, id, now).await? {
        return Err(Fault::not_found("destination"));
    }
    subscriptions::delete_of(&mut tx, id).await?;
    hooks::remove(&mut tx, id).await?;
    // A digest that is just being written holds what it takes; what it then sends there is given up as well.
    let held = held::forget_of(&mut tx, id).await?;
    let given_up = queue::give_up(&mut tx, house.store.flavour(), id, REMOVED, now, || house.new_id()).await?;
    let detail = match (given_up, held) {
        (0, 0) => String::new(),
        (n, 0) => format!("{n} alerts on their way were given up"),
        (n, held) => format!("{n} alerts on their way were given up, {held} that were held for a digest are forgotten"),
    };
    let before = row.audited().with("subscriptions", i64::try_from(subscribed).unwrap_or(i64::MAX));
    let what = ("destination.remove", detail.as_str());
    audit::changed(house, &mut tx, viewer, what, audit_subject(&row), before, Facts::default()).await?;
    Ok(tx.commit().await?)
}

/// A destination in the audit log.
pub(super) fn audit_subject(row: &DestinationRow) -> Subject {
    Subject::new("destination", row.id.as_str(), &row.name)
}

impl Audited for DestinationRow {
    fn audited(&self) -> Facts {
        // Where it is of no use to know all of it: the path of a webhook is often its password.
        Facts::default()
            .with("kind", self.kind.word())
            .with("name", &self.name)
            .with("address", mask::masked(self.kind, &self.address))
            .with("team", self.team.as_deref())
            .with("state", self.state.word())
            .with("made_by", &self.created_by)
    }
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
    is_in_sight(&row.owner_id, row.team_id.as_ref(), viewer, act)
}

/// As [`sees`], of the destination of this owner, or of this team.
fn is_in_sight(owner_id: &str, team: Option<&TeamId>, viewer: &Viewer, act: Act) -> bool {
    viewer.may(Act::ManageDestinations, team)
        || match team {
            Some(team) => viewer.may(act, Some(team)),
            None => owner_id == audit::actor_id(viewer),
        }
}

/// Whether a viewer may see the whole address, and test and remove the destination: who made it, and admins.
pub(super) fn is_mine(row: &DestinationRow, viewer: &Viewer) -> bool {
    is_owned(&row.owner_id, row.team_id.as_ref(), viewer)
}

/// As [`is_mine`], of the destination of this owner, or of this team.
pub(super) fn is_owned(owner_id: &str, team: Option<&TeamId>, viewer: &Viewer) -> bool {
    let own = || owner_id == audit::actor_id(viewer) && viewer.may_somewhere(Act::Subscribe);
    viewer.may(Act::ManageDestinations, team) || (own() && is_in_sight(owner_id, team, viewer, Act::Subscribe))
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
    Err(Fault::only_of(&row.created_by))
}

/// A destination as this viewer sees it.
pub(super) fn shown(house: &House, row: DestinationRow, viewer: &Viewer) -> Destination {
    let mine = is_mine(&row, viewer);
    let now = house.now();
    let unconfirmed = row.state == DestinationState::Unconfirmed;
    // Where it does not open, which the log says, its mask is what there is to show.
    let address = match mine {
        true => sealing::whole(house, &row).unwrap_or_else(|_| row.address.clone()),
        false => mask::masked(row.kind, &row.address),
    };
    Destination {
        mine,
        settings: if mine { row.settings } else { serde_json::json!({}) },
        awaits_code: unconfirmed && row.proof_until.is_some_and(|until| now < until),
        old_secret_until: row.old_secret_until.filter(|until| now < *until),
        address,
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
