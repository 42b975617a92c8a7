//! What browsers were asked to do with a passkey and have not answered yet. Each is answered once.

use crate::store::{Conn, Stored};
use app::model::{ids::PersonId, moment::Moment};
use sqlx::Row as _;

/// A ceremony that begins.
#[derive(Clone, Debug)]
pub struct NewCeremony<'a> {
    /// The hash of the handle in the browser's cookie.
    pub handle_hash: &'a str,
    /// `add` or `enter`.
    pub kind: &'a str,
    /// For whom a passkey is made.
    pub person: Option<&'a PersonId>,
    /// What the authenticator has to sign, base64url.
    pub challenge: &'a str,
    /// The browser's address.
    pub address: &'a str,
    /// Now.
    pub now: Moment,
    /// Until when it can be answered.
    pub until: Moment,
}

/// A ceremony that is answered.
#[derive(Clone, Debug)]
pub struct Ceremony {
    /// For whom a passkey is made.
    pub person: Option<PersonId>,
    /// What the authenticator had to sign, base64url.
    pub challenge: String,
}

/// Writes down that a ceremony begins, and forgets those that have run out. `false`, and nothing is written, where `most`
/// are under way from its address already.
///
/// # Errors
/// Where the database refuses.
pub async fn begin(conn: &mut Conn, new: &NewCeremony<'_>, most: i64) -> Stored<bool> {
    sqlx::query("DELETE FROM ceremonies WHERE expires_at <= $1").bind(new.now.0).execute(&mut *conn).await?;
    let row = sqlx::query("SELECT COUNT(*) AS n FROM ceremonies WHERE address = $1")
        .bind(new.address.to_owned())
        .fetch_one(&mut *conn)
        .await?;
    if row.try_get::<i64, _>("n")? >= most {
        return Ok(false);
    }
    sqlx::query(
        "INSERT INTO ceremonies (handle_hash, kind, person_id, challenge, address, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(new.handle_hash.to_owned())
    .bind(new.kind.to_owned())
    .bind(new.person.map(|person| person.0.clone()))
    .bind(new.challenge.to_owned())
    .bind(new.address.to_owned())
    .bind(new.until.0)
    .execute(conn)
    .await?;
    Ok(true)
}

/// The ceremony of this handle, which is forgotten with that; `None` where there is none, or it has run out.
///
/// # Errors
/// Where the database refuses.
pub async fn take(conn: &mut Conn, handle_hash: &str, kind: &str, now: Moment) -> Stored<Option<Ceremony>> {
    let row = sqlx::query(
        "DELETE FROM ceremonies WHERE handle_hash = $1 AND kind = $2 AND expires_at > $3 RETURNING person_id, challenge",
    )
    .bind(handle_hash.to_owned())
    .bind(kind.to_owned())
    .bind(now.0)
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        Ok(Ceremony {
            person: row.try_get::<Option<String>, _>("person_id")?.map(PersonId),
            challenge: row.try_get("challenge")?,
        })
    })
    .transpose()
}
