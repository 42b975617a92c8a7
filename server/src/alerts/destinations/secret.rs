//! What a destination hides: seen by its owner, or exchanged.

use super::{audit_subject, create::seal, find_mine, shown};
use crate::{
    alerts::{
        callback,
        channels::{self, unsealed, webhook},
    },
    audit,
    house::{ChanceExt as _, House},
    people::{fresh, limits},
    store::alerts::{destinations, proofs},
};
use app::model::{
    alert::{DestinationKind, NewDestination},
    fault::Fault,
    ids::DestinationId,
    moment::DAY,
    secret::Secret,
    viewer::{Act, Viewer},
};

/// How long the secret before a rotation counts too, in milliseconds.
const BOTH: i64 = DAY;

/// Gives a webhook another signing secret, or Jira another one for what it calls back with, which is shown this once.
/// For a day both count, so that the other side can change over at any time of it.
///
/// # Errors
/// `NotFound`, `Forbidden`, or `Conflict` where it signs nothing, or somebody else rotates it at the same time.
pub async fn rotate_secret(house: &House, viewer: &Viewer, id: &DestinationId) -> Result<NewDestination, Fault> {
    let row = find_mine(house, viewer, id).await?;
    // Whoever knows the secret may do here what the settings name, to any token that the destination heard of.
    if channels::acts_here(row.kind, &row.settings) && !viewer.may(Act::ManageDestinations, None) {
        return Err(Fault::forbidden(
            "Only an admin of the installation may rotate it: with it somebody may act here.",
        ));
    }
    let until = house.now().plus(BOTH);
    let mut tx = house.store.begin().await?;
    let (secret, rotated) = match (row.kind, &row.sealed_secret) {
        (DestinationKind::Webhook, Some(before)) => {
            let secret = webhook::new_secret(house.chance.bytes());
            let sealed = seal(house, &secret, id)?;
            let rotated = proofs::rotate(&mut tx, id, before, &sealed, until).await?;
            (secret, rotated)
        }
        (DestinationKind::Jira, _) => callback::rotate(house, &mut tx, id, until).await?,
        _ => return Err(Fault::conflict("Only the secret of a webhook, or of Jira's webhook back, can be rotated.")),
    };
    if !rotated {
        return Err(Fault::conflict("Somebody else has just rotated it."));
    }
    audit::note_on(house, &mut tx, viewer, "destination.rotate", audit_subject(&row)).await?;
    let row = destinations::by_id(&mut tx, id).await?.ok_or_else(|| Fault::not_found("destination"))?;
    tx.commit().await?;
    Ok(NewDestination { destination: shown(house, row, viewer), secret: Some(secret) })
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
    audit::note_on(house, &mut tx, viewer, "destination.reveal", audit_subject(&row)).await?;
    tx.commit().await?;
    Ok(secret)
}
