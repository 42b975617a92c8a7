//! What IAM says about when keys were last used, and what is known of those uses.

use super::{Conn, Stored, sql::Sql};
use app::model::{ids::TokenId, moment::Moment};
use sqlx::{Row as _, any::AnyRow};

/// A token, as far as its last use is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedRow {
    /// The token.
    pub id: TokenId,
    /// Its key id.
    pub access_key_id: String,
    /// Its user's ARN; empty if not known.
    pub arn: String,
    /// When it was minted or adopted.
    pub created_at: Moment,
    /// Its last use, as last read and explained.
    pub used_at: Option<Moment>,
    /// When it was last read.
    pub checked_at: Option<Moment>,
    /// When it was first seen to have moved without a record.
    pub since: Option<Moment>,
}

const COLUMNS: &str = "SELECT id, access_key_id, arn, created_at, used_at, used_checked_at, used_since FROM tokens \
    WHERE revoked_at IS NULL AND account = ";

fn read(row: &AnyRow) -> Stored<UsedRow> {
    let moment = |column: &str| Ok::<_, sqlx::Error>(row.try_get::<Option<i64>, _>(column)?.map(Moment));
    Ok(UsedRow {
        id: TokenId(row.try_get("id")?),
        access_key_id: row.try_get("access_key_id")?,
        arn: row.try_get("arn")?,
        created_at: Moment(row.try_get("created_at")?),
        used_at: moment("used_at")?,
        checked_at: moment("used_checked_at")?,
        since: moment("used_since")?,
    })
}

/// The living token of an account that was not looked at for longest, if that was before this moment.
///
/// # Errors
/// Where the database refuses.
pub async fn next(conn: &mut Conn, account: &str, before: Moment) -> Stored<Option<UsedRow>> {
    let mut sql = Sql::new(COLUMNS);
    sql.bind(account.to_owned()).push(" AND COALESCE(used_checked_at, 0) < ").bind(before.0);
    sql.push(" ORDER BY COALESCE(used_checked_at, 0), id LIMIT 1");
    sql.first(conn).await?.as_ref().map(read).transpose()
}

/// The living tokens of an account whose users have these ARNs.
///
/// # Errors
/// Where the database refuses.
pub async fn by_arns(conn: &mut Conn, account: &str, arns: &[&str]) -> Stored<Vec<UsedRow>> {
    let mut found = Vec::new();
    for arns in arns.chunks(500) {
        let mut sql = Sql::new(COLUMNS);
        sql.bind(account.to_owned()).push(" AND arn IN ").bind_all(arns.iter().map(|arn| (*arn).to_owned()));
        for row in sql.all(conn).await? {
            found.push(read(&row)?);
        }
    }
    Ok(found)
}

/// How many living tokens an account has, adopted ones included.
///
/// # Errors
/// Where the database refuses.
pub async fn count_living(conn: &mut Conn, account: &str) -> Stored<i64> {
    let mut sql = Sql::new("SELECT COUNT(*) AS n FROM tokens WHERE revoked_at IS NULL AND account = ");
    sql.bind(account.to_owned());
    Ok(sql.first(conn).await?.map_or(Ok(0), |row| row.try_get("n"))?)
}

/// Takes a token to look at it now. `false` where another replica was first.
///
/// # Errors
/// Where the database refuses.
pub async fn claim(conn: &mut Conn, row: &UsedRow, now: Moment) -> Stored<bool> {
    let done =
        sqlx::query("UPDATE tokens SET used_checked_at = $2 WHERE id = $1 AND COALESCE(used_checked_at, 0) = $3")
            .bind(row.id.0.clone())
            .bind(now.0)
            .bind(row.checked_at.map_or(0, |at| at.0))
            .execute(conn)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether a use of a token between two moments is known: by a record, or, where it may be a `drill`, because Aviary made
/// it itself.
///
/// # Errors
/// Where the database refuses.
pub async fn is_known(conn: &mut Conn, id: &TokenId, from: Moment, to: Moment, drill: bool) -> Stored<bool> {
    let row = sqlx::query(
        "SELECT 1 WHERE EXISTS (SELECT 1 FROM hits WHERE token_id = $1 AND event_time >= $2 AND event_time <= $3 \
         AND (kind IN ('use', 'exposed') OR (kind = 'drill' AND $4 = 1))) \
         OR ($4 = 1 AND EXISTS (SELECT 1 FROM drill_marks WHERE token_id = $1 AND made_at >= $2 AND made_at <= $3))",
    )
    .bind(id.0.clone())
    .bind(from.0)
    .bind(to.0)
    .bind(i64::from(drill))
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}

/// The last use of a token is this one, and explained.
///
/// # Errors
/// Where the database refuses.
pub async fn settle(conn: &mut Conn, id: &TokenId, used_at: Moment) -> Stored<()> {
    sqlx::query("UPDATE tokens SET used_at = $2, used_since = NULL WHERE id = $1")
        .bind(id.0.clone())
        .bind(used_at.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// The last use of a token moved, and no record says why.
///
/// # Errors
/// Where the database refuses.
pub async fn wonder(conn: &mut Conn, id: &TokenId, now: Moment) -> Stored<()> {
    sqlx::query("UPDATE tokens SET used_since = $2 WHERE id = $1 AND used_since IS NULL")
        .bind(id.0.clone())
        .bind(now.0)
        .execute(conn)
        .await?;
    Ok(())
}
