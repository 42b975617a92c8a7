//! What time ends at destinations, and what a removal left behind.

use super::REMOVED;
use crate::{
    house::House,
    store::alerts::{leases, links, proofs, queue},
};
use app::model::{fault::Fault, moment::DAY};

/// How long it is remembered which links were used, in milliseconds: a day longer than any can be followed.
const LINKS: i64 = 8 * DAY;

/// Forgets secrets that no longer sign, and which links were used that are too old to be followed anyway; gives up what
/// came to destinations just while they were removed.
///
/// # Errors
/// Where the database refuses.
pub async fn tidy(house: &House) -> Result<(), Fault> {
    let flavour = house.store.flavour();
    let mut tx = house.store.begin().await?;
    let outdated = proofs::with_old_secrets(&mut tx, house.now()).await?;
    leases::lock(&mut tx, flavour, outdated).await?;
    proofs::forget_old_secrets(&mut tx, house.now()).await?;
    links::forget(&mut tx, house.now().plus(-LINKS)).await?;
    tx.commit().await?;

    let left = queue::left_behind(&mut *house.store.read().await?).await?;
    for id in left {
        let mut tx = house.store.begin().await?;
        leases::lock(&mut tx, flavour, [id.clone()].into()).await?;
        let given_up = queue::give_up(&mut tx, flavour, &id, REMOVED, house.now(), || house.new_id()).await?;
        tx.commit().await?;
        tracing::info!(destination = %id, given_up, "alerts that came while it was removed were given up");
    }
    Ok(())
}
