//! Which programs serve now, each with the names of the sealing keys that it knows.

use super::{Conn, Stored};
use app::model::moment::Moment;
use sqlx::Row as _;

/// A program that serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServingRow {
    /// Tells one run of the program from another.
    pub id: String,
    /// For people: where it listens, and its process.
    pub place: String,
    /// The names of the sealing keys that it knows; the first one seals.
    pub sealing_keys: Vec<String>,
    /// When it started.
    pub started_at: Moment,
    /// When it last said that it is there.
    pub seen_at: Moment,
}

/// Notes that a program is there.
///
/// # Errors
/// Where the database refuses.
pub async fn note(conn: &mut Conn, row: &ServingRow) -> Stored<()> {
    sqlx::query(
        "INSERT INTO serving (id, place, sealing_keys, started_at, seen_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at",
    )
    .bind(row.id.clone())
    .bind(row.place.clone())
    .bind(row.sealing_keys.join(" "))
    .bind(row.started_at.0)
    .bind(row.seen_at.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes that a program has ended.
///
/// # Errors
/// Where the database refuses.
pub async fn forget(conn: &mut Conn, id: &str) -> Stored<()> {
    sqlx::query("DELETE FROM serving WHERE id = $1").bind(id.to_owned()).execute(conn).await?;
    Ok(())
}

/// Forgets programs that have not been heard of since `before`: they were killed.
///
/// # Errors
/// Where the database refuses.
pub async fn forget_before(conn: &mut Conn, before: Moment) -> Stored<()> {
    sqlx::query("DELETE FROM serving WHERE seen_at < $1").bind(before.0).execute(conn).await?;
    Ok(())
}

/// The programs that were heard of between these moments, the oldest first.
///
/// # Errors
/// Where the database refuses.
pub async fn between(conn: &mut Conn, from: Moment, until: Moment) -> Stored<Vec<ServingRow>> {
    let rows = sqlx::query(
        "SELECT id, place, sealing_keys, started_at, seen_at FROM serving WHERE seen_at >= $1 AND seen_at <= $2 \
         ORDER BY started_at, id",
    )
    .bind(from.0)
    .bind(until.0)
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let names: String = row.try_get("sealing_keys")?;
            Ok(ServingRow {
                id: row.try_get("id")?,
                place: row.try_get("place")?,
                sealing_keys: names.split(' ').map(str::to_owned).collect(),
                started_at: Moment(row.try_get("started_at")?),
                seen_at: Moment(row.try_get("seen_at")?),
            })
        })
        .collect()
}
