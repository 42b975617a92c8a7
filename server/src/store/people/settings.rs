//! Single values that belong to the installation.

use crate::store::{Conn, Stored};
use sqlx::Row as _;

/// The value of this name.
///
/// # Errors
/// Where the database refuses.
pub async fn get(conn: &mut Conn, name: &str) -> Stored<Option<String>> {
    let row =
        sqlx::query("SELECT value FROM settings WHERE name = $1").bind(name.to_owned()).fetch_optional(conn).await?;
    Ok(row.map(|row| row.try_get("value")).transpose()?)
}

/// Sets the value of this name.
///
/// # Errors
/// Where the database refuses.
pub async fn set(conn: &mut Conn, name: &str, value: &str) -> Stored<()> {
    sqlx::query(
        "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .bind(name.to_owned())
    .bind(value.to_owned())
    .execute(conn)
    .await?;
    Ok(())
}

/// Sets the value of this name unless it has one; returns the one that it has now. Of several that do so at once,
/// as replicas at their first start, one wins and all hear its value.
///
/// # Errors
/// Where the database refuses.
pub async fn set_once(conn: &mut Conn, name: &str, value: &str) -> Stored<String> {
    sqlx::query("INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
        .bind(name.to_owned())
        .bind(value.to_owned())
        .execute(&mut *conn)
        .await?;
    Ok(get(conn, name).await?.unwrap_or_else(|| value.to_owned()))
}
