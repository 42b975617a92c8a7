//! Sessions: only the hash of a session's identifier is kept, so that a stolen database opens no session.

use crate::store::{Conn, Stored};
use app::model::{
    ids::PersonId,
    moment::Moment,
    viewer::{Origin, Via},
};
use sqlx::Row as _;

/// A session.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// Whose.
    pub person_id: PersonId,
    /// Their mail address.
    pub email: String,
    /// When it was last used, to the minute.
    pub seen_at: Moment,
    /// When its person last proved who they are.
    pub proven_at: Moment,
}

/// A session that begins.
#[derive(Clone, Debug)]
pub struct NewSession<'a> {
    /// The hash of its code.
    pub id_hash: &'a str,
    /// Whose.
    pub person: &'a PersonId,
    /// How they came in.
    pub via: Via,
    /// From where.
    pub origin: &'a Origin,
    /// When it begins; its person has just proved who they are.
    pub now: Moment,
    /// When it ends at the latest.
    pub until: Moment,
}

/// Writes a new session.
///
/// # Errors
/// Where the database refuses.
pub async fn insert(conn: &mut Conn, new: &NewSession<'_>) -> Stored<()> {
    sqlx::query(
        "INSERT INTO sessions (id_hash, person_id, created_at, seen_at, proven_at, expires_at, via, address, agent) \
         VALUES ($1, $2, $3, $3, $3, $4, $5, $6, $7)",
    )
    .bind(new.id_hash.to_owned())
    .bind(new.person.0.clone())
    .bind(new.now.0)
    .bind(new.until.0)
    .bind(new.via.word().to_owned())
    .bind(new.origin.address.clone())
    .bind(new.origin.agent.clone())
    .execute(conn)
    .await?;
    Ok(())
}

/// The session of this hash, if it holds: not over, not idle since `idle_since`, its person not switched off.
///
/// # Errors
/// Where the database refuses.
pub async fn by_hash(conn: &mut Conn, id_hash: &str, now: Moment, idle_since: Moment) -> Stored<Option<SessionRow>> {
    let row = sqlx::query(
        "SELECT s.person_id, p.email, s.seen_at, s.proven_at FROM sessions s JOIN persons p ON p.id = s.person_id \
         WHERE s.id_hash = $1 AND s.expires_at > $2 AND s.seen_at > $3 AND p.disabled_at IS NULL",
    )
    .bind(id_hash.to_owned())
    .bind(now.0)
    .bind(idle_since.0)
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        Ok(SessionRow {
            person_id: PersonId(row.try_get("person_id")?),
            email: row.try_get("email")?,
            seen_at: Moment(row.try_get("seen_at")?),
            proven_at: Moment(row.try_get("proven_at")?),
        })
    })
    .transpose()
}

/// Writes down that a session was used.
///
/// # Errors
/// Where the database refuses.
pub async fn seen(conn: &mut Conn, id_hash: &str, now: Moment) -> Stored<()> {
    sqlx::query("UPDATE sessions SET seen_at = $2 WHERE id_hash = $1")
        .bind(id_hash.to_owned())
        .bind(now.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends a session.
///
/// # Errors
/// Where the database refuses.
pub async fn delete(conn: &mut Conn, id_hash: &str) -> Stored<()> {
    sqlx::query("DELETE FROM sessions WHERE id_hash = $1").bind(id_hash.to_owned()).execute(conn).await?;
    Ok(())
}

/// Ends all sessions of a person, except one if named.
///
/// # Errors
/// Where the database refuses.
pub async fn delete_of(conn: &mut Conn, person: &PersonId, except: &str) -> Stored<()> {
    sqlx::query("DELETE FROM sessions WHERE person_id = $1 AND id_hash <> $2")
        .bind(person.0.clone())
        .bind(except.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Forgets sessions that are over.
///
/// # Errors
/// Where the database refuses.
pub async fn forget_over(conn: &mut Conn, now: Moment, idle_since: Moment) -> Stored<u64> {
    let done = sqlx::query("DELETE FROM sessions WHERE expires_at <= $1 OR seen_at <= $2")
        .bind(now.0)
        .bind(idle_since.0)
        .execute(conn)
        .await?;
    Ok(done.rows_affected())
}
