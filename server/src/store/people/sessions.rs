//! Sessions: only the hash of a session's identifier is kept, so that a stolen database opens no session.

use crate::store::{Conn, StoreError, Stored};
use app::model::{
    entry::SessionView,
    ids::PersonId,
    moment::Moment,
    viewer::{Origin, Via},
};
use sqlx::Row as _;

/// A session.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// The hash of its code. Another one than was asked for, where that was the hash of the code that it had before.
    pub id_hash: String,
    /// Whose.
    pub person_id: PersonId,
    /// Their mail address.
    pub email: String,
    /// When it was last used, to the minute.
    pub seen_at: Moment,
    /// When its person last proved who they are.
    pub proven_at: Moment,
    /// Whether its next request gets another code.
    pub stale_code: bool,
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
    /// When it begins.
    pub now: Moment,
    /// When its person last proved who they are.
    pub proven_at: Moment,
    /// When it ends at the latest.
    pub until: Moment,
}

/// Writes a new session.
///
/// # Errors
/// Where the database refuses.
pub async fn insert(conn: &mut Conn, new: &NewSession<'_>) -> Stored<()> {
    sqlx::query(
        "INSERT INTO sessions (id_hash, first_hash, person_id, created_at, seen_at, proven_at, expires_at, via, address, \
         agent) VALUES ($1, $1, $2, $3, $3, $8, $4, $5, $6, $7)",
    )
    .bind(new.id_hash.to_owned())
    .bind(new.person.0.clone())
    .bind(new.now.0)
    .bind(new.until.0)
    .bind(new.via.word().to_owned())
    .bind(new.origin.address.clone())
    .bind(new.origin.agent.clone())
    .bind(new.proven_at.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// The session whose code has this hash, or had it until a moment ago; if it holds: not over, not idle since
/// `idle_since`, its person not switched off.
///
/// # Errors
/// Where the database refuses.
pub async fn by_hash(conn: &mut Conn, id_hash: &str, now: Moment, idle_since: Moment) -> Stored<Option<SessionRow>> {
    let row = sqlx::query(
        "SELECT s.id_hash, s.person_id, p.email, s.seen_at, s.proven_at, s.stale_code \
         FROM sessions s JOIN persons p ON p.id = s.person_id \
         WHERE (s.id_hash = $1 OR (s.former_hash = $1 AND s.former_until > $2)) \
         AND s.expires_at > $2 AND s.seen_at > $3 AND p.disabled_at IS NULL",
    )
    .bind(id_hash.to_owned())
    .bind(now.0)
    .bind(idle_since.0)
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        Ok(SessionRow {
            id_hash: row.try_get("id_hash")?,
            person_id: PersonId(row.try_get("person_id")?),
            email: row.try_get("email")?,
            seen_at: Moment(row.try_get("seen_at")?),
            proven_at: Moment(row.try_get("proven_at")?),
            stale_code: row.try_get::<i64, _>("stale_code")? != 0,
        })
    })
    .transpose()
}

/// How many letters of a session's hash name it.
const NAME: usize = 16;

/// The name of the session whose code has this hash, as [`SessionView::id`] has it.
pub fn name_of(id_hash: &str) -> String {
    id_hash.chars().take(NAME).collect()
}

/// The sessions of a person that hold, last used first.
///
/// # Errors
/// Where the database refuses.
pub async fn list_of(conn: &mut Conn, person: &PersonId, now: Moment, idle_since: Moment) -> Stored<Vec<SessionView>> {
    let rows = sqlx::query(
        "SELECT id_hash, via, address, agent, created_at, seen_at FROM sessions \
         WHERE person_id = $1 AND expires_at > $2 AND seen_at > $3 ORDER BY seen_at DESC, created_at DESC, id_hash",
    )
    .bind(person.0.clone())
    .bind(now.0)
    .bind(idle_since.0)
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(SessionView {
                id: name_of(row.try_get("id_hash")?),
                via: Via::parse(row.try_get("via")?).ok_or_else(|| StoreError::corrupt("how a session began"))?,
                address: row.try_get("address")?,
                agent: row.try_get("agent")?,
                since: Moment(row.try_get("created_at")?),
                seen_at: Moment(row.try_get("seen_at")?),
            })
        })
        .collect()
}

/// Marks the sessions of a person: the next request of each gets another code, and a proof is asked for anew.
///
/// # Errors
/// Where the database refuses.
pub async fn age(conn: &mut Conn, person: &PersonId) -> Stored<()> {
    sqlx::query("UPDATE sessions SET stale_code = 1, proven_at = 0 WHERE person_id = $1")
        .bind(person.0.clone())
        .execute(conn)
        .await?;
    Ok(())
}

/// As [`age`], for the sessions that came through this provider: its roles count in no others.
///
/// # Errors
/// Where the database refuses.
pub async fn age_through(conn: &mut Conn, person: &PersonId, provider: &str) -> Stored<()> {
    sqlx::query(
        "UPDATE sessions SET stale_code = 1, proven_at = 0 WHERE person_id = $1 \
         AND id_hash IN (SELECT id_hash FROM provider_sessions WHERE provider_id = $2)",
    )
    .bind(person.0.clone())
    .bind(provider.to_owned())
    .execute(conn)
    .await?;
    Ok(())
}

/// Gives a marked session another code. Requests that were under way may bring the one that it had until
/// `former_until`. `false` where another request was faster.
///
/// # Errors
/// Where the database refuses.
pub async fn renew(conn: &mut Conn, old_hash: &str, new_hash: &str, former_until: Moment) -> Stored<bool> {
    let done = sqlx::query(
        "UPDATE sessions SET id_hash = $2, former_hash = $3, former_until = $4, stale_code = 0 \
         WHERE id_hash = $1 AND stale_code = 1",
    )
    .bind(old_hash.to_owned())
    .bind(new_hash.to_owned())
    .bind(old_hash.to_owned())
    .bind(former_until.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives a session another code because its person has proved who they are; `false` where there is none any more.
///
/// # Errors
/// Where the database refuses.
pub async fn prove(conn: &mut Conn, old_hash: &str, new_hash: &str, now: Moment) -> Stored<bool> {
    let done = sqlx::query(
        "UPDATE sessions SET id_hash = $2, former_hash = NULL, former_until = 0, stale_code = 0, proven_at = $3, \
         seen_at = $3 WHERE id_hash = $1",
    )
    .bind(old_hash.to_owned())
    .bind(new_hash.to_owned())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
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

/// Ends the session that began with the code of this hash, whatever its code is now.
///
/// # Errors
/// Where the database refuses.
pub async fn delete_begun_with(conn: &mut Conn, first_hash: &str) -> Stored<()> {
    // One statement: found and ended by what does not change, so that no change of the code comes in between.
    sqlx::query("DELETE FROM sessions WHERE first_hash = $1 OR (first_hash IS NULL AND id_hash = $1)")
        .bind(first_hash.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends the session of a person that has this name; `false` where there is none.
///
/// # Errors
/// Where the database refuses.
pub async fn delete_named(conn: &mut Conn, person: &PersonId, name: &str) -> Stored<bool> {
    let done = sqlx::query("DELETE FROM sessions WHERE person_id = $1 AND SUBSTR(id_hash, 1, 16) = $2")
        .bind(person.0.clone())
        .bind(name.to_owned())
        .execute(conn)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Ends all sessions of a person, except one if its hash is given; how many.
///
/// # Errors
/// Where the database refuses.
pub async fn delete_of(conn: &mut Conn, person: &PersonId, except: &str) -> Stored<u64> {
    let done = sqlx::query("DELETE FROM sessions WHERE person_id = $1 AND id_hash <> $2")
        .bind(person.0.clone())
        .bind(except.to_owned())
        .execute(conn)
        .await?;
    Ok(done.rows_affected())
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
