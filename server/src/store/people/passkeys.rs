//! Passkeys: what is public of them. The private half never leaves its owner's device.

use crate::store::{Conn, Stored};
use app::model::{
    ids::{PasskeyId, PersonId},
    moment::Moment,
};
use sqlx::{Row as _, any::AnyRow};

/// A passkey.
#[derive(Clone, Debug)]
pub struct PasskeyRow {
    /// Its identifier here.
    pub id: PasskeyId,
    /// Whose.
    pub person: PersonId,
    /// How its owner calls it.
    pub name: String,
    /// Its identifier at the authenticator, base64url.
    pub credential: String,
    /// Its public key: a SubjectPublicKeyInfo in DER, base64url.
    pub public_key: String,
    /// How it signs, as COSE numbers algorithms.
    pub algorithm: i64,
    /// How often it signed, if it counts.
    pub counter: i64,
    /// Whether it is copied between its owner's devices.
    pub synced: bool,
    /// How it can be reached (`internal`, `usb`, …), a JSON list.
    pub transports: String,
    /// When it was added.
    pub created_at: Moment,
    /// When it was last used.
    pub used_at: Option<Moment>,
}

fn read(row: &AnyRow) -> Stored<PasskeyRow> {
    Ok(PasskeyRow {
        id: PasskeyId(row.try_get("id")?),
        person: PersonId(row.try_get("person_id")?),
        name: row.try_get("name")?,
        credential: row.try_get("credential_id")?,
        public_key: row.try_get("public_key")?,
        algorithm: row.try_get("algorithm")?,
        counter: row.try_get("counter")?,
        synced: row.try_get::<i64, _>("synced")? != 0,
        transports: row.try_get("transports")?,
        created_at: Moment(row.try_get("created_at")?),
        used_at: row.try_get::<Option<i64>, _>("used_at")?.map(Moment),
    })
}

/// Writes a new passkey.
///
/// # Errors
/// Where its credential is known already, or the database refuses.
pub async fn insert(conn: &mut Conn, row: &PasskeyRow) -> Stored<()> {
    sqlx::query(
        "INSERT INTO passkeys (id, person_id, name, credential_id, public_key, algorithm, counter, synced, transports, \
         created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(row.id.0.clone())
    .bind(row.person.0.clone())
    .bind(row.name.clone())
    .bind(row.credential.clone())
    .bind(row.public_key.clone())
    .bind(row.algorithm)
    .bind(row.counter)
    .bind(i64::from(row.synced))
    .bind(row.transports.clone())
    .bind(row.created_at.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Somebody's passkeys, oldest first.
///
/// # Errors
/// Where the database refuses.
pub async fn of(conn: &mut Conn, person: &PersonId) -> Stored<Vec<PasskeyRow>> {
    let rows = sqlx::query("SELECT * FROM passkeys WHERE person_id = $1 ORDER BY id")
        .bind(person.0.clone())
        .fetch_all(conn)
        .await?;
    rows.iter().map(read).collect()
}

/// The passkey with this credential.
///
/// # Errors
/// Where the database refuses.
pub async fn by_credential(conn: &mut Conn, credential: &str) -> Stored<Option<PasskeyRow>> {
    let row = sqlx::query("SELECT * FROM passkeys WHERE credential_id = $1")
        .bind(credential.to_owned())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(read).transpose()
}

/// Writes down that a passkey was used. `false` where its counter did not grow, although it counts: then two hold it.
///
/// # Errors
/// Where the database refuses.
pub async fn used(conn: &mut Conn, id: &PasskeyId, counter: i64, synced: bool, now: Moment) -> Stored<bool> {
    let done = sqlx::query(
        "UPDATE passkeys SET counter = $2, synced = $3, used_at = $4 \
         WHERE id = $1 AND (counter < $2 OR (counter = 0 AND $2 = 0))",
    )
    .bind(id.0.clone())
    .bind(counter)
    .bind(i64::from(synced))
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes a passkey away from its owner; its name, if it was there.
///
/// # Errors
/// Where the database refuses.
pub async fn remove(conn: &mut Conn, person: &PersonId, id: &PasskeyId) -> Stored<Option<String>> {
    let row = sqlx::query("DELETE FROM passkeys WHERE id = $1 AND person_id = $2 RETURNING name")
        .bind(id.0.clone())
        .bind(person.0.clone())
        .fetch_optional(conn)
        .await?;
    Ok(row.map(|row| row.try_get("name")).transpose()?)
}

/// Takes all passkeys of a person away; how many there were.
///
/// # Errors
/// Where the database refuses.
pub async fn remove_of(conn: &mut Conn, person: &PersonId) -> Stored<u64> {
    let done = sqlx::query("DELETE FROM passkeys WHERE person_id = $1").bind(person.0.clone()).execute(conn).await?;
    Ok(done.rows_affected())
}
