//! The log of deliveries, with their attempts.

use super::destinations::Sight;
use crate::store::{Conn, StoreError, Stored, cursor::Cursor, sql::Sql};
use app::model::{
    alert::{AlertKind, Attempt, Delivery, DeliveryQuery, DeliveryState},
    ids::{DeliveryId, DestinationId, HitId, TokenId},
    moment::Moment,
};
use sqlx::{Row as _, any::AnyRow};
use std::collections::HashMap;

const COLUMNS: &str = "SELECT w.id, w.destination_id, d.name AS destination, a.kind, w.token_id, a.hit_id, a.summary, \
    w.state, w.created_at, w.next_attempt_at, w.done_at FROM deliveries w JOIN alerts a ON a.id = w.alert_id \
    JOIN destinations d ON d.id = w.destination_id WHERE 1 = 1";

fn read(row: &AnyRow) -> Stored<Delivery> {
    let moment = |column: &str| Ok::<_, sqlx::Error>(row.try_get::<Option<i64>, _>(column)?.map(Moment));
    Ok(Delivery {
        id: DeliveryId(row.try_get("id")?),
        destination_id: DestinationId(row.try_get("destination_id")?),
        destination: row.try_get("destination")?,
        kind: AlertKind::parse(row.try_get("kind")?).ok_or_else(|| StoreError::corrupt("kind of an alert"))?,
        token_id: row.try_get::<Option<String>, _>("token_id")?.map(TokenId),
        hit_id: row.try_get::<Option<String>, _>("hit_id")?.map(HitId),
        summary: row.try_get("summary")?,
        state: DeliveryState::parse(row.try_get("state")?).ok_or_else(|| StoreError::corrupt("state of a delivery"))?,
        created_at: Moment(row.try_get("created_at")?),
        next_attempt_at: moment("next_attempt_at")?,
        done_at: moment("done_at")?,
        attempts: Vec::new(),
    })
}

/// One more delivery than the page holds, to destinations in sight, newest first.
///
/// # Errors
/// Where the database refuses.
pub async fn list(
    conn: &mut Conn,
    sight: &Sight,
    query: &DeliveryQuery,
    after: Option<&Cursor>,
    size: u32,
) -> Stored<Vec<Delivery>> {
    let mut sql = Sql::new(COLUMNS);
    sight.narrow(&mut sql);
    if let Some(destination) = &query.destination_id {
        sql.push(" AND w.destination_id = ").bind(destination.0.clone());
    }
    if let Some(token) = &query.token_id {
        sql.push(" AND w.token_id = ").bind(token.0.clone());
    }
    if let Some(state) = query.state {
        sql.push(" AND w.state = ").bind(state.word().to_owned());
    }
    if let Some(after) = after {
        sql.push(" AND w.id < ").bind(after.id.clone());
    }
    sql.push(" ORDER BY w.id DESC LIMIT ").bind(i64::from(size) + 1);
    let deliveries = sql.all(conn).await?.iter().map(read).collect::<Stored<_>>()?;
    with_attempts(conn, deliveries).await
}

/// One delivery, if its destination is in sight.
///
/// # Errors
/// Where the database refuses.
pub async fn by_id(conn: &mut Conn, sight: &Sight, id: &DeliveryId) -> Stored<Option<Delivery>> {
    let mut sql = Sql::new(COLUMNS);
    sight.narrow(&mut sql);
    sql.push(" AND w.id = ").bind(id.0.clone());
    let found: Option<Delivery> = sql.first(conn).await?.as_ref().map(read).transpose()?;
    Ok(with_attempts(conn, found.into_iter().collect()).await?.pop())
}

async fn with_attempts(conn: &mut Conn, mut deliveries: Vec<Delivery>) -> Stored<Vec<Delivery>> {
    let mut sql =
        Sql::new("SELECT delivery_id, at, duration_ms, ok, status, detail FROM attempts WHERE delivery_id IN ");
    sql.bind_all(deliveries.iter().map(|delivery| delivery.id.0.clone())).push(" ORDER BY id");
    let mut attempts: HashMap<String, Vec<Attempt>> = HashMap::new();
    for row in sql.all(conn).await? {
        attempts.entry(row.try_get("delivery_id")?).or_default().push(Attempt {
            at: Moment(row.try_get("at")?),
            duration_ms: row.try_get("duration_ms")?,
            ok: row.try_get::<i64, _>("ok")? != 0,
            status: row.try_get("status")?,
            detail: row.try_get("detail")?,
        });
    }
    for delivery in &mut deliveries {
        delivery.attempts = attempts.remove(&delivery.id.0).unwrap_or_default();
    }
    Ok(deliveries)
}

/// Puts a delivery that is kept or was given up back to waiting, with the whole schedule before it; `false` if it is
/// neither.
///
/// # Errors
/// Where the database refuses.
pub async fn revive(conn: &mut Conn, id: &DeliveryId, now: Moment) -> Stored<bool> {
    let done = sqlx::query(
        "UPDATE deliveries SET state = 'waiting', tries = 0, asked = 1, next_attempt_at = $2, done_at = NULL \
         WHERE id = $1 AND state IN ('dead', 'held')",
    )
    .bind(id.0.clone())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}
