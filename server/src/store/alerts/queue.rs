//! What is on its way: writing alerts with a delivery for each who hears, and what of them is due.

use super::attempts;
use crate::store::{
    Conn, StoreError, Stored,
    connect::Flavour,
    sql::{Sql, portions},
};
use app::model::{
    alert::{AlertKind, Attempt},
    ids::{DeliveryId, DestinationId, HitId, TokenId},
    moment::Moment,
};
use sqlx::Row as _;

/// How many deliveries are given up by one statement.
const AT_ONCE: i64 = 1_000;

/// What is told.
#[derive(Clone, Debug)]
pub struct AlertRow {
    /// Its identifier.
    pub id: String,
    /// What sort of news.
    pub kind: AlertKind,
    /// The token that it is about.
    pub token_id: Option<TokenId>,
    /// The hit that caused it.
    pub hit_id: Option<HitId>,
    /// It in one line.
    pub summary: String,
    /// It as JSON.
    pub payload: String,
    /// When it was caused.
    pub created_at: Moment,
}

/// A delivery that is due.
#[derive(Clone, Debug)]
pub struct Due {
    /// Its identifier.
    pub id: DeliveryId,
    /// How many attempts were made.
    pub tries: i64,
    /// Whether somebody asked for it by hand.
    pub asked: bool,
    /// What sort of news.
    pub kind: AlertKind,
    /// It in one line.
    pub summary: String,
    /// It as JSON.
    pub payload: String,
}

/// What is told, and to whom.
#[derive(Clone, Debug)]
pub struct News {
    /// What.
    pub alert: AlertRow,
    /// To whom: a delivery for each destination.
    pub to: Vec<(DeliveryId, DestinationId)>,
}

/// Writes alerts, and their deliveries, which are due at once.
///
/// # Errors
/// Where the database refuses.
pub async fn insert(conn: &mut Conn, news: &[News]) -> Stored<()> {
    for some in portions(news) {
        let mut sql = Sql::new("INSERT INTO alerts (id, kind, token_id, hit_id, summary, payload, created_at) VALUES ");
        for (n, News { alert, .. }) in some.iter().enumerate() {
            sql.push(if n == 0 { "(" } else { ", (" }).bind(alert.id.clone());
            sql.push(", ")
                .bind(alert.kind.word().to_owned())
                .push(", ")
                .bind(alert.token_id.as_ref().map(|id| id.0.clone()));
            sql.push(", ").bind(alert.hit_id.as_ref().map(|id| id.0.clone())).push(", ").bind(alert.summary.clone());
            sql.push(", ").bind(alert.payload.clone()).push(", ").bind(alert.created_at.0).push(")");
        }
        sql.run(&mut *conn).await?;
    }
    let deliveries: Vec<_> =
        news.iter().flat_map(|News { alert, to }| to.iter().map(move |(id, to)| (alert, id, to))).collect();
    for some in portions(&deliveries) {
        let mut sql = Sql::new(
            "INSERT INTO deliveries (id, alert_id, destination_id, token_id, state, created_at, next_attempt_at, asked) VALUES ",
        );
        for (n, (alert, id, destination)) in some.iter().enumerate() {
            sql.push(if n == 0 { "(" } else { ", (" }).bind(id.0.clone());
            sql.push(", ").bind(alert.id.clone()).push(", ").bind(destination.0.clone());
            sql.push(", ").bind(alert.token_id.as_ref().map(|id| id.0.clone())).push(", 'waiting', ");
            sql.bind(alert.created_at.0).push(", ").bind(alert.created_at.0);
            // Somebody waits for the answer to a test.
            sql.push(", ").bind(i64::from(alert.kind == AlertKind::Test)).push(")");
        }
        sql.run(&mut *conn).await?;
    }
    Ok(())
}

/// What waits for a destination that may be served: first what somebody asked for, and of that the oldest first. One that
/// failed stays in its place, and is not waited for by itself: the destination is not served before that time.
///
/// # Errors
/// Where the database refuses.
pub async fn due(conn: &mut Conn, destination: &DestinationId, limit: usize) -> Stored<Vec<Due>> {
    let mut sql = Sql::new(
        "SELECT w.id, w.tries, w.asked, a.kind, a.summary, a.payload FROM deliveries w JOIN alerts a ON a.id = w.alert_id \
         WHERE w.state = 'waiting' AND w.destination_id = ",
    );
    sql.bind(destination.0.clone());
    sql.push(" ORDER BY w.asked DESC, w.created_at, w.id LIMIT ").bind(i64::try_from(limit).unwrap_or(i64::MAX));
    sql.all(conn)
        .await?
        .iter()
        .map(|row| {
            Ok(Due {
                id: DeliveryId(row.try_get("id")?),
                tries: row.try_get("tries")?,
                asked: row.try_get::<i64, _>("asked")? != 0,
                kind: AlertKind::parse(row.try_get("kind")?).ok_or_else(|| StoreError::corrupt("kind of an alert"))?,
                summary: row.try_get("summary")?,
                payload: row.try_get("payload")?,
            })
        })
        .collect()
}

/// When the next delivery is due, or was, and its destination may be served; `None` where none waits.
///
/// # Errors
/// Where the database refuses.
pub async fn next_due(conn: &mut Conn) -> Stored<Option<Moment>> {
    let row = sqlx::query(
        "SELECT MIN(CASE WHEN f.not_before > f.due THEN f.not_before ELSE f.due END) AS due FROM \
         (SELECT d.not_before, (SELECT MIN(w.next_attempt_at) FROM deliveries w WHERE w.destination_id = d.id \
         AND w.state = 'waiting') AS due FROM destinations d WHERE d.removed_at IS NULL) f WHERE f.due IS NOT NULL",
    )
    // Without parameters PostgreSQL keeps its first plan, however much the table has grown since.
    .persistent(false)
    .fetch_one(conn)
    .await?;
    Ok(row.try_get::<Option<i64>, _>("due")?.map(Moment))
}

/// Removed destinations for which something waits: it was written just while they were removed.
///
/// # Errors
/// Where the database refuses.
pub async fn left_behind(conn: &mut Conn) -> Stored<Vec<DestinationId>> {
    let rows = sqlx::query(
        "SELECT d.id FROM destinations d WHERE d.removed_at IS NOT NULL \
         AND EXISTS (SELECT 1 FROM deliveries w WHERE w.destination_id = d.id AND w.state = 'waiting')",
    )
    // Without parameters PostgreSQL keeps its first plan, however much the table has grown since.
    .persistent(false)
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| Ok(DestinationId(row.try_get("id")?))).collect()
}

/// Gives up whatever waits for a destination, with the reason as a last attempt; how many that were. They are locked in
/// their order, as whoever writes attempts down does it.
///
/// # Errors
/// Where the database refuses.
pub async fn give_up(
    conn: &mut Conn,
    flavour: Flavour,
    destination: &DestinationId,
    reason: &str,
    now: Moment,
    mut new_id: impl FnMut() -> String + Send,
) -> Stored<usize> {
    let mut given_up = 0;
    // Each in the words of an index.
    for those in [" AND state = 'waiting'", " AND state IN ('held', 'dead') AND state = 'held'"] {
        loop {
            let mut sql = Sql::new("WITH ending AS MATERIALIZED (SELECT id FROM deliveries WHERE destination_id = ");
            sql.bind(destination.0.clone()).push(those).push(" ORDER BY id LIMIT ").bind(AT_ONCE);
            if flavour == Flavour::Postgres {
                sql.push(" FOR UPDATE");
            }
            sql.push(") UPDATE deliveries SET state = 'dead', next_attempt_at = NULL, done_at = ").bind(now.0);
            sql.push(" WHERE id IN (SELECT id FROM ending) RETURNING id");
            let rows = sql.all(&mut *conn).await?;
            if rows.is_empty() {
                break;
            }
            given_up += rows.len();
            let attempt = Attempt { at: now, duration_ms: 0, ok: false, status: None, detail: reason.to_owned() };
            for some in portions(&rows) {
                let ids = some.iter().map(|row| Ok::<_, StoreError>((new_id(), DeliveryId(row.try_get("id")?))));
                let ids = ids.collect::<Stored<Vec<_>>>()?;
                let ended: Vec<_> = ids.iter().map(|(id, delivery)| (id, delivery, &attempt)).collect();
                attempts::insert(&mut *conn, &ended).await?;
            }
        }
    }
    Ok(given_up)
}
