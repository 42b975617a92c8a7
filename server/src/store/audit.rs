//! The audit log. Entries are only ever added.

use super::{Conn, Stored, cursor::Cursor, sql::Sql};
use app::model::{
    audit::{AuditEntry, AuditQuery},
    moment::Moment,
};
use sqlx::Row as _;

/// Adds an entry.
///
/// # Errors
/// Where the database refuses.
pub async fn insert(conn: &mut Conn, entry: &AuditEntry, actor_id: &str) -> Stored<()> {
    sqlx::query("INSERT INTO audit (id, at, actor, actor_id, act, subject, detail, origin) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(entry.id.clone())
        .bind(entry.at.0)
        .bind(entry.actor.clone())
        .bind(actor_id.to_owned())
        .bind(entry.act.clone())
        .bind(entry.subject.clone())
        .bind(entry.detail.clone())
        .bind(entry.from.clone())
        .execute(conn)
        .await?;
    Ok(())
}

/// One more entry than the page holds, newest first.
///
/// # Errors
/// Where the database refuses.
pub async fn list(conn: &mut Conn, query: &AuditQuery, after: Option<&Cursor>, size: u32) -> Stored<Vec<AuditEntry>> {
    let mut sql = Sql::new("SELECT id, at, actor, act, subject, detail, origin FROM audit WHERE 1 = 1");
    if !query.act.is_empty() {
        sql.push(" AND act = ").bind(query.act.clone());
    }
    if let Some(after) = after {
        sql.push(" AND id < ").bind(after.id.clone());
    }
    sql.push(" ORDER BY id DESC LIMIT ").bind(i64::from(size) + 1);
    let rows = sql.all(conn).await?;
    rows.iter()
        .map(|row| {
            Ok(AuditEntry {
                id: row.try_get("id")?,
                at: Moment(row.try_get("at")?),
                actor: row.try_get("actor")?,
                act: row.try_get("act")?,
                subject: row.try_get("subject")?,
                detail: row.try_get("detail")?,
                from: row.try_get("origin")?,
            })
        })
        .collect()
}
