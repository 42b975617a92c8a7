//! News of what people and programs do in Aviary itself: each entry of the audit log goes out to those who subscribed to
//! that, as a SIEM does, with its place and its hash. So the log stands in a second place, which nobody who changes the
//! first one can change.
//!
//! Entries are told at once, each alone, whatever the pace and the quiet hours: a digest of what an intruder did would
//! come too late. To hand one over causes no entry, so that there is no end to fear.

use super::body::Body;
use crate::{
    house::House,
    store::{
        Tx,
        alerts::queue::{AlertRow, News},
        audit::Tell,
    },
};
use app::model::{alert::AlertKind, audit::AuditEntry, fault::Fault, ids::DeliveryId};

/// Finds out who hears of entries now; `None` where nobody does. What is given back makes the news of one entry once that
/// has its place.
///
/// # Errors
/// Where the database refuses.
pub(crate) async fn tell(house: &House, tx: &mut Tx) -> Result<Option<Tell>, Fault> {
    let hearers = tx.hearers().await?;
    if hearers.is_empty() {
        return Ok(None);
    }
    let id = house.new_id();
    let to: Vec<_> = hearers.into_iter().map(|destination| (DeliveryId(house.new_id()), destination)).collect();
    let base_url = house.config.base_url.clone();
    let tell: Tell = Box::new(move |entry: &AuditEntry| {
        let body = Body::audited(&base_url, entry);
        match serde_json::to_string(&body) {
            Ok(payload) => {
                let (kind, summary, created_at) = (AlertKind::Audit, body.summary(), body.timestamp);
                Some(News {
                    alert: AlertRow { id, kind, token_id: None, hit_id: None, summary, payload, created_at },
                    to,
                })
            }
            Err(error) => {
                tracing::error!(%error, "an entry of the audit log cannot be told as JSON");
                None
            }
        }
    });
    Ok(Some(tell))
}
