//! Links for those who have an account: to choose a new password, or to come in once. Only the hash of a link's code is
//! kept.

use crate::store::{Conn, Stored};
use app::model::{ids::PersonId, moment::Moment};
use sqlx::Row as _;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// To choose a new password.
    Reset,
    /// To come in once.
    Enter,
}

impl LinkKind {
    fn word(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Enter => "enter",
        }
    }
}

/// A link that can be followed.
#[derive(Clone, Debug)]
pub struct LinkRow {
    /// Whom it is for.
    pub person_id: PersonId,
    /// Their mail address.
    pub email: String,
}

/// Writes a new link. One for nobody opens nothing: it is written all the same, so that writing takes as long.
///
/// # Errors
/// Where the database refuses.
pub async fn insert(
    conn: &mut Conn,
    code_hash: &str,
    kind: LinkKind,
    person: Option<&PersonId>,
    now: Moment,
    until: Moment,
) -> Stored<()> {
    sqlx::query(
        "INSERT INTO person_links (code_hash, kind, person_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(code_hash.to_owned())
    .bind(kind.word())
    .bind(person.map(|person| person.0.clone()))
    .bind(now.0)
    .bind(until.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// The link of this hash and kind, if it can still be followed and its person is not switched off.
///
/// # Errors
/// Where the database refuses.
pub async fn by_hash(conn: &mut Conn, code_hash: &str, kind: LinkKind, now: Moment) -> Stored<Option<LinkRow>> {
    let row = sqlx::query(
        "SELECT l.person_id, p.email FROM person_links l JOIN persons p ON p.id = l.person_id \
         WHERE l.code_hash = $1 AND l.kind = $2 AND l.used_at IS NULL AND l.expires_at > $3 AND p.disabled_at IS NULL",
    )
    .bind(code_hash.to_owned())
    .bind(kind.word())
    .bind(now.0)
    .fetch_optional(conn)
    .await?;
    row.map(|row| Ok(LinkRow { person_id: PersonId(row.try_get("person_id")?), email: row.try_get("email")? }))
        .transpose()
}

/// Uses up a link; `false` if somebody else was faster, or its time is over.
///
/// # Errors
/// Where the database refuses.
pub async fn use_up(conn: &mut Conn, code_hash: &str, now: Moment) -> Stored<bool> {
    let done = sqlx::query(
        "UPDATE person_links SET used_at = $2 WHERE code_hash = $1 AND used_at IS NULL AND expires_at > $2",
    )
    .bind(code_hash.to_owned())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Uses up every link of a person, of whatever kind.
///
/// # Errors
/// Where the database refuses.
pub async fn use_up_all(conn: &mut Conn, person: &PersonId, now: Moment) -> Stored<()> {
    sqlx::query("UPDATE person_links SET used_at = $2 WHERE person_id = $1 AND used_at IS NULL")
        .bind(person.0.clone())
        .bind(now.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Forgets links that are over.
///
/// # Errors
/// Where the database refuses.
pub async fn forget_over(conn: &mut Conn, now: Moment) -> Stored<()> {
    sqlx::query("DELETE FROM person_links WHERE expires_at <= $1").bind(now.0).execute(conn).await?;
    Ok(())
}
