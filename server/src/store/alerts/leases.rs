//! Leases: which worker sends to which destination.
//!
//! A worker leases a destination, not a delivery: so one delivery at a time goes to each, whatever the number of
//! workers and replicas. A worker that dies keeps its lease until it runs out; then its deliveries are sent again,
//! under the same identifiers.

use super::destinations::{self, Served};
use crate::store::{Conn, Stored, connect::Flavour, sql::Sql};
use app::model::{ids::DestinationId, moment::Moment};
use sqlx::Row as _;
use std::collections::BTreeSet;

/// Destinations of a kind, so that those which may hang do not take the place of those which do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Their last attempt was accepted, or there was none.
    Sound,
    /// Their last attempt failed.
    Doubtful,
}

/// Goes on with: destinations of a lane that have something due and that nobody serves, none of these hosts.
fn free(sql: &mut Sql, lane: Lane, now: Moment, full: &[String]) {
    sql.push(" FROM destinations d WHERE d.removed_at IS NULL AND d.leased_until <= ").bind(now.0);
    sql.push(" AND d.not_before <= ").bind(now.0);
    sql.push(match lane {
        Lane::Sound => " AND d.last_error IS NULL",
        Lane::Doubtful => " AND d.last_error IS NOT NULL",
    });
    if !full.is_empty() {
        sql.push(" AND (d.host IS NULL OR d.host NOT IN ").bind_all(full.iter().cloned()).push(")");
    }
    // No `EXISTS`: SQLite would make a join of it, and may begin with everything that waits.
    sql.push(
        " AND (SELECT 1 FROM deliveries w WHERE w.destination_id = d.id AND w.state = 'waiting' AND w.next_attempt_at <= ",
    );
    sql.bind(now.0).push(" LIMIT 1) = 1");
}

/// Whether there is anything to lease in a lane. Reads alone, so that looking does not make writers wait.
///
/// # Errors
/// Where the database refuses.
pub async fn wanted(conn: &mut Conn, lane: Lane, now: Moment, full: &[String]) -> Stored<bool> {
    let mut sql = Sql::new("SELECT d.id");
    free(&mut sql, lane, now, full);
    sql.push(" LIMIT 1");
    Ok(sql.first(conn).await?.is_some())
}

/// Leases destinations of a lane that have something due and that nobody serves, until `until`. Those that were not
/// served for the longest time come first; those at `full` hosts are left out.
///
/// # Errors
/// Where the database refuses.
pub async fn lease(
    conn: &mut Conn,
    flavour: Flavour,
    lane: Lane,
    (now, until): (Moment, Moment),
    full: &[String],
    limit: usize,
) -> Stored<Vec<Served>> {
    let mut sql = Sql::new("WITH free AS MATERIALIZED (SELECT d.id");
    free(&mut sql, lane, now, full);
    sql.push(" ORDER BY d.leased_until, d.id LIMIT ").bind(i64::try_from(limit).unwrap_or(i64::MAX));
    if flavour == Flavour::Postgres {
        // SQLite has one writer, so nobody else is choosing at the same time.
        // Deliveries that are being written hold a share of their destination's key: those are not to be passed over.
        sql.push(" FOR NO KEY UPDATE SKIP LOCKED");
    }
    sql.push(") UPDATE destinations SET leased_until = ").bind(until.0);
    sql.push(" WHERE id IN (SELECT id FROM free) RETURNING id");
    let rows = sql.all(&mut *conn).await?;
    let ids = rows.iter().map(|row| Ok(row.try_get("id")?)).collect::<Stored<Vec<String>>>()?;
    destinations::served(conn, &ids).await
}

/// Gives back leases that are not used after all, so that somebody else may have them from now on.
///
/// # Errors
/// Where the database refuses.
pub async fn give_back(conn: &mut Conn, ids: &[DestinationId], until: Moment, now: Moment) -> Stored<()> {
    for some in ids.chunks(500) {
        let mut sql = Sql::new("UPDATE destinations SET leased_until = ");
        sql.bind(now.0).push(" WHERE leased_until = ").bind(until.0);
        sql.push(" AND id IN ").bind_all(some.iter().map(|id| id.0.clone()));
        sql.run(&mut *conn).await?;
    }
    Ok(())
}

/// Keeps at which host a destination is.
///
/// # Errors
/// Where the database refuses.
pub async fn note_host(conn: &mut Conn, id: &DestinationId, host: &str) -> Stored<()> {
    sqlx::query("UPDATE destinations SET host = $2 WHERE id = $1")
        .bind(id.0.clone())
        .bind(host.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Locks these destinations for the transaction, always in the same order. SQLite has one writer, who needs no lock.
///
/// # Errors
/// Where the database refuses.
pub async fn lock(conn: &mut Conn, flavour: Flavour, ids: BTreeSet<DestinationId>) -> Stored<()> {
    if flavour == Flavour::Postgres && !ids.is_empty() {
        let mut sql = Sql::new("SELECT id FROM destinations WHERE id IN ");
        sql.bind_any_of(ids.into_iter().map(|id| id.0).collect()).push(" ORDER BY id FOR NO KEY UPDATE");
        sql.all(conn).await?;
    }
    Ok(())
}

/// Makes the lease that runs until one of `held` run until `until`; `false` if it ran out and is somebody else's now.
///
/// # Errors
/// Where the database refuses.
pub async fn renew(
    conn: &mut Conn,
    destination: &DestinationId,
    [held, or]: [Moment; 2],
    until: Moment,
) -> Stored<bool> {
    let done = sqlx::query("UPDATE destinations SET leased_until = $4 WHERE id = $1 AND leased_until IN ($2, $3)")
        .bind(destination.0.clone())
        .bind(held.0)
        .bind(or.0)
        .bind(until.0)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Lets what waits for a destination be sent at once, although its last attempt failed: somebody asks for it.
///
/// # Errors
/// Where the database refuses.
pub async fn at_once(conn: &mut Conn, id: &DestinationId, now: Moment) -> Stored<()> {
    sqlx::query("UPDATE destinations SET not_before = 0, asked_at = $2 WHERE id = $1")
        .bind(id.0.clone())
        .bind(now.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends all leases: for a process that knows that it is the only one.
///
/// # Errors
/// Where the database refuses.
pub async fn release_all(conn: &mut Conn, now: Moment) -> Stored<()> {
    sqlx::query("UPDATE destinations SET leased_until = $1 WHERE leased_until > $1").bind(now.0).execute(conn).await?;
    Ok(())
}
