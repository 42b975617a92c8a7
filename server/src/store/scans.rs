//! How far scans of buckets and of files got.

use super::{Conn, Stored};
use app::model::moment::Moment;
use sqlx::Row as _;

/// The last key of a place up to which everything is filed, if a scan of it was cut off.
///
/// # Errors
/// Where the database refuses.
pub async fn after_key(conn: &mut Conn, place: &str) -> Stored<Option<String>> {
    let row =
        sqlx::query("SELECT after_key FROM scans WHERE place = $1").bind(place.to_owned()).fetch_optional(conn).await?;
    Ok(row.map(|row| row.try_get("after_key")).transpose()?)
}

/// Everything up to this key is filed.
///
/// # Errors
/// Where the database refuses.
pub async fn reached(conn: &mut Conn, place: &str, key: &str, now: Moment) -> Stored<()> {
    sqlx::query(
        "INSERT INTO scans (place, after_key, updated_at) VALUES ($1, $2, $3) \
         ON CONFLICT (place) DO UPDATE SET after_key = excluded.after_key, updated_at = excluded.updated_at",
    )
    .bind(place.to_owned())
    .bind(key.to_owned())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// A scan is over, or shall begin anew.
///
/// # Errors
/// Where the database refuses.
pub async fn end(conn: &mut Conn, place: &str) -> Stored<()> {
    sqlx::query("DELETE FROM scans WHERE place = $1").bind(place.to_owned()).execute(conn).await?;
    Ok(())
}
