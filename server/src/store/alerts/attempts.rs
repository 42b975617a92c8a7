//! Attempts, and what becomes of their deliveries.

use crate::store::{
    Conn, Stored,
    sql::{Sql, portions},
};
use app::model::{
    alert::{Attempt, DeliveryState},
    ids::DeliveryId,
    moment::Moment,
};

/// What becomes of a delivery after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It was accepted.
    Sent,
    /// It is tried again then.
    Again(Moment),
    /// It is kept: its destination is failing.
    Held,
    /// It is given up.
    Dead,
}

/// An attempt to hand over a delivery.
#[derive(Clone, Debug)]
pub struct Tried {
    /// The attempt's identifier.
    pub id: String,
    /// The delivery.
    pub delivery: DeliveryId,
    /// What came of it.
    pub attempt: Attempt,
    /// What becomes of the delivery.
    pub next: Next,
}

/// Writes down attempts, each of another delivery, and what becomes of these.
///
/// # Errors
/// Where the database refuses.
pub async fn record(conn: &mut Conn, tried: &[&Tried]) -> Stored<()> {
    for tried in portions(tried) {
        let rows: Vec<_> = tried.iter().map(|one| (&one.id, &one.delivery, &one.attempt)).collect();
        insert(&mut *conn, &rows).await?;
        let mut sql = Sql::new("WITH tried (id, state, again, done) AS (VALUES ");
        for (n, one) in tried.iter().enumerate() {
            let ended = one.attempt.at.plus(one.attempt.duration_ms).0;
            let (state, again, done) = match one.next {
                Next::Sent => (DeliveryState::Sent, None, Some(ended)),
                Next::Again(at) => (DeliveryState::Waiting, Some(at.0), None),
                Next::Held => (DeliveryState::Held, None, None),
                Next::Dead => (DeliveryState::Dead, None, Some(ended)),
            };
            sql.push(if n == 0 { "(" } else { ", (" }).bind(one.delivery.0.clone());
            sql.push(", ").bind(state.word().to_owned()).push(", ").bind(again).push(", ").bind(done).push(")");
        }
        // Somebody may have removed the destination meanwhile, which ended its deliveries. That it was accepted all the
        // same is a fact; that it was not must not bring it back to life.
        sql.push(
            ") UPDATE deliveries SET state = tried.state, tries = tries + 1, next_attempt_at = tried.again, \
             done_at = tried.done, asked = CASE WHEN tried.state = 'waiting' THEN asked ELSE 0 END FROM tried WHERE deliveries.id = tried.id \
             AND (deliveries.state = 'waiting' OR tried.state = 'sent')",
        );
        sql.run(&mut *conn).await?;
    }
    Ok(())
}

/// Writes attempts: identifier, delivery, what came of it.
///
/// # Errors
/// Where the database refuses.
pub(super) async fn insert(conn: &mut Conn, attempts: &[(&String, &DeliveryId, &Attempt)]) -> Stored<()> {
    let mut sql = Sql::new("INSERT INTO attempts (id, delivery_id, at, duration_ms, ok, status, detail) VALUES ");
    for (n, (id, delivery, attempt)) in attempts.iter().enumerate() {
        sql.push(if n == 0 { "(" } else { ", (" }).bind((*id).clone());
        sql.push(", ").bind(delivery.0.clone()).push(", ").bind(attempt.at.0);
        sql.push(", ").bind(attempt.duration_ms).push(", ").bind(i64::from(attempt.ok));
        sql.push(", ").bind(attempt.status).push(", ").bind(attempt.detail.clone()).push(")");
    }
    sql.run(conn).await?;
    Ok(())
}
