//! ROOM audit: every change, every reveal, every sign-in and some refusals, written in the transaction of the change
//! itself, and chained, so that nobody can take one away or change one unseen.
//!
//! The rooms say what they do with [`note`], [`note_on`] or [`changed`]. The entry gets its place in the chain at the end
//! of the transaction (`store::Tx::commit`), and goes out from there to those who hear of entries.

mod begin;
pub mod export;
pub mod facts;
mod refusals;
mod things;
mod verify;

pub use begin::begin;
pub use facts::{Audited, Facts, Plain};
pub use refusals::{Refusals, refused};
pub use verify::{Expected, Verified, head, verify};

use crate::{
    alerts::audited,
    house::House,
    store::{
        self, Tx,
        audit::{Pending, Wanted},
        cursor::{self, Cursor},
    },
};
use app::model::{
    audit::{AuditEntry, AuditQuery, actor_kind},
    fault::{Fault, FieldFault},
    list::Page,
    moment::{DAY, Moment},
    viewer::{Act, Actor, Viewer},
};

/// What something was done to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// What sort of thing: `token`, `person`, `destination`, …
    pub kind: &'static str,
    /// Its identifier; empty where it has none.
    pub id: String,
    /// A name that people recognise.
    pub name: String,
}

impl Subject {
    /// A thing of this sort, with this identifier and this name.
    pub fn new(kind: &'static str, id: &str, name: &str) -> Self {
        Self { kind, id: id.to_owned(), name: name.to_owned() }
    }
}

/// What somebody does, and more about it in words. An act alone is one about which there is no more to say.
#[derive(Clone, Copy, Debug)]
pub struct What<'a> {
    act: &'a str,
    detail: &'a str,
}

impl<'a> From<&'a str> for What<'a> {
    fn from(act: &'a str) -> Self {
        Self { act, detail: "" }
    }
}

impl<'a> From<(&'a str, &'a str)> for What<'a> {
    fn from((act, detail): (&'a str, &'a str)) -> Self {
        Self { act, detail }
    }
}

/// Notes what a viewer does. `detail` says what changed in words, and never holds a secret. Where the thing has an
/// identifier, [`note_on`] says more.
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
    // What an act is done to is the first half of its name.
    let kind = act.split('.').next().unwrap_or_default().to_owned();
    let entry = AuditEntry { subject_kind: kind, subject: subject.to_owned(), ..entry(house, viewer, (act, detail)) };
    put(house, tx, entry).await
}

/// Notes what a viewer does to a thing that stays as it is: looks at its secret, sends it a test.
///
/// # Errors
/// As [`note`].
pub async fn note_on<'a>(
    house: &House,
    tx: &mut Tx,
    viewer: &Viewer,
    what: impl Into<What<'a>>,
    subject: Subject,
) -> Result<(), Fault> {
    put(house, tx, about(entry(house, viewer, what), subject)).await
}

/// Notes what a viewer changes: of all facts before and after, those that differ. One that is made has no facts before,
/// and one that is taken away none after.
///
/// # Errors
/// As [`note`].
pub async fn changed<'a>(
    house: &House,
    tx: &mut Tx,
    viewer: &Viewer,
    what: impl Into<What<'a>>,
    subject: Subject,
    before: Facts,
    after: Facts,
) -> Result<(), Fault> {
    let (before, after) = facts::difference(before, after);
    put(house, tx, AuditEntry { before, after, ..about(entry(house, viewer, what), subject) }).await
}

fn entry<'a>(house: &House, viewer: &Viewer, what: impl Into<What<'a>>) -> AuditEntry {
    let What { act, detail } = what.into();
    AuditEntry {
        id: house.new_id(),
        at: house.now(),
        actor_kind: actor_kind(&viewer.actor).to_owned(),
        actor_id: actor_id(viewer).to_owned(),
        actor: viewer.name.clone(),
        act: act.to_owned(),
        detail: detail.to_owned(),
        address: viewer.origin.address.clone(),
        request_id: viewer.origin.request_id.clone(),
        agent: viewer.origin.agent.clone(),
        ..AuditEntry::default()
    }
}

fn about(entry: AuditEntry, subject: Subject) -> AuditEntry {
    let Subject { kind, id, name } = subject;
    AuditEntry { subject_kind: kind.to_owned(), subject_id: id, subject: name, ..entry }
}

/// Who hears of it is found out now, so that whoever is made deaf by a change still hears of that change.
async fn put(house: &House, tx: &mut Tx, entry: AuditEntry) -> Result<(), Fault> {
    let tell = audited::tell(house, tx).await?;
    tx.note(Pending { entry, sealer: house.sealer.clone(), tell });
    Ok(())
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
/// `Forbidden` for everybody else; `Invalid` for `from`, `to` or `after`.
pub async fn list(house: &House, viewer: &Viewer, query: &AuditQuery) -> Result<Page<AuditEntry>, Fault> {
    viewer.must(Act::ReadAudit)?;
    let wanted = wanted(query)?;
    let after = Cursor::decode_option(query.after.as_deref())?;
    let size = cursor::page_size(query.limit);
    let entries = store::audit::list(&mut *house.store.read().await?, &wanted, after.as_ref(), size).await?;
    Ok(cursor::page(entries, size, |entry| Cursor::new(entry.seq, &entry.id)))
}

/// What a query wants, with its times read.
fn wanted(query: &AuditQuery) -> Result<Wanted, Fault> {
    let text = |text: &str| text.trim().to_owned();
    let mut wrong = Vec::new();
    let mut time = |field: &str, typed: &str| {
        let typed = typed.trim();
        let read = Moment::parse(typed);
        if read.is_none() && !typed.is_empty() {
            let message = "expected a day such as 2027-03-01, or a time such as 2027-03-01T14:00:00Z".to_owned();
            wrong.push(FieldFault { field: field.to_owned(), message });
        }
        read
    };
    let (from, to) = (time("from", &query.from), time("to", &query.to));
    if !wrong.is_empty() {
        return Err(Fault::invalid(wrong));
    }
    // `2027-03-01` is all of that day.
    let day = text(&query.to).len() == "2027-03-01".len();
    Ok(Wanted {
        act: text(&query.act),
        who: text(&query.who),
        subject: text(&query.subject),
        address: text(&query.address),
        from,
        until: to.map(|to| to.plus(if day { DAY } else { 1 })),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_meant_whole_and_what_is_no_time_is_refused_by_its_field() {
        let query = |from: &str, to: &str| AuditQuery { from: from.into(), to: to.into(), ..AuditQuery::default() };
        let wanted_days = wanted(&query("2027-03-01", "2027-03-01")).unwrap();
        assert_eq!(wanted_days.until.unwrap().since(wanted_days.from.unwrap()), DAY);
        let wanted_time = wanted(&query("", " 2027-03-01T14:00:00Z ")).unwrap();
        assert_eq!(wanted_time.until, Moment::parse("2027-03-01T14:00:00.001Z"));
        let fault = wanted(&query("soon", "later")).unwrap_err();
        assert!(fault.of("from").is_some() && fault.of("to").is_some());
    }
}
