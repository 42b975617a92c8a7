//! The audit log. Entries are only ever added, each at the end of a chain.

mod chain;
mod link;

pub(super) use chain::append;
pub use chain::{Head, KEY, Pending, Tell, chain_old, count_outside, head, key, links, lock, sealed_key};
pub use link::{Link, seal};

use super::{
    Conn, StoreError, Stored,
    cursor::Cursor,
    sql::{Sql, like},
};
use app::model::{audit::AuditEntry, moment::Moment};
use sqlx::{Row as _, any::AnyRow};
use std::collections::BTreeMap;

/// Which entries are wanted. What is empty narrows nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// This act; with a `*` at its end, all that begin so.
    pub act: String,
    /// In the name of who did it, or their identifier.
    pub who: String,
    /// In the name of the thing or in the details, or the thing's identifier.
    pub subject: String,
    /// How the address begins.
    pub address: String,
    /// Not before then.
    pub from: Option<Moment>,
    /// Before then.
    pub until: Option<Moment>,
}

impl Wanted {
    fn narrow(&self, sql: &mut Sql) {
        match self.act.strip_suffix('*') {
            Some(start) => {
                sql.push(" AND act LIKE ").bind(beginning(start)).push(" ESCAPE '\\'");
            }
            None if self.act.is_empty() => {}
            None => {
                sql.push(" AND act = ").bind(self.act.clone());
            }
        }
        if !self.who.is_empty() {
            sql.push(" AND (LOWER(actor) LIKE ").bind(like(&self.who.to_lowercase())).push(" ESCAPE '\\'");
            sql.push(" OR actor_id = ").bind(self.who.clone()).push(")");
        }
        if !self.subject.is_empty() {
            let words = like(&self.subject.to_lowercase());
            sql.push(" AND (LOWER(subject) LIKE ").bind(words.clone()).push(" ESCAPE '\\'");
            sql.push(" OR LOWER(detail) LIKE ").bind(words).push(" ESCAPE '\\'");
            sql.push(" OR subject_id = ").bind(self.subject.clone()).push(")");
        }
        if !self.address.is_empty() {
            sql.push(" AND origin LIKE ").bind(beginning(&self.address)).push(" ESCAPE '\\'");
        }
        if let Some(from) = self.from {
            sql.push(" AND at >= ").bind(from.0);
        }
        if let Some(until) = self.until {
            sql.push(" AND at < ").bind(until.0);
        }
    }
}

/// `text%`, with the text's own wildcards made harmless.
fn beginning(text: &str) -> String {
    like(text).chars().skip(1).collect()
}

const COLUMNS: &str = "SELECT seq, id, at, actor_kind, actor_id, actor, act, subject_kind, subject_id, subject, detail, \
    facts_before, facts_after, origin, request_id, agent, hash FROM audit WHERE seq IS NOT NULL";

fn read(row: &AnyRow) -> Stored<AuditEntry> {
    let facts = |column: &str| -> Stored<Option<BTreeMap<String, serde_json::Value>>> {
        let text: Option<String> = row.try_get(column)?;
        let read =
            |text: String| serde_json::from_str(&text).map_err(|_| StoreError::corrupt("facts of an audit entry"));
        text.map(read).transpose()
    };
    Ok(AuditEntry {
        seq: row.try_get("seq")?,
        id: row.try_get("id")?,
        at: Moment(row.try_get("at")?),
        actor_kind: row.try_get("actor_kind")?,
        actor_id: row.try_get("actor_id")?,
        actor: row.try_get("actor")?,
        act: row.try_get("act")?,
        subject_kind: row.try_get("subject_kind")?,
        subject_id: row.try_get("subject_id")?,
        subject: row.try_get("subject")?,
        detail: row.try_get("detail")?,
        before: facts("facts_before")?,
        after: facts("facts_after")?,
        address: row.try_get("origin")?,
        request_id: row.try_get("request_id")?,
        agent: row.try_get("agent")?,
        hash: row.try_get::<Option<String>, _>("hash")?.unwrap_or_default(),
    })
}

/// One more entry than the page holds, newest first.
///
/// # Errors
/// Where the database refuses.
pub async fn list(conn: &mut Conn, wanted: &Wanted, after: Option<&Cursor>, size: u32) -> Stored<Vec<AuditEntry>> {
    let mut sql = Sql::new(COLUMNS);
    wanted.narrow(&mut sql);
    if let Some(after) = after {
        sql.push(" AND seq < ").bind(after.key);
    }
    sql.push(" ORDER BY seq DESC LIMIT ").bind(i64::from(size) + 1);
    sql.all(conn).await?.iter().map(read).collect()
}

/// So many entries from after this place on, up to and with that one, oldest first.
///
/// # Errors
/// Where the database refuses.
pub async fn between(
    conn: &mut Conn,
    wanted: &Wanted,
    (after, up_to): (i64, i64),
    size: u32,
) -> Stored<Vec<AuditEntry>> {
    let mut sql = Sql::new(COLUMNS);
    wanted.narrow(&mut sql);
    sql.push(" AND seq > ").bind(after).push(" AND seq <= ").bind(up_to);
    sql.push(" ORDER BY seq LIMIT ").bind(i64::from(size));
    sql.all(conn).await?.iter().map(read).collect()
}
