//! What belongs to the provider of a session: whom it means, its tokens (sealed), and when it is to be asked again.

use crate::store::{Conn, Stored, sql::Sql};
use app::model::{ids::PersonId, moment::Moment};
use sqlx::{Row as _, any::AnyRow};

/// A session that came through a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderSessionRow {
    /// The code with which the session began, hashed: it stays while the session's code changes.
    pub first_hash: String,
    /// The provider.
    pub provider_id: String,
    /// Whose session it is.
    pub person_id: PersonId,
    /// Whom the provider means.
    pub subject: String,
    /// The provider's name for its own session.
    pub sid: Option<String>,
    /// The refresh token, sealed for [`ProviderSessionRow::provider_id`] and [`ProviderSessionRow::subject`].
    pub sealed_refresh: Option<String>,
    /// The latest ID token, sealed in the same way.
    pub sealed_hint: Option<String>,
    /// When the provider last said that all is well.
    pub checked_at: Moment,
    /// When it is to be asked next.
    pub check_due: Moment,
    /// Since when it could not be asked.
    pub failing_since: Option<Moment>,
    /// How often it was asked in vain since then.
    pub tries: i64,
}

fn read(row: &AnyRow) -> Stored<ProviderSessionRow> {
    Ok(ProviderSessionRow {
        first_hash: match row.try_get("first_hash")? {
            Some(hash) => hash,
            None => row.try_get("id_hash")?,
        },
        provider_id: row.try_get("provider_id")?,
        person_id: PersonId(row.try_get("person_id")?),
        subject: row.try_get("subject")?,
        sid: row.try_get("sid")?,
        sealed_refresh: row.try_get("sealed_refresh")?,
        sealed_hint: row.try_get("sealed_hint")?,
        checked_at: Moment(row.try_get("checked_at")?),
        check_due: Moment(row.try_get("check_due")?),
        failing_since: row.try_get::<Option<i64>, _>("failing_since")?.map(Moment),
        tries: row.try_get("tries")?,
    })
}

/// Ends every session that came through a provider.
///
/// # Errors
/// Where the database refuses.
pub async fn end_all(conn: &mut Conn, provider: &str) -> Stored<()> {
    sqlx::query("DELETE FROM sessions WHERE id_hash IN (SELECT id_hash FROM provider_sessions WHERE provider_id = $1)")
        .bind(provider.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Writes the row of a session that begins.
///
/// # Errors
/// Where the session is not there, or the database refuses.
pub async fn insert(conn: &mut Conn, row: &ProviderSessionRow) -> Stored<()> {
    sqlx::query(
        "INSERT INTO provider_sessions (id_hash, first_hash, provider_id, person_id, subject, sid, sealed_refresh, \
         sealed_hint, checked_at, check_due) VALUES ($1, $1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(row.first_hash.clone())
    .bind(row.provider_id.clone())
    .bind(row.person_id.0.clone())
    .bind(row.subject.clone())
    .bind(row.sid.clone())
    .bind(row.sealed_refresh.clone())
    .bind(row.sealed_hint.clone())
    .bind(row.checked_at.0)
    .bind(row.check_due.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// The row of a session, if it came through a provider.
///
/// # Errors
/// Where the database refuses.
pub async fn by_hash(conn: &mut Conn, id_hash: &str) -> Stored<Option<ProviderSessionRow>> {
    let row = sqlx::query("SELECT * FROM provider_sessions WHERE id_hash = $1").bind(id_hash.to_owned());
    row.fetch_optional(conn).await?.as_ref().map(read).transpose()
}

/// Takes some that are due and were used since they were checked, and puts them off until `lease`, so that no other
/// process takes them meanwhile.
///
/// # Errors
/// Where the database refuses.
pub async fn take_due(conn: &mut Conn, now: Moment, lease: Moment, limit: u32) -> Stored<Vec<ProviderSessionRow>> {
    let mut sql = Sql::new("UPDATE provider_sessions SET check_due = ");
    sql.bind(lease.0).push(" WHERE check_due <= ").bind(now.0);
    sql.push(
        " AND id_hash IN (SELECT p.id_hash FROM provider_sessions p JOIN sessions s ON s.id_hash = p.id_hash \
         WHERE s.seen_at > p.checked_at AND p.check_due <= ",
    );
    sql.bind(now.0).push(" ORDER BY p.check_due LIMIT ").bind(i64::from(limit)).push(") RETURNING *");
    sql.all(conn).await?.iter().map(read).collect()
}

/// Notes that the provider said that all is well, with the tokens that it gave; what it did not give anew stays. The
/// session's code may have changed while the provider was asked.
///
/// # Errors
/// Where the database refuses.
pub async fn checked(
    conn: &mut Conn,
    first_hash: &str,
    now: Moment,
    due: Moment,
    sealed_refresh: Option<&str>,
    sealed_hint: Option<&str>,
) -> Stored<()> {
    sqlx::query(
        "UPDATE provider_sessions SET checked_at = $2, check_due = $3, sealed_refresh = COALESCE($4, sealed_refresh), \
         sealed_hint = COALESCE($5, sealed_hint), failing_since = NULL, tries = 0 \
         WHERE first_hash = $1 OR (first_hash IS NULL AND id_hash = $1)",
    )
    .bind(first_hash.to_owned())
    .bind(now.0)
    .bind(due.0)
    .bind(sealed_refresh.map(str::to_owned))
    .bind(sealed_hint.map(str::to_owned))
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes that the provider could not be asked.
///
/// # Errors
/// Where the database refuses.
pub async fn failed(conn: &mut Conn, first_hash: &str, now: Moment, due: Moment) -> Stored<()> {
    sqlx::query(
        "UPDATE provider_sessions SET failing_since = COALESCE(failing_since, $2), check_due = $3, tries = tries + 1 \
         WHERE first_hash = $1 OR (first_hash IS NULL AND id_hash = $1)",
    )
    .bind(first_hash.to_owned())
    .bind(now.0)
    .bind(due.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// The sessions that a provider means: by its name for the session, by whom it means, or by both.
///
/// # Errors
/// Where the database refuses.
pub async fn meant(
    conn: &mut Conn,
    provider: &str,
    sid: Option<&str>,
    subject: Option<&str>,
) -> Stored<Vec<ProviderSessionRow>> {
    if sid.is_none() && subject.is_none() {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new("SELECT * FROM provider_sessions WHERE provider_id = ");
    sql.bind(provider.to_owned());
    if let Some(sid) = sid {
        sql.push(" AND sid = ").bind(sid.to_owned());
    }
    if let Some(subject) = subject {
        sql.push(" AND subject = ").bind(subject.to_owned());
    }
    sql.all(conn).await?.iter().map(read).collect()
}
