//! Sending again what a destination did not take.

use super::destinations::{audit_subject, find, find_mine};
use crate::{
    audit,
    house::House,
    store::alerts::{kept, leases},
};
use app::model::{
    alert::{DestinationState, Kept, Replayed},
    fault::Fault,
    ids::DestinationId,
    moment::Moment,
    viewer::Viewer,
};

/// How many alerts go on their way again at once. Whoever wants more asks again.
const MOST: i64 = 1_000;

/// What is kept for a destination.
///
/// # Errors
/// `NotFound`.
pub async fn kept(house: &House, viewer: &Viewer, id: &DestinationId) -> Result<Kept, Fault> {
    find(house, viewer, id).await?;
    Ok(kept::of(&mut *house.store.read().await?, id).await?)
}

/// Sends again what was caused since `from` and is kept, the oldest first; with `all` also what was accepted. Each keeps
/// its identifier, so that a receiver can drop what it has.
///
/// # Errors
/// `NotFound`, `Forbidden`, or `Conflict` where the destination is not confirmed.
pub async fn replay(
    house: &House,
    viewer: &Viewer,
    id: &DestinationId,
    from: Moment,
    all: bool,
) -> Result<Replayed, Fault> {
    let row = find_mine(house, viewer, id).await?;
    if row.state == DestinationState::Unconfirmed {
        return Err(Fault::conflict("It is not confirmed yet, so nothing is sent there."));
    }
    let mut tx = house.store.begin().await?;
    leases::lock(&mut tx, house.store.flavour(), [id.clone()].into()).await?;
    let before = kept::count(&mut tx, id, from, all).await?;
    let queued = kept::release(&mut tx, id, from, all, house.now(), MOST).await?;
    if queued > 0 {
        leases::at_once(&mut tx, id, house.now()).await?;
        tx.deliver([id.clone()]);
        let detail = format!("{queued} alerts since {}{}", from.exact(), if all { ", accepted ones too" } else { "" });
        let what = ("destination.replay", detail.as_str());
        audit::note_on(house, &mut tx, viewer, what, audit_subject(&row)).await?;
    }
    tx.commit().await?;
    Ok(Replayed { queued, left: (before - queued).max(0) })
}
