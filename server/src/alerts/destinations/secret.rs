//! What a destination hides: seen by its owner, or exchanged.

use super::{create::seal, find_mine, shown};
use crate::{
    alerts::channels::{unsealed, webhook},
    audit,
    house::{ChanceExt as _, House},
    people::{fresh, limits},
    store::alerts::{destinations, links, proofs},
};
use app::model::{
    alert::{DestinationKind, NewDestination},
    fault::Fault,
    ids::DestinationId,
    moment::DAY,
    secret::Secret,
    viewer::Viewer,
};

/// How long requests are signed with the secret before a rotation too, in milliseconds.
const BOTH: i64 = DAY;

/// How long it is remembered which links were used, in milliseconds: a day longer than any can be followed.
const LINKS: i64 = 8 * DAY;

/// Gives a webhook another signing secret, which is shown this once. For a day requests carry the signatures of both, so
/// that the endpoint can change over at any time of it.
///
/// # Errors
/// `NotFound`, `Forbidden`, or `Conflict` where it signs nothing, or somebody else rotates it at the same time.
pub async fn rotate_secret(house: &House, viewer: &Viewer, id: &DestinationId) -> Result<NewDestination, Fault> {
    let row = find_mine(house, viewer, id).await?;
    let before = match (row.kind, &row.sealed_secret) {
        (DestinationKind::Webhook, Some(sealed)) => sealed,
        _ => return Err(Fault::conflict("Only the signing secret of a webhook can be rotated.")),
    };
    let secret = webhook::new_secret(house.chance.bytes());
    let sealed = seal(house, &secret, id)?;
    let mut tx = house.store.begin().await?;
    if !proofs::rotate(&mut tx, id, before, &sealed, house.now().plus(BOTH)).await? {
        return Err(Fault::conflict("Somebody else has just rotated it."));
    }
    audit::note(house, &mut tx, viewer, "destination.rotate", &row.name, "").await?;
    let row = destinations::by_id(&mut tx, id).await?.ok_or_else(|| Fault::not_found("destination"))?;
    tx.commit().await?;
    Ok(NewDestination { destination: shown(house, row, viewer), secret: Some(secret) })
}

/// Forgets secrets that no longer sign, and which links were used that are too old to be followed anyway.
///
/// # Errors
/// Where the database refuses.
pub async fn tidy(house: &House) -> Result<(), Fault> {
    let mut tx = house.store.begin().await?;
    proofs::forget_old_secrets(&mut tx, house.now()).await?;
    links::forget(&mut tx, house.now().plus(-LINKS)).await?;
    Ok(tx.commit().await?)
}

/// The whole address of a destination whose address is hidden, for those who own it. It is written to the audit log.
///
/// # Errors
/// `NotFound`, `Forbidden`, `Conflict` where it hides none, `Stale`, where the viewer has to show first that it is them,
/// or `TooMany`.
pub async fn reveal(house: &House, viewer: &Viewer, id: &DestinationId) -> Result<Secret, Fault> {
    let row = find_mine(house, viewer, id).await?;
    if !row.kind.hides_address() {
        return Err(Fault::conflict("Its address is not hidden."));
    }
    fresh::must_be_fresh(house, viewer)?;
    limits::look(house, viewer)?;
    let secret = unsealed(house, &row).map_err(Fault::conflict)?;
    let mut tx = house.store.begin().await?;
    audit::note(house, &mut tx, viewer, "destination.reveal", &row.name, "").await?;
    tx.commit().await?;
    Ok(secret)
}
