//! API keys. Only the hash of a key is kept.

use crate::store::{Conn, StoreError, Stored};
use app::model::{
    ids::{ApiKeyId, TeamId},
    moment::Moment,
    person::ApiKey,
    viewer::{Role, Scope},
};
use sqlx::{Row as _, any::AnyRow};
use std::collections::BTreeSet;

/// An API key and its team.
#[derive(Clone, Debug)]
pub struct ApiKeyRow {
    /// What people see of it.
    pub key: ApiKey,
    /// The team in which it holds; `None` for the whole installation.
    pub team_id: Option<TeamId>,
}

const COLUMNS: &str = "SELECT k.id, k.name, k.prefix, k.role, k.scopes, k.team_id, m.name AS team, k.created_at, \
    k.expires_at, k.last_used_at, k.revoked_at FROM api_keys k LEFT JOIN teams m ON m.id = k.team_id";

fn read(row: &AnyRow) -> Stored<ApiKeyRow> {
    let team: String = row.try_get("team_id")?;
    let role = match row.try_get::<&str, _>("role")? {
        "" => None,
        word => Some(Role::parse(word).ok_or_else(|| StoreError::corrupt("role of an API key"))?),
    };
    // A key of a whole role follows the role where that changes; what a limit names, it names for good.
    let scopes: BTreeSet<Scope> = match (row.try_get::<&str, _>("scopes")?, role) {
        ("", Some(role)) => role.scopes(),
        (words, _) => words
            .split(' ')
            .map(|word| Scope::parse(word).ok_or_else(|| StoreError::corrupt("scope of an API key")))
            .collect::<Stored<_>>()?,
    };
    Ok(ApiKeyRow {
        key: ApiKey {
            id: ApiKeyId(row.try_get("id")?),
            name: row.try_get("name")?,
            prefix: row.try_get("prefix")?,
            role,
            scopes,
            team: row.try_get("team")?,
            created_at: Moment(row.try_get("created_at")?),
            expires_at: row.try_get::<Option<i64>, _>("expires_at")?.map(Moment),
            last_used_at: row.try_get::<Option<i64>, _>("last_used_at")?.map(Moment),
            revoked_at: row.try_get::<Option<i64>, _>("revoked_at")?.map(Moment),
        },
        team_id: Some(TeamId(team)).filter(|team| !team.0.is_empty()),
    })
}

/// Writes a new key.
///
/// # Errors
/// Where the database refuses.
pub async fn insert(conn: &mut Conn, row: &ApiKeyRow, key_hash: &str, created_by: &str) -> Stored<()> {
    let scopes: Vec<_> = row.key.scopes.iter().filter(|_| row.key.is_limited()).map(|scope| scope.word()).collect();
    sqlx::query(
        "INSERT INTO api_keys (id, name, key_hash, prefix, role, scopes, team_id, created_by, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(row.key.id.0.clone())
    .bind(row.key.name.clone())
    .bind(key_hash.to_owned())
    .bind(row.key.prefix.clone())
    .bind(row.key.role.map_or("", Role::word))
    .bind(scopes.join(" "))
    .bind(row.team_id.as_ref().map(|team| team.0.clone()).unwrap_or_default())
    .bind(created_by.to_owned())
    .bind(row.key.created_at.0)
    .bind(row.key.expires_at.map(|end| end.0))
    .execute(conn)
    .await?;
    Ok(())
}

/// The key of this hash, if it is not revoked. Its time may be over.
///
/// # Errors
/// Where the database refuses.
pub async fn by_hash(conn: &mut Conn, key_hash: &str) -> Stored<Option<ApiKeyRow>> {
    let sql = with_columns(" WHERE k.key_hash = $1 AND k.revoked_at IS NULL");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(key_hash.to_owned()).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// All keys, newest first.
///
/// # Errors
/// Where the database refuses.
pub async fn list(conn: &mut Conn) -> Stored<Vec<ApiKeyRow>> {
    let rows = sqlx::query(sqlx::AssertSqlSafe(with_columns(" ORDER BY k.id DESC"))).fetch_all(conn).await?;
    rows.iter().map(read).collect()
}

fn with_columns(rest: &'static str) -> String {
    format!("{COLUMNS}{rest}")
}

/// Writes down that a key was used.
///
/// # Errors
/// Where the database refuses.
pub async fn used(conn: &mut Conn, id: &ApiKeyId, now: Moment) -> Stored<()> {
    sqlx::query("UPDATE api_keys SET last_used_at = $2 WHERE id = $1")
        .bind(id.0.clone())
        .bind(now.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// The key of this identifier, if it is not revoked.
///
/// # Errors
/// Where the database refuses.
pub async fn by_id(conn: &mut Conn, id: &ApiKeyId) -> Stored<Option<ApiKeyRow>> {
    let sql = with_columns(" WHERE k.id = $1 AND k.revoked_at IS NULL");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.0.clone()).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// Revokes a key; `false` where there is none of this identifier, or it is revoked already.
///
/// # Errors
/// Where the database refuses.
pub async fn revoke(conn: &mut Conn, id: &ApiKeyId, now: Moment) -> Stored<bool> {
    let done = sqlx::query("UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL")
        .bind(id.0.clone())
        .bind(now.0)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}
