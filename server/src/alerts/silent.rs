//! Telling that alerts no longer arrive at a destination.

use super::{body::Body, outbox};
use crate::{
    house::House,
    store::{
        Tx,
        alerts::{
            destinations::DestinationRow,
            failing::{self, Witness},
            standing,
        },
    },
};
use app::model::{fault::Fault, ids::DestinationId};
use std::collections::BTreeMap;

/// Tells that a destination has begun to fail: whoever subscribed to such news each time, and those to whom it belongs
/// once a day at most. Nobody twice, and never the destination itself.
///
/// # Errors
/// Where the database refuses.
pub(super) async fn tell(house: &House, tx: &mut Tx, row: &DestinationRow, why: &str) -> Result<(), Fault> {
    let (now, base) = (house.now(), &house.config.base_url);
    let witnesses = failing::witnesses(tx, row).await?;
    let mut keepers = failing::keepers(tx, row).await?;
    keepers.retain(|keeper| witnesses.iter().all(|witness| witness.destination != *keeper));
    if !keepers.is_empty() && standing::may_tell(tx, &row.id, now).await? {
        let body = Body::failing(now, base, &row.id, &row.name, why);
        outbox::write(house, tx, &body, &keepers).await?;
    }
    // Those who read the same get the same alert.
    let mut told: BTreeMap<(bool, String), Vec<DestinationId>> = BTreeMap::new();
    for Witness { destination, because, sees } in witnesses {
        told.entry((sees, because)).or_default().push(destination);
    }
    for ((sees, because), to) in told {
        let body = match sees {
            true => Body::failing(now, base, &row.id, &row.name, why),
            false => Body::failing_elsewhere(now, &row.id),
        };
        outbox::write(house, tx, &body.because(&because), &to).await?;
    }
    Ok(())
}
