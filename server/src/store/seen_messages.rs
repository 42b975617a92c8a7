//! Messages that were dealt with, by the names that their senders gave them.

use super::{Conn, Stored};
use app::model::moment::Moment;

/// Writes down that a message came; whether it is the first time.
///
/// # Errors
/// Where the database refuses.
pub async fn first(conn: &mut Conn, id: &str, now: Moment) -> Stored<bool> {
    let done = sqlx::query("INSERT INTO seen_messages (id, received_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING")
        .bind(id.to_owned())
        .bind(now.0)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether a message came before.
///
/// # Errors
/// Where the database refuses.
pub async fn is_known(conn: &mut Conn, id: &str) -> Stored<bool> {
    let row = sqlx::query("SELECT 1 FROM seen_messages WHERE id = $1").bind(id.to_owned()).fetch_optional(conn).await?;
    Ok(row.is_some())
}

/// Forgets the messages that came before this moment.
///
/// # Errors
/// Where the database refuses.
pub async fn forget(conn: &mut Conn, before: Moment) -> Stored<()> {
    sqlx::query("DELETE FROM seen_messages WHERE received_at < $1").bind(before.0).execute(conn).await?;
    Ok(())
}
