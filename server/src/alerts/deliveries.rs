//! The log of deliveries.

use super::destinations::{is_mine, is_owned, must_change_some, sight};
use crate::{
    audit,
    house::House,
    store::{
        alerts::{
            deliveries::{self, Logged},
            destinations, leases,
        },
        cursor::{self, Cursor},
    },
};
use app::model::{
    alert::{Delivery, DeliveryQuery, DeliveryState},
    fault::Fault,
    ids::DeliveryId,
    list::Page,
    viewer::{Act, Viewer},
};
use std::time::Duration;

/// How often whoever waits for an attempt looks.
const LOOK: Duration = Duration::from_millis(100);

/// Deliveries to destinations that the viewer may see, newest first, each with its attempts.
///
/// # Errors
/// `Forbidden` for those who may see none; `Invalid` where the cursor is none of ours.
pub async fn deliveries(house: &House, viewer: &Viewer, query: &DeliveryQuery) -> Result<Page<Delivery>, Fault> {
    viewer.must(Act::SeeDestinations)?;
    let after = Cursor::decode_option(query.after.as_deref())?;
    let size = cursor::page_size(query.limit);
    let mut session = house.store.read().await?;
    let sight = sight(viewer, Act::SeeDestinations);
    let found = deliveries::list(&mut session, &sight, query, after.as_ref(), size).await?;
    let found: Vec<Delivery> = found.into_iter().map(|logged| shown(logged, viewer)).collect();
    Ok(cursor::page(found, size, |delivery| Cursor::new(0, &delivery.id.0)))
}

/// One delivery with its attempts.
///
/// # Errors
/// `NotFound` where the viewer may not see its destination, or there is none.
pub async fn delivery(house: &House, viewer: &Viewer, id: &DeliveryId) -> Result<Delivery, Fault> {
    viewer.must(Act::SeeDestinations)?;
    let sight = sight(viewer, Act::SeeDestinations);
    let found = deliveries::by_id(&mut *house.store.read().await?, &sight, id).await?;
    found.map(|logged| shown(logged, viewer)).ok_or_else(|| Fault::not_found("delivery"))
}

/// A delivery as this viewer sees it.
fn shown(logged: Logged, viewer: &Viewer) -> Delivery {
    let Logged { delivery, owner_id, team_id, removed } = logged;
    let mine = !removed && is_owned(&owner_id, team_id.as_ref(), viewer);
    Delivery { mine, ..delivery }
}

/// Waits for the first attempt at a delivery, but not longer than `patience`; whether there was one.
///
/// # Errors
/// As [`delivery`].
pub async fn first_attempt(house: &House, viewer: &Viewer, id: &DeliveryId, patience: Duration) -> Result<bool, Fault> {
    let attempted = async {
        while delivery(house, viewer, id).await?.attempts.is_empty() {
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    };
    match tokio::time::timeout(patience, attempted).await {
        Ok(done) => done.map(|()| true),
        Err(_) => Ok(false),
    }
}

/// Sends a delivery again that is kept or was given up. Whoever may test its destination may do so.
///
/// # Errors
/// `NotFound`, `Forbidden`, or `Conflict` where it is neither or its destination is gone.
pub async fn retry(house: &House, viewer: &Viewer, id: &DeliveryId) -> Result<Delivery, Fault> {
    must_change_some(viewer)?;
    let sight = sight(viewer, Act::Subscribe);
    let mut tx = house.store.begin().await?;
    let found = deliveries::by_id(&mut tx, &sight, id).await?;
    let found = found.ok_or_else(|| Fault::not_found("delivery"))?.delivery;
    let Some(row) = destinations::by_id(&mut tx, &found.destination_id).await? else {
        return Err(Fault::conflict(format!("{} was removed, so nothing can be sent there.", found.destination)));
    };
    if !is_mine(&row, viewer) {
        return Err(Fault::only_of(&row.created_by));
    }
    leases::lock(&mut tx, house.store.flavour(), [row.id.clone()].into()).await?;
    if !deliveries::revive(&mut tx, id, house.now()).await? {
        return Err(Fault::conflict(match found.state {
            DeliveryState::Sent => "It was accepted already.",
            DeliveryState::Waiting | DeliveryState::Held | DeliveryState::Dead => "It is on its way already.",
        }));
    }
    leases::at_once(&mut tx, &row.id, house.now()).await?;
    tx.deliver([row.id.clone()]);
    let subject = audit::Subject::new("delivery", found.id.as_str(), &found.destination);
    audit::note_on(house, &mut tx, viewer, ("delivery.retry", found.summary.as_str()), subject).await?;
    let again = deliveries::by_id(&mut tx, &sight, id).await?.ok_or_else(Fault::internal)?;
    tx.commit().await?;
    Ok(shown(again, viewer))
}
