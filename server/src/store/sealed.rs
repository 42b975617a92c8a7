//! Where sealed secrets stand, and exchanging them for the same secrets, sealed anew.

use super::{Conn, Stored, sql::Sql};
use sqlx::Row as _;

/// A column of sealed secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The column that names a row.
    key: &'static str,
    /// An expression for the owner for whom a row's secret opens.
    owner: &'static str,
    /// Which of the table's rows hold secrets.
    rows: &'static str,
}

const fn place(table: &'static str, column: &'static str, key: &'static str, owner: &'static str) -> Place {
    Place { table, column, key, owner, rows: "1 = 1" }
}

/// The key of the audit log's chain stands among the settings.
const AUDIT_KEY: Place =
    Place { table: "settings", column: "value", key: "name", owner: "name", rows: "name = 'audit_key'" };

/// Every column of sealed secrets. A test compares the list with the schema.
pub const PLACES: &[Place] = &[
    place("tokens", "sealed_secret", "id", "id"),
    place("former_keys", "sealed_secret", "access_key_id", "token_id"),
    place("destinations", "sealed_secret", "id", "id"),
    place("destinations", "sealed_old_secret", "id", "id"),
    place("destinations", "sealed_address", "id", "'address:' || id"),
    place("hooks", "sealed_secret", "destination_id", "'hook:' || destination_id"),
    place("hooks", "sealed_old_secret", "destination_id", "'hook:' || destination_id"),
    place("providers", "sealed_secret", "id", "id"),
    place("provider_sessions", "sealed_refresh", "id_hash", "provider_id || '\n' || subject"),
    place("provider_sessions", "sealed_hint", "id_hash", "provider_id || '\n' || subject"),
    place("pending_sign_ins", "sealed", "handle_hash", "handle_hash"),
    place("totp", "sealed_secret", "person_id", "person_id"),
    place("totp", "sealed_pending", "person_id", "person_id"),
    place("sandbox_keys", "sealed_secret", "access_key_id", "access_key_id"),
    AUDIT_KEY,
];

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&format!("{}.{}", self.table, self.column))
    }
}

/// One sealed secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The row's name.
    pub key: String,
    /// For whom it opens.
    pub owner: String,
    /// What stands there.
    pub text: String,
}

/// Secrets of a place that do not begin with this mark, in the order of their rows, after this one.
///
/// # Errors
/// Where the database refuses.
pub async fn others(conn: &mut Conn, place: Place, mark: &str, after: &str, most: i64) -> Stored<Vec<Sealed>> {
    let Place { table, column, key, owner, rows } = place;
    let mut sql = Sql::from_text(format!(
        "SELECT {key} AS row_key, {owner} AS row_owner, {column} AS sealed FROM {table} \
         WHERE {rows} AND {column} IS NOT NULL AND {column} NOT LIKE $1 AND {key} > $2 ORDER BY {key} LIMIT $3"
    ));
    sql.value(format!("{mark}%")).value(after.to_owned()).value(most);
    let rows = sql.all(conn).await?.into_iter().map(|row| {
        Ok(Sealed { key: row.try_get("row_key")?, owner: row.try_get("row_owner")?, text: row.try_get("sealed")? })
    });
    rows.collect()
}

/// How many secrets of a place do not begin with this mark.
///
/// # Errors
/// Where the database refuses.
pub async fn count_others(conn: &mut Conn, place: Place, mark: &str) -> Stored<i64> {
    let Place { table, column, rows, .. } = place;
    let mut sql = Sql::from_text(format!(
        "SELECT COUNT(*) AS others FROM {table} WHERE {rows} AND {column} IS NOT NULL AND {column} NOT LIKE $1"
    ));
    sql.value(format!("{mark}%"));
    let row = sql.first(conn).await?;
    Ok(row.map(|row| row.try_get("others")).transpose()?.unwrap_or(0))
}

/// Puts a secret that was sealed anew in the place of what was read there; whether that still stood there.
///
/// # Errors
/// Where the database refuses.
pub async fn replace(conn: &mut Conn, place: Place, was: &Sealed, text: &str) -> Stored<bool> {
    let Place { table, column, key, .. } = place;
    let mut sql = Sql::from_text(format!("UPDATE {table} SET {column} = $1 WHERE {key} = $2 AND {column} = $3"));
    sql.value(text.to_owned()).value(was.key.clone()).value(was.text.clone());
    Ok(sql.run(conn).await? > 0)
}
