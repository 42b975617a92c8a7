//! Sign-ins that have gone to a provider and are not back yet. Only the hash of what the browser holds is kept.

use crate::store::{Conn, Stored};
use app::model::moment::Moment;
use sqlx::Row as _;

/// A sign-in on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingRow {
    /// The provider it went to.
    pub provider_id: String,
    /// What is to be compared when it comes back, sealed.
    pub sealed: String,
    /// Until when it can come back.
    pub expires_at: Moment,
}

/// Writes a sign-in that begins.
///
/// # Errors
/// Where the database refuses.
pub async fn insert(conn: &mut Conn, handle_hash: &str, row: &PendingRow) -> Stored<()> {
    sqlx::query("INSERT INTO pending_sign_ins (handle_hash, provider_id, sealed, expires_at) VALUES ($1, $2, $3, $4)")
        .bind(handle_hash.to_owned())
        .bind(row.provider_id.clone())
        .bind(row.sealed.clone())
        .bind(row.expires_at.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes a sign-in that comes back; nobody can take it again.
///
/// # Errors
/// Where the database refuses.
pub async fn take(conn: &mut Conn, handle_hash: &str) -> Stored<Option<PendingRow>> {
    let row =
        sqlx::query("DELETE FROM pending_sign_ins WHERE handle_hash = $1 RETURNING provider_id, sealed, expires_at")
            .bind(handle_hash.to_owned())
            .fetch_optional(conn)
            .await?;
    row.map(|row| {
        Ok(PendingRow {
            provider_id: row.try_get("provider_id")?,
            sealed: row.try_get("sealed")?,
            expires_at: Moment(row.try_get("expires_at")?),
        })
    })
    .transpose()
}

/// How many are on their way.
///
/// # Errors
/// Where the database refuses.
pub async fn count(conn: &mut Conn) -> Stored<i64> {
    Ok(sqlx::query("SELECT COUNT(*) AS n FROM pending_sign_ins").fetch_one(conn).await?.try_get("n")?)
}

/// Forgets those that did not come back in time, and log-out tokens whose own time is over.
///
/// # Errors
/// Where the database refuses.
pub async fn forget_over(conn: &mut Conn, now: Moment) -> Stored<()> {
    for statement in
        ["DELETE FROM pending_sign_ins WHERE expires_at <= $1", "DELETE FROM logout_tokens WHERE expires_at <= $1"]
    {
        sqlx::query(statement).bind(now.0).execute(&mut *conn).await?;
    }
    Ok(())
}

/// Notes that a log-out token came; `false` where it came before.
///
/// # Errors
/// Where the database refuses.
pub async fn note_logout(conn: &mut Conn, provider: &str, jti_hash: &str, until: Moment) -> Stored<bool> {
    let done = sqlx::query(
        "INSERT INTO logout_tokens (provider_id, jti_hash, expires_at) VALUES ($1, $2, $3) \
         ON CONFLICT (provider_id, jti_hash) DO NOTHING",
    )
    .bind(provider.to_owned())
    .bind(jti_hash.to_owned())
    .bind(until.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}
