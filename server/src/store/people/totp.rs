//! Apps that show codes: one for each person, and besides it a new one that did not prove itself yet.

use crate::store::{Conn, Stored};
use app::model::{ids::PersonId, moment::Moment};
use sqlx::Row as _;

/// Somebody's app.
#[derive(Clone, Debug)]
pub struct TotpRow {
    /// The secret, sealed for the person; absent until a first code was typed.
    pub sealed: Option<String>,
    /// Since when it counts.
    pub confirmed_at: Option<Moment>,
    /// The latest step whose code was taken.
    pub last_step: i64,
    /// A secret that was shown and has not proved itself, sealed for the person, and until when it can.
    pub pending: Option<(String, Moment)>,
}

/// Somebody's app, if there is one.
///
/// # Errors
/// Where the database refuses.
pub async fn of(conn: &mut Conn, person: &PersonId) -> Stored<Option<TotpRow>> {
    let row = sqlx::query(
        "SELECT sealed_secret, confirmed_at, last_step, sealed_pending, pending_until FROM totp WHERE person_id = $1",
    )
    .bind(person.0.clone())
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        let pending: Option<String> = row.try_get("sealed_pending")?;
        let until: Option<i64> = row.try_get("pending_until")?;
        Ok(TotpRow {
            sealed: row.try_get("sealed_secret")?,
            confirmed_at: row.try_get::<Option<i64>, _>("confirmed_at")?.map(Moment),
            last_step: row.try_get("last_step")?,
            pending: pending.zip(until.map(Moment)),
        })
    })
    .transpose()
}

/// Keeps a secret that is about to be shown; the one before it no longer counts.
///
/// # Errors
/// Where the database refuses.
pub async fn pend(conn: &mut Conn, person: &PersonId, sealed: &str, until: Moment) -> Stored<()> {
    sqlx::query(
        "INSERT INTO totp (person_id, sealed_pending, pending_until) VALUES ($1, $2, $3) \
         ON CONFLICT (person_id) DO UPDATE SET sealed_pending = excluded.sealed_pending, \
         pending_until = excluded.pending_until",
    )
    .bind(person.0.clone())
    .bind(sealed.to_owned())
    .bind(until.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Lets the secret count that was shown and has proved itself by the code of this step; `false` if it is another one by
/// now.
///
/// # Errors
/// Where the database refuses.
pub async fn activate(conn: &mut Conn, person: &PersonId, pending: &str, step: i64, now: Moment) -> Stored<bool> {
    let done = sqlx::query(
        "UPDATE totp SET sealed_secret = sealed_pending, confirmed_at = $3, last_step = $4, sealed_pending = NULL, \
         pending_until = NULL WHERE person_id = $1 AND sealed_pending = $2",
    )
    .bind(person.0.clone())
    .bind(pending.to_owned())
    .bind(now.0)
    .bind(step)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes the code of this step; `false` if it or a later one was taken before, or the app is another one by now.
///
/// # Errors
/// Where the database refuses.
pub async fn spend(conn: &mut Conn, person: &PersonId, sealed: &str, step: i64) -> Stored<bool> {
    let done =
        sqlx::query("UPDATE totp SET last_step = $3 WHERE person_id = $1 AND sealed_secret = $2 AND last_step < $3")
            .bind(person.0.clone())
            .bind(sealed.to_owned())
            .bind(step)
            .execute(conn)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets somebody's app; whether one counted.
///
/// # Errors
/// Where the database refuses.
pub async fn remove(conn: &mut Conn, person: &PersonId) -> Stored<bool> {
    let row = sqlx::query("DELETE FROM totp WHERE person_id = $1 RETURNING confirmed_at")
        .bind(person.0.clone())
        .fetch_optional(conn)
        .await?;
    let confirmed = row.map(|row| row.try_get::<Option<i64>, _>("confirmed_at")).transpose()?;
    Ok(confirmed.flatten().is_some())
}
