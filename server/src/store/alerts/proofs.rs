//! Codes that an owner types in to confirm a destination, and the two secrets of one whose secret is being changed.

use super::hooks;
use crate::store::{Conn, Stored};
use app::model::{ids::DestinationId, moment::Moment};
use sqlx::Row as _;
use std::collections::BTreeSet;

/// Keeps the hash of the code that is about to be sent; the one before no longer counts.
///
/// # Errors
/// Where the database refuses.
pub async fn set(conn: &mut Conn, id: &DestinationId, hash: &str, until: Moment) -> Stored<()> {
    sqlx::query("UPDATE destinations SET proof_hash = $2, proof_until = $3 WHERE id = $1 AND state = 'unconfirmed'")
        .bind(id.0.clone())
        .bind(hash.to_owned())
        .bind(until.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Forgets a code that was not sent, if it is still this one.
///
/// # Errors
/// Where the database refuses.
pub async fn forget(conn: &mut Conn, id: &DestinationId, hash: &str) -> Stored<()> {
    sqlx::query("UPDATE destinations SET proof_hash = NULL, proof_until = NULL WHERE id = $1 AND proof_hash = $2")
        .bind(id.0.clone())
        .bind(hash.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Counts an attempt to type a code in, and gives the hash of the right one. `None` where no code is out, it is too old,
/// or there were `most` attempts before.
///
/// # Errors
/// Where the database refuses.
pub async fn attempt(conn: &mut Conn, id: &DestinationId, now: Moment, most: i64) -> Stored<Option<String>> {
    let row = sqlx::query(
        "UPDATE destinations SET proof_tries = proof_tries + 1 WHERE id = $1 AND state = 'unconfirmed' \
         AND proof_hash IS NOT NULL AND proof_until > $2 AND proof_tries < $3 RETURNING proof_hash",
    )
    .bind(id.0.clone())
    .bind(now.0)
    .bind(most)
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| row.try_get("proof_hash")).transpose()?)
}

/// How many codes were typed in for a destination.
///
/// # Errors
/// Where the database refuses.
pub async fn attempts(conn: &mut Conn, id: &DestinationId) -> Stored<i64> {
    let row = sqlx::query("SELECT proof_tries FROM destinations WHERE id = $1")
        .bind(id.0.clone())
        .fetch_optional(conn)
        .await?;
    Ok(row.map(|row| row.try_get("proof_tries")).transpose()?.unwrap_or_default())
}

/// Puts another secret in the place of the one that is there, which counts until `until` besides; `false` if the
/// destination was removed or its secret is another one than `before` by now.
///
/// # Errors
/// Where the database refuses.
pub async fn rotate(conn: &mut Conn, id: &DestinationId, before: &str, sealed: &str, until: Moment) -> Stored<bool> {
    let done = sqlx::query(
        "UPDATE destinations SET sealed_old_secret = sealed_secret, old_secret_until = $4, sealed_secret = $3 \
         WHERE id = $1 AND sealed_secret = $2 AND removed_at IS NULL",
    )
    .bind(id.0.clone())
    .bind(before.to_owned())
    .bind(sealed.to_owned())
    .bind(until.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The destinations whose secret before a rotation no longer counts.
///
/// # Errors
/// Where the database refuses.
pub async fn with_old_secrets(conn: &mut Conn, now: Moment) -> Stored<BTreeSet<DestinationId>> {
    let rows =
        sqlx::query("SELECT id FROM destinations WHERE old_secret_until <= $1").bind(now.0).fetch_all(conn).await?;
    rows.iter().map(|row| Ok(DestinationId(row.try_get("id")?))).collect()
}

/// Forgets the secrets that no longer count.
///
/// # Errors
/// Where the database refuses.
pub async fn forget_old_secrets(conn: &mut Conn, now: Moment) -> Stored<()> {
    hooks::forget_old(&mut *conn, now).await?;
    sqlx::query(
        "UPDATE destinations SET sealed_old_secret = NULL, old_secret_until = NULL WHERE old_secret_until <= $1",
    )
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}
