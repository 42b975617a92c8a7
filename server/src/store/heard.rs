//! When each way last brought a record of one of our accounts.

use super::{Conn, StoreError, Stored, sql::Sql};
use app::model::{hit::Source, moment::Moment};
use sqlx::Row as _;

/// One way, in one region of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The region in which the call was made.
    pub region: String,
    /// The way.
    pub source: Source,
    /// When its latest record arrived.
    pub at: Moment,
    /// How long after the call, in milliseconds.
    pub lag_ms: i64,
}

/// Notes that a record arrived.
///
/// # Errors
/// Where the database refuses.
pub async fn note(conn: &mut Conn, account: &str, heard: &Heard) -> Stored<()> {
    sqlx::query(
        "INSERT INTO heard (account, region, source, at, lag_ms) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (account, region, source) DO UPDATE SET at = excluded.at, lag_ms = excluded.lag_ms \
         WHERE heard.at <= excluded.at",
    )
    .bind(account.to_owned())
    .bind(heard.region.clone())
    .bind(heard.source.word())
    .bind(heard.at.0)
    .bind(heard.lag_ms)
    .execute(conn)
    .await?;
    Ok(())
}

/// Every way by which an account was heard, by region.
///
/// # Errors
/// Where the database refuses.
pub async fn of_account(conn: &mut Conn, account: &str) -> Stored<Vec<Heard>> {
    let mut sql = Sql::new("SELECT region, source, at, lag_ms FROM heard WHERE account = ");
    sql.bind(account.to_owned()).push(" ORDER BY region, source");
    let read = |row: &sqlx::any::AnyRow| {
        Ok(Heard {
            region: row.try_get("region")?,
            source: Source::parse(row.try_get("source")?).ok_or_else(|| StoreError::corrupt("source of a way"))?,
            at: Moment(row.try_get("at")?),
            lag_ms: row.try_get("lag_ms")?,
        })
    };
    sql.all(conn).await?.iter().map(read).collect()
}
