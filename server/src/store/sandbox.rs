//! The sandbox's own "IAM": users and keys, as AWS would hold them.

use super::{Conn, Stored};
use sqlx::Row as _;

/// A user of the sandbox.
#[derive(Clone, Debug)]
pub struct UserRow {
    /// Its name; names that differ in case only are the same, as in IAM.
    pub user_name: String,
    /// Its path, with a slash at both ends.
    pub path: String,
    /// `AIDA…`
    pub unique_id: String,
}

/// A key of the sandbox with the user that it belongs to.
#[derive(Clone, Debug)]
pub struct KeyRow {
    /// The user.
    pub user: UserRow,
    /// The secret, sealed for the key's id.
    pub sealed_secret: String,
    /// Whether it can sign.
    pub active: bool,
}

/// Files a user. `false`: there is one of this name.
///
/// # Errors
/// Where the database refuses.
pub async fn insert_user(conn: &mut Conn, user: &UserRow, created_at: i64) -> Stored<bool> {
    let made = sqlx::query(
        "INSERT INTO sandbox_users (user_name, path, unique_id, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT DO NOTHING",
    )
    .bind(user.user_name.clone())
    .bind(user.path.clone())
    .bind(user.unique_id.clone())
    .bind(created_at)
    .execute(conn)
    .await?;
    Ok(made.rows_affected() == 1)
}

/// Files an active key of a user.
///
/// # Errors
/// Where the database refuses, as for an id that is there already.
pub async fn insert_key(
    conn: &mut Conn,
    access_key_id: &str,
    user_name: &str,
    sealed_secret: &str,
    created_at: i64,
) -> Stored<()> {
    sqlx::query(
        "INSERT INTO sandbox_keys (access_key_id, user_name, sealed_secret, active, created_at) \
         VALUES ($1, $2, $3, 1, $4)",
    )
    .bind(access_key_id.to_owned())
    .bind(user_name.to_owned())
    .bind(sealed_secret.to_owned())
    .bind(created_at)
    .execute(conn)
    .await?;
    Ok(())
}

/// The key of this id.
///
/// # Errors
/// Where the database refuses.
pub async fn key(conn: &mut Conn, access_key_id: &str) -> Stored<Option<KeyRow>> {
    let row = sqlx::query(
        "SELECT u.user_name, u.path, u.unique_id, k.sealed_secret, k.active \
         FROM sandbox_keys k JOIN sandbox_users u ON u.user_name = k.user_name WHERE k.access_key_id = $1",
    )
    .bind(access_key_id.to_owned())
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(KeyRow {
        user: UserRow {
            user_name: row.try_get("user_name")?,
            path: row.try_get("path")?,
            unique_id: row.try_get("unique_id")?,
        },
        sealed_secret: row.try_get("sealed_secret")?,
        active: row.try_get::<i64, _>("active")? != 0,
    }))
}

/// Switches a key of a user on or off. `false`: there is no such key.
///
/// # Errors
/// Where the database refuses.
pub async fn set_active(conn: &mut Conn, user_name: &str, access_key_id: &str, active: bool) -> Stored<bool> {
    let changed = sqlx::query("UPDATE sandbox_keys SET active = $3 WHERE access_key_id = $1 AND user_name = $2")
        .bind(access_key_id.to_owned())
        .bind(user_name.to_owned())
        .bind(i64::from(active))
        .execute(conn)
        .await?;
    Ok(changed.rows_affected() == 1)
}

/// The ids of a user's keys.
///
/// # Errors
/// Where the database refuses.
pub async fn keys_of(conn: &mut Conn, user_name: &str) -> Stored<Vec<String>> {
    let rows = sqlx::query("SELECT access_key_id FROM sandbox_keys WHERE user_name = $1 ORDER BY created_at")
        .bind(user_name.to_owned())
        .fetch_all(conn)
        .await?;
    rows.iter().map(|row| Ok(row.try_get("access_key_id")?)).collect()
}

/// The user whose key this is.
///
/// # Errors
/// Where the database refuses.
pub async fn user_of_key(conn: &mut Conn, access_key_id: &str) -> Stored<Option<String>> {
    let row = sqlx::query("SELECT user_name FROM sandbox_keys WHERE access_key_id = $1")
        .bind(access_key_id.to_owned())
        .fetch_optional(conn)
        .await?;
    Ok(row.map(|row| row.try_get("user_name")).transpose()?)
}

/// Deletes one key. What is gone already is no error.
///
/// # Errors
/// Where the database refuses.
pub async fn delete_key(conn: &mut Conn, user_name: &str, access_key_id: &str) -> Stored<()> {
    sqlx::query("DELETE FROM sandbox_keys WHERE user_name = $1 AND access_key_id = $2")
        .bind(user_name.to_owned())
        .bind(access_key_id.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Deletes a user and all its keys. What is gone already is no error.
///
/// # Errors
/// Where the database refuses.
pub async fn delete_user(conn: &mut Conn, user_name: &str) -> Stored<()> {
    for statement in ["DELETE FROM sandbox_keys WHERE user_name = $1", "DELETE FROM sandbox_users WHERE user_name = $1"]
    {
        sqlx::query(statement).bind(user_name.to_owned()).execute(&mut *conn).await?;
    }
    Ok(())
}
