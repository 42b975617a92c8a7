//! What can go wrong in the store.

use app::model::fault::Fault;

/// The database refused or did not answer. The message may carry SQL, but never a bound value.
#[derive(Debug, thiserror::Error)]
#[error("database: {0}")]
pub struct StoreError(#[from] pub(super) sqlx::Error);

impl StoreError {
    /// Whether a row with the same unique value is there already.
    pub fn is_unique_violation(&self) -> bool {
        matches!(&self.0, sqlx::Error::Database(error) if error.is_unique_violation())
    }

    /// A stored value does not have the form that this program wrote.
    pub(super) fn corrupt(what: &str) -> Self {
        Self(sqlx::Error::Decode(what.to_owned().into()))
    }
}

/// A failing database is our fault and no business of the caller's; the log has the rest.
impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the database refused");
        Fault::internal()
    }
}
