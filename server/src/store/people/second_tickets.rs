//! Sign-ins whose password was right and that await a second factor. Only the hash of a ticket's code is kept.

use crate::store::{Conn, Stored};
use app::model::{ids::PersonId, moment::Moment};
use sqlx::Row as _;

/// Writes a new ticket, and forgets those that have run out.
///
/// # Errors
/// Where the database refuses.
pub async fn insert(conn: &mut Conn, hash: &str, person: &PersonId, now: Moment, until: Moment) -> Stored<()> {
    sqlx::query("DELETE FROM second_tickets WHERE expires_at <= $1").bind(now.0).execute(&mut *conn).await?;
    sqlx::query("INSERT INTO second_tickets (code_hash, person_id, expires_at) VALUES ($1, $2, $3)")
        .bind(hash.to_owned())
        .bind(person.0.clone())
        .bind(until.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Counts an attempt, and gives who it is. `None` where there is no such ticket, it has run out, or there were `most`
/// attempts before.
///
/// # Errors
/// Where the database refuses.
pub async fn attempt(conn: &mut Conn, hash: &str, now: Moment, most: i64) -> Stored<Option<PersonId>> {
    let row = sqlx::query(
        "UPDATE second_tickets SET tries = tries + 1 WHERE code_hash = $1 AND expires_at > $2 AND tries < $3 \
         RETURNING person_id",
    )
    .bind(hash.to_owned())
    .bind(now.0)
    .bind(most)
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| row.try_get("person_id")).transpose()?.map(PersonId))
}

/// Forgets a ticket; `false` where somebody else was faster.
///
/// # Errors
/// Where the database refuses.
pub async fn forget(conn: &mut Conn, hash: &str) -> Stored<bool> {
    let done =
        sqlx::query("DELETE FROM second_tickets WHERE code_hash = $1").bind(hash.to_owned()).execute(conn).await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets all tickets of a person.
///
/// # Errors
/// Where the database refuses.
pub async fn forget_of(conn: &mut Conn, person: &PersonId) -> Stored<()> {
    sqlx::query("DELETE FROM second_tickets WHERE person_id = $1").bind(person.0.clone()).execute(conn).await?;
    Ok(())
}
