//! What a person has besides a password, and how a session was opened.

use crate::store::{Conn, Stored};
use app::model::{ids::PersonId, viewer::Via};
use sqlx::Row as _;

/// How many second factors somebody has: an app that counts is one, each passkey is one.
///
/// # Errors
/// Where the database refuses.
pub async fn factors(conn: &mut Conn, person: &PersonId) -> Stored<i64> {
    let row = sqlx::query(
        "SELECT (SELECT COUNT(*) FROM totp WHERE person_id = $1 AND sealed_secret IS NOT NULL) \
         + (SELECT COUNT(*) FROM passkeys WHERE person_id = $1) AS n",
    )
    .bind(person.0.clone())
    .fetch_one(conn)
    .await?;
    Ok(row.try_get("n")?)
}

/// How the session of this hash was opened.
///
/// # Errors
/// Where the database refuses.
pub async fn came_by(conn: &mut Conn, id_hash: &str) -> Stored<Option<Via>> {
    let row = sqlx::query("SELECT via FROM sessions WHERE id_hash = $1 OR former_hash = $1")
        .bind(id_hash.to_owned())
        .fetch_optional(conn)
        .await?;
    let word: Option<String> = row.map(|row| row.try_get("via")).transpose()?;
    Ok(word.as_deref().and_then(Via::parse))
}
