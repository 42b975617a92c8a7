//! The audit log: every change and every reveal, written in the transaction of the change itself.

use crate::{
    house::House,
    store::{
        self, Tx,
        cursor::{self, Cursor},
    },
};
use app::model::{
    audit::{AuditEntry, AuditQuery},
    fault::Fault,
    list::Page,
    viewer::{Act, Actor, Viewer},
};

/// Notes what a viewer does. `detail` says what changed in words, and never holds a secret.
///
/// # Errors
/// Where the database refuses; then the change must not be committed either.
pub async fn note(
    house: &House,
    tx: &mut Tx,
    viewer: &Viewer,
    act: &str,
    subject: &str,
    detail: &str,
) -> Result<(), Fault> {
    let entry = AuditEntry {
        id: house.new_id(),
        at: house.now(),
        actor: viewer.name.clone(),
        act: act.to_owned(),
        subject: subject.to_owned(),
        detail: detail.to_owned(),
        from: viewer.origin.address.clone(),
    };
    Ok(store::audit::insert(tx, &entry, actor_id(viewer)).await?)
}

/// The identifier of who acts.
pub fn actor_id(viewer: &Viewer) -> &str {
    match &viewer.actor {
        Actor::Person(id) => id.as_str(),
        Actor::ApiKey(id) => id.as_str(),
        Actor::System(name) => name,
    }
}

/// The log, newest first; for those who may read it.
///
/// # Errors
/// `Forbidden` for everybody else.
pub async fn list(house: &House, viewer: &Viewer, query: &AuditQuery) -> Result<Page<AuditEntry>, Fault> {
    viewer.must(Act::ReadAudit)?;
    let after = Cursor::decode_option(query.after.as_deref())?;
    let size = cursor::page_size(query.limit);
    let entries = store::audit::list(&mut *house.store.read().await?, query, after.as_ref(), size).await?;
    Ok(cursor::page(entries, size, |entry| Cursor::new(0, &entry.id)))
}
