//! Addresses of webhooks. A part of the path or a value of the query is often their password, so that they are sealed at
//! rest; who owns the destination sees them whole all the same.

use super::mask;
use crate::{
    house::House,
    store::alerts::destinations::{self, DestinationRow},
};
use app::model::{alert::DestinationKind, fault::Fault, ids::DestinationId, secret::Secret};

/// For whom an address is sealed: it opens for this purpose only.
fn owner(id: &DestinationId) -> String {
    format!("address:{id}")
}

/// What is kept of a webhook's address: a mask, and the whole of it sealed.
///
/// # Errors
/// `Internal`, where it cannot be sealed.
pub(super) fn sealed(house: &House, id: &DestinationId, address: &str) -> Result<(String, String), Fault> {
    let sealed = house.sealer.seal(&Secret::new(address.to_owned()), &owner(id), &*house.chance)?;
    Ok((mask::masked(DestinationKind::Webhook, address), sealed))
}

/// The whole address of a destination; of a kind that hides it, its mask.
///
/// # Errors
/// Where it does not open: then the installation's key is another one than the one that sealed it.
pub(in crate::alerts) fn whole(house: &House, row: &DestinationRow) -> Result<String, Fault> {
    match &row.sealed_address {
        Some(sealed) => Ok(house.sealer.open(sealed, &owner(&row.id))?.expose().to_owned()),
        None => Ok(row.address.clone()),
    }
}

/// Seals the addresses that stand in the open since before they were sealed; how many those are. Done at each start:
/// doing it again changes nothing.
///
/// # Errors
/// Where the database refuses.
pub async fn seal_addresses(house: &House) -> Result<usize, Fault> {
    let open = destinations::in_the_open(&mut *house.store.read().await?).await?;
    if open.is_empty() {
        return Ok(0);
    }
    let mut tx = house.store.begin().await?;
    for (id, address, there) in &open {
        let (mask, sealed) = sealed(house, id, address)?;
        // Of one that was removed nobody needs the whole of it.
        destinations::close_address(&mut tx, id, address, &mask, there.then_some(sealed.as_str())).await?;
    }
    tx.commit().await?;
    tracing::info!(addresses = open.len(), "addresses of webhooks were sealed");
    Ok(open.len())
}
