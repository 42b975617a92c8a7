//! Alerts that a destination did not take, kept to be sent again.

use crate::store::{Conn, Stored, sql::Sql};
use app::model::{alert::Kept, ids::DestinationId, moment::Moment};
use sqlx::Row as _;

/// How many deliveries are kept by one statement.
pub const AT_ONCE: u64 = 1_000;

/// As far as it is counted what is kept.
const COUNTED: i64 = 10_000;

/// Keeps what waits for a destination until somebody asks for it, [`AT_ONCE`] at most; tests are no news, and are not
/// kept. How many those are.
///
/// # Errors
/// Where the database refuses.
pub async fn hold(conn: &mut Conn, id: &DestinationId, also_asked: bool) -> Stored<u64> {
    let mut sql = Sql::new(
        "UPDATE deliveries SET state = 'held', next_attempt_at = NULL, asked = 0 WHERE id IN (SELECT w.id FROM deliveries w \
         WHERE w.state = 'waiting' AND w.destination_id = ",
    );
    sql.bind(id.0.clone());
    if !also_asked {
        sql.push(" AND w.asked = 0");
    }
    sql.push(" AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.id = w.alert_id AND a.kind = 'test')");
    sql.push(" ORDER BY w.asked DESC, w.created_at, w.id LIMIT ");
    sql.bind(i64::try_from(AT_ONCE).unwrap_or(i64::MAX)).push(")");
    Ok(sql.run(conn).await?)
}

/// What is kept for a destination, counted up to ten thousand.
///
/// # Errors
/// Where the database refuses.
pub async fn of(conn: &mut Conn, id: &DestinationId) -> Stored<Kept> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS n, MIN(f.created_at) AS oldest FROM (SELECT created_at FROM deliveries \
         WHERE destination_id = $1 AND state IN ('held', 'dead') ORDER BY created_at, id LIMIT $2) f",
    )
    .bind(id.0.clone())
    .bind(COUNTED)
    .fetch_one(conn)
    .await?;
    Ok(Kept { alerts: row.try_get("n")?, since: row.try_get::<Option<i64>, _>("oldest")?.map(Moment) })
}

fn those(sql: &mut Sql, id: &DestinationId, from: Moment, all: bool) {
    sql.push(" FROM deliveries WHERE destination_id = ").bind(id.0.clone());
    sql.push(" AND created_at >= ").bind(from.0);
    sql.push(if all { " AND state IN ('held', 'dead', 'sent')" } else { " AND state IN ('held', 'dead')" });
}

/// Puts what is kept since a moment back on its way, the oldest first and at most so many; `all` also what was accepted.
///
/// # Errors
/// Where the database refuses.
pub async fn release(
    conn: &mut Conn,
    id: &DestinationId,
    from: Moment,
    all: bool,
    now: Moment,
    most: i64,
) -> Stored<i64> {
    let mut sql = Sql::new("UPDATE deliveries SET state = 'waiting', tries = 0, asked = 1, done_at = NULL");
    sql.push(", next_attempt_at = ").bind(now.0).push(" WHERE id IN (SELECT id");
    those(&mut sql, id, from, all);
    sql.push(" ORDER BY created_at, id LIMIT ").bind(most).push(")");
    Ok(i64::try_from(sql.run(conn).await?).unwrap_or(i64::MAX))
}

/// How many are kept since a moment.
///
/// # Errors
/// Where the database refuses.
pub async fn count(conn: &mut Conn, id: &DestinationId, from: Moment, all: bool) -> Stored<i64> {
    let mut sql = Sql::new("SELECT COUNT(*) AS n");
    those(&mut sql, id, from, all);
    Ok(sql.first(conn).await?.map_or(Ok(0), |row| row.try_get("n"))?)
}
