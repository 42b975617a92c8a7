//! AWS accounts.

use super::{Conn, StoreError, Stored, sql::Sql};
use app::model::{
    account::{AccountSettings, AccountStatus},
    moment::Moment,
};
use sqlx::{Row as _, any::AnyRow};

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    /// Twelve digits.
    pub id: String,
    /// What an admin decided.
    pub settings: AccountSettings,
    /// What was last seen of it.
    pub status: AccountStatus,
    /// When it was added.
    pub created_at: Moment,
}

fn read(row: &AnyRow) -> Stored<AccountRow> {
    let (settings, status): (String, String) = (row.try_get("settings")?, row.try_get("status")?);
    Ok(AccountRow {
        id: row.try_get("id")?,
        settings: serde_json::from_str(&settings).map_err(|_| StoreError::corrupt("settings of an account"))?,
        status: serde_json::from_str(&status).map_err(|_| StoreError::corrupt("status of an account"))?,
        created_at: Moment(row.try_get("created_at")?),
    })
}

const COLUMNS: &str = "SELECT id, settings, status, created_at FROM accounts WHERE removed_at IS NULL";

/// Every account that is not removed, in the order of their numbers. There are tens of them, not thousands.
///
/// # Errors
/// Where the database refuses.
pub async fn all(conn: &mut Conn) -> Stored<Vec<AccountRow>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" ORDER BY id");
    sql.all(conn).await?.iter().map(read).collect()
}

/// One account.
///
/// # Errors
/// Where the database refuses.
pub async fn by_id(conn: &mut Conn, id: &str) -> Stored<Option<AccountRow>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" AND id = ").bind(id.to_owned());
    sql.first(conn).await?.as_ref().map(read).transpose()
}

fn json<T: serde::Serialize>(value: &T) -> Stored<String> {
    serde_json::to_string(value).map_err(|_| StoreError::corrupt("an account"))
}

/// Adds an account, or brings back one that was removed. `false` where it is there already.
///
/// # Errors
/// Where the database refuses.
pub async fn insert(conn: &mut Conn, id: &str, settings: &AccountSettings, by: &str, now: Moment) -> Stored<bool> {
    let done = sqlx::query(
        "INSERT INTO accounts (id, settings, status, created_by, created_at) VALUES ($1, $2, '{}', $3, $4) \
         ON CONFLICT (id) DO UPDATE SET settings = excluded.settings, status = '{}', created_by = excluded.created_by, \
         created_at = excluded.created_at, removed_at = NULL WHERE accounts.removed_at IS NOT NULL",
    )
    .bind(id.to_owned())
    .bind(json(settings)?)
    .bind(by.to_owned())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes what an admin decided.
///
/// # Errors
/// Where the database refuses.
pub async fn set_settings(conn: &mut Conn, id: &str, settings: &AccountSettings) -> Stored<()> {
    sqlx::query("UPDATE accounts SET settings = $2 WHERE id = $1")
        .bind(id.to_owned())
        .bind(json(settings)?)
        .execute(conn)
        .await?;
    Ok(())
}

/// Locks an account's row for this transaction, so that two changes of its status happen one after the other.
///
/// # Errors
/// Where the database refuses.
pub async fn lock(conn: &mut Conn, id: &str) -> Stored<()> {
    sqlx::query("UPDATE accounts SET created_at = created_at WHERE id = $1").bind(id.to_owned()).execute(conn).await?;
    Ok(())
}

/// Writes what was seen of an account.
///
/// # Errors
/// Where the database refuses.
pub async fn set_status(conn: &mut Conn, id: &str, status: &AccountStatus) -> Stored<()> {
    sqlx::query("UPDATE accounts SET status = $2 WHERE id = $1")
        .bind(id.to_owned())
        .bind(json(status)?)
        .execute(conn)
        .await?;
    Ok(())
}

/// Removes an account. Its tokens stay, and are watched.
///
/// # Errors
/// Where the database refuses.
pub async fn remove(conn: &mut Conn, id: &str, now: Moment) -> Stored<()> {
    sqlx::query("UPDATE accounts SET removed_at = $2 WHERE id = $1")
        .bind(id.to_owned())
        .bind(now.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// How many living tokens of ours an account holds.
///
/// # Errors
/// Where the database refuses.
pub async fn count_tokens(conn: &mut Conn, id: &str) -> Stored<i64> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS n FROM tokens WHERE account = $1 AND issuer <> 'adopted' AND revoked_at IS NULL",
    )
    .bind(id.to_owned())
    .fetch_one(conn)
    .await?;
    Ok(row.try_get("n")?)
}

/// The latest names of users that were minted in an account, newest first.
///
/// # Errors
/// Where the database refuses.
pub async fn latest_names(conn: &mut Conn, id: &str, limit: u32) -> Stored<Vec<String>> {
    let mut sql = Sql::new("SELECT user_name FROM tokens WHERE issuer = 'aws' AND account = ");
    sql.bind(id.to_owned()).push(" ORDER BY id DESC LIMIT ").bind(i64::from(limit));
    sql.all(conn).await?.iter().map(|row| Ok(row.try_get("user_name")?)).collect()
}
