//! Records that could not be read.

use super::{Conn, Stored, cursor::Cursor, sql::Sql};
use app::model::{health::Quarantined, moment::Moment};
use sqlx::Row as _;

/// Keeps one.
///
/// # Errors
/// Where the database refuses.
pub async fn insert(conn: &mut Conn, entry: &Quarantined) -> Stored<()> {
    sqlx::query("INSERT INTO quarantine (id, source, received_at, reason, body) VALUES ($1, $2, $3, $4, $5)")
        .bind(entry.id.clone())
        .bind(entry.source.clone())
        .bind(entry.received_at.0)
        .bind(entry.reason.clone())
        .bind(entry.body.clone())
        .execute(conn)
        .await?;
    Ok(())
}

/// Lets go of all but the latest so many.
///
/// # Errors
/// Where the database refuses.
pub async fn keep_latest(conn: &mut Conn, most: u32) -> Stored<()> {
    sqlx::query("DELETE FROM quarantine WHERE id < (SELECT id FROM quarantine ORDER BY id DESC LIMIT 1 OFFSET $1)")
        .bind(i64::from(most.saturating_sub(1)))
        .execute(conn)
        .await?;
    Ok(())
}

/// One more entry than the page holds, newest first.
///
/// # Errors
/// Where the database refuses.
pub async fn list(conn: &mut Conn, after: Option<&Cursor>, size: u32) -> Stored<Vec<Quarantined>> {
    let mut sql = Sql::new("SELECT id, source, received_at, reason, body FROM quarantine");
    if let Some(after) = after {
        sql.push(" WHERE id < ").bind(after.id.clone());
    }
    sql.push(" ORDER BY id DESC LIMIT ").bind(i64::from(size) + 1);
    let rows = sql.all(conn).await?;
    rows.iter()
        .map(|row| {
            Ok(Quarantined {
                id: row.try_get("id")?,
                source: row.try_get("source")?,
                received_at: Moment(row.try_get("received_at")?),
                reason: row.try_get("reason")?,
                body: row.try_get("body")?,
            })
        })
        .collect()
}
