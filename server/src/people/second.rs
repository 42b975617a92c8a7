//! The second factor, which is asked for after a password.

use crate::{house::House, store::Conn};
use app::model::{fault::Fault, ids::PersonId, viewer::Origin};

/// Whether this person is asked for a second factor.
///
/// # Errors
/// Where the database refuses.
pub async fn wanted(_conn: &mut Conn, _person: &PersonId) -> Result<bool, Fault> {
    Ok(false)
}

/// A ticket that says that the password was right: with it, the second factor can be shown.
///
/// # Errors
/// Where the database refuses.
pub async fn ticket(_house: &House, _person: &PersonId, _origin: &Origin) -> Result<String, Fault> {
    Err(Fault::internal())
}
