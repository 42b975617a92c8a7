//! Recovery codes: only their hashes are kept.

use crate::store::{Conn, Stored};
use app::model::{ids::PersonId, moment::Moment};
use sqlx::Row as _;

/// Puts new codes in the place of all that somebody had.
///
/// # Errors
/// Where the database refuses.
pub async fn replace(conn: &mut Conn, person: &PersonId, hashes: &[String], now: Moment) -> Stored<()> {
    remove(conn, person).await?;
    for hash in hashes {
        sqlx::query("INSERT INTO recovery_codes (person_id, code_hash, made_at) VALUES ($1, $2, $3)")
            .bind(person.0.clone())
            .bind(hash.clone())
            .bind(now.0)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// Uses a code up; `false` where there is no such code, or it was used before.
///
/// # Errors
/// Where the database refuses.
pub async fn spend(conn: &mut Conn, person: &PersonId, hash: &str, now: Moment) -> Stored<bool> {
    let done = sqlx::query(
        "UPDATE recovery_codes SET used_at = $3 WHERE person_id = $1 AND code_hash = $2 AND used_at IS NULL",
    )
    .bind(person.0.clone())
    .bind(hash.to_owned())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// How many codes somebody has left.
///
/// # Errors
/// Where the database refuses.
pub async fn left(conn: &mut Conn, person: &PersonId) -> Stored<i64> {
    let row = sqlx::query("SELECT COUNT(*) AS n FROM recovery_codes WHERE person_id = $1 AND used_at IS NULL")
        .bind(person.0.clone())
        .fetch_one(conn)
        .await?;
    Ok(row.try_get("n")?)
}

/// Forgets all codes of a person.
///
/// # Errors
/// Where the database refuses.
pub async fn remove(conn: &mut Conn, person: &PersonId) -> Stored<()> {
    sqlx::query("DELETE FROM recovery_codes WHERE person_id = $1").bind(person.0.clone()).execute(conn).await?;
    Ok(())
}
