//! What a destination signs with when it calls back.

use crate::store::{Conn, Stored, sql::Sql};
use app::model::{ids::DestinationId, moment::Moment};
use sqlx::Row as _;

/// The secrets of what a destination calls back with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// The one that counts, sealed.
    pub sealed_secret: String,
    /// The one before the last rotation, sealed. It counts until the destination's `old_secret_until`.
    pub sealed_old_secret: Option<String>,
}

/// Keeps what a destination signs with.
///
/// # Errors
/// Where the database refuses.
pub async fn set(conn: &mut Conn, destination: &DestinationId, sealed_secret: &str) -> Stored<()> {
    sqlx::query("INSERT INTO hooks (destination_id, sealed_secret) VALUES ($1, $2)")
        .bind(destination.0.clone())
        .bind(sealed_secret.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// What a destination signs with.
///
/// # Errors
/// Where the database refuses.
pub async fn of(conn: &mut Conn, destination: &DestinationId) -> Stored<Option<Hook>> {
    let mut sql = Sql::new("SELECT sealed_secret, sealed_old_secret FROM hooks WHERE destination_id = ");
    sql.bind(destination.0.clone());
    let row = sql.first(conn).await?;
    row.map(|row| {
        Ok(Hook { sealed_secret: row.try_get("sealed_secret")?, sealed_old_secret: row.try_get("sealed_old_secret")? })
    })
    .transpose()
}

/// Puts another secret in the place of the one that is there, which counts until `until` besides; `false` if the secret
/// is another one than `before` by now, or there is none.
///
/// # Errors
/// Where the database refuses.
pub async fn rotate(
    conn: &mut Conn,
    destination: &DestinationId,
    before: &str,
    sealed: &str,
    until: Moment,
) -> Stored<bool> {
    let done = sqlx::query(
        "UPDATE hooks SET sealed_old_secret = sealed_secret, sealed_secret = $3 \
         WHERE destination_id = $1 AND sealed_secret = $2",
    )
    .bind(destination.0.clone())
    .bind(before.to_owned())
    .bind(sealed.to_owned())
    .execute(&mut *conn)
    .await?;
    if done.rows_affected() != 1 {
        return Ok(false);
    }
    let done = sqlx::query("UPDATE destinations SET old_secret_until = $2 WHERE id = $1 AND removed_at IS NULL")
        .bind(destination.0.clone())
        .bind(until.0)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets the secrets that no longer count, before their destinations forget until when they did.
///
/// # Errors
/// Where the database refuses.
pub async fn forget_old(conn: &mut Conn, now: Moment) -> Stored<()> {
    sqlx::query(
        "UPDATE hooks SET sealed_old_secret = NULL WHERE sealed_old_secret IS NOT NULL AND destination_id IN \
         (SELECT id FROM destinations WHERE old_secret_until <= $1)",
    )
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets what a destination signs with.
///
/// # Errors
/// Where the database refuses.
pub async fn remove(conn: &mut Conn, destination: &DestinationId) -> Stored<()> {
    sqlx::query("DELETE FROM hooks WHERE destination_id = $1").bind(destination.0.clone()).execute(conn).await?;
    Ok(())
}
