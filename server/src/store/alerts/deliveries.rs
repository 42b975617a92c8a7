//! The log of deliveries, with their attempts.

use super::destinations::Sight;
use crate::store::{Conn, StoreError, Stored, cursor::Cursor, sql::Sql};
use app::model::{
    alert::{AlertKind, Attempt, Delivery, DeliveryQuery, DeliveryState},
    ids::{DeliveryId, DestinationId, HitId, TeamId, TokenId},
    moment::Moment,
};
use sqlx::{Row as _, any::AnyRow};
use std::collections::HashMap;

/// A delivery with what only the server knows of its destination.
#[derive(Clone, Debug)]
pub struct Logged {
    /// The delivery. Whether it is the viewer's is for the room to say.
    pub delivery: Delivery,
    /// The identifier of who made its destination.
    pub owner_id: String,
    /// The team that its destination belongs to.
    pub team_id: Option<TeamId>,
    /// Whether its destination was removed.
    pub removed: bool,
}

const COLUMNS: &str = "SELECT w.id, w.destination_id, d.name AS destination, d.owner_id, d.team_id, d.removed_at, a.kind, w.token_id, a.hit_id, a.summary, \
    w.state, w.created_at, w.next_attempt_at, w.done_at FROM deliveries w JOIN alerts a ON a.id = w.alert_id \
    JOIN destinations d ON d.id = w.destination_id WHERE 1 = 1";

fn read(row: &AnyRow) -> Stored<Logged> {
    let moment = |column: &str| Ok::<_, sqlx::Error>(row.try_get::<Option<i64>, _>(column)?.map(Moment));
    let team: String = row.try_get("team_id")?;
    let delivery = Delivery {
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
        mine: false,
    };
    Ok(Logged {
        delivery,
        owner_id: row.try_get("owner_id")?,
        team_id: Some(TeamId(team)).filter(|team| !team.0.is_empty()),
        removed: moment("removed_at")?.is_some(),
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
) -> Stored<Vec<Logged>> {
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
    let deliveries: Vec<Logged> = sql.all(conn).await?.iter().map(read).collect::<Stored<_>>()?;
    with_attempts(conn, deliveries).await
}

/// One delivery, if its destination is in sight.
///
/// # Errors
/// Where the database refuses.
pub async fn by_id(conn: &mut Conn, sight: &Sight, id: &DeliveryId) -> Stored<Option<Logged>> {
    let mut sql = Sql::new(COLUMNS);
    sight.narrow(&mut sql);
    sql.push(" AND w.id = ").bind(id.0.clone());
    let found: Option<Logged> = sql.first(conn).await?.as_ref().map(read).transpose()?;
    Ok(with_attempts(conn, found.into_iter().collect()).await?.pop())
}

async fn with_attempts(conn: &mut Conn, mut deliveries: Vec<Logged>) -> Stored<Vec<Logged>> {
    let mut sql =
        Sql::new("SELECT delivery_id, at, duration_ms, ok, status, detail FROM attempts WHERE delivery_id IN ");
    sql.bind_all(deliveries.iter().map(|logged| logged.delivery.id.0.clone())).push(" ORDER BY id");
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
    for Logged { delivery, .. } in &mut deliveries {
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
