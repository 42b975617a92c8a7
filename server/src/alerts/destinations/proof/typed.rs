//! A code that was sent to a destination, typed in by its owner: so it arrives, and they read what arrives.

use super::confirm;
use crate::{
    alerts::destinations::{find_mine, shown},
    house::House,
    people::{
        code_hash,
        limits::{self, Door},
    },
    store::alerts::proofs,
};
use app::model::{
    alert::{Destination, DestinationState},
    fault::{Fault, FaultKind},
    ids::DestinationId,
    viewer::Viewer,
};
use subtle::ConstantTimeEq as _;

/// How many codes may be typed in for one destination, however many were sent: a million would hit by chance.
const MOST: i64 = 10;

/// What is kept of a code: the same one of another destination has another hash.
pub(super) fn hash(id: &DestinationId, code: &str) -> String {
    code_hash(&format!("{id}:{code}"))
}

/// Confirms a destination by the code that was sent there.
///
/// # Errors
/// `NotFound`, `Forbidden`, `Conflict` where it is confirmed already or waits for no code, `TooMany` after ten wrong
/// ones, or `Invalid`.
pub async fn confirm_typed(
    house: &House,
    viewer: &Viewer,
    id: &DestinationId,
    typed: &str,
) -> Result<Destination, Fault> {
    let row = find_mine(house, viewer, id).await?;
    if row.state != DestinationState::Unconfirmed {
        return Err(Fault::conflict("It is confirmed already."));
    }
    let digits: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Fault::field("code", "expected the six digits of the message"));
    }
    limits::try_again(house, Door::Confirm, id.as_str(), &viewer.origin)?;
    let mut tx = house.store.begin().await?;
    // Counted before it is compared, so that those who guess at the same time do not get one guess more each.
    let attempt = proofs::attempt(&mut tx, id, house.now(), MOST).await?;
    let attempts = proofs::attempts(&mut tx, id).await?;
    tx.commit().await?;
    let right = match &attempt {
        Some(expected) => bool::from(hash(id, &digits).as_bytes().ct_eq(expected.as_bytes())),
        None if attempts >= MOST => return Err(worn_out()),
        None => return Err(Fault::conflict("No code is waited for, or it is too old. Send another message.")),
    };
    if !right {
        limits::failed(house, Door::Confirm, id.as_str(), &viewer.origin);
        return Err(Fault::field("code", "this is not the code of the last message"));
    }
    limits::passed(house, Door::Confirm, id.as_str(), &viewer.origin);
    confirm(house, viewer, &row, "by the code").await?;
    Ok(shown(house, find_mine(house, viewer, id).await?, viewer))
}

fn worn_out() -> Fault {
    Fault::new(FaultKind::TooMany, "Too many wrong codes were typed in. Remove this destination and make it again.")
}
