//! Whether somebody has proved lately who they are.

use crate::house::House;
use app::model::{fault::Fault, moment::MINUTE, viewer::Viewer};

/// For how long a proof counts.
const FRESH: i64 = 10 * MINUTE;

/// Lets pass who proved within ten minutes who they are, and who is no person.
///
/// # Errors
/// `Forbidden`, where the proof is older.
pub fn must_be_fresh(house: &House, viewer: &Viewer) -> Result<(), Fault> {
    match viewer.proven_at {
        Some(at) if viewer.person().is_some() && house.now().since(at) > FRESH => {
            Err(Fault::forbidden("Confirm that it is you."))
        }
        _ => Ok(()),
    }
}
