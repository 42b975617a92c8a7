//! The keys that tokens had before they were rotated.

use super::{Conn, Stored, sql::Sql};
use app::model::{ids::TokenId, moment::Moment, token::FormerKey};
use sqlx::Row as _;

/// Writes down that a token's key was replaced by another one, which becomes the token's own. The caller holds the lock.
///
/// # Errors
/// Where the database refuses.
pub async fn replace(conn: &mut Conn, id: &TokenId, new: (&str, &str), search: String, now: Moment) -> Stored<()> {
    sqlx::query(
        "INSERT INTO former_keys (access_key_id, token_id, sealed_secret, active, replaced_at) \
         SELECT access_key_id, id, sealed_secret, key_active, $2 FROM tokens WHERE id = $1",
    )
    .bind(id.0.clone())
    .bind(now.0)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "UPDATE tokens SET access_key_id = $2, sealed_secret = $3, search = $4, key_active = 1, \
         proven_at = NULL, hits_before = hit_count WHERE id = $1",
    )
    .bind(id.0.clone())
    .bind(new.0.to_owned())
    .bind(new.1.to_owned())
    .bind(search)
    .execute(conn)
    .await?;
    Ok(())
}

/// The former keys of a token, the latest first.
///
/// # Errors
/// Where the database refuses.
pub async fn of_token(conn: &mut Conn, id: &TokenId) -> Stored<Vec<FormerKey>> {
    let mut sql = Sql::new("SELECT access_key_id, active, replaced_at FROM former_keys WHERE token_id = ");
    sql.bind(id.0.clone()).push(" ORDER BY replaced_at DESC, access_key_id");
    let read = |row: &sqlx::any::AnyRow| {
        Ok(FormerKey {
            access_key_id: row.try_get("access_key_id")?,
            active: row.try_get::<i64, _>("active")? != 0,
            replaced_at: Moment(row.try_get("replaced_at")?),
        })
    };
    sql.all(conn).await?.iter().map(read).collect()
}

/// Writes down that a former key cannot sign any more.
///
/// # Errors
/// Where the database refuses.
pub async fn set_inactive(conn: &mut Conn, access_key_id: &str) -> Stored<()> {
    sqlx::query("UPDATE former_keys SET active = 0 WHERE access_key_id = $1")
        .bind(access_key_id.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}
