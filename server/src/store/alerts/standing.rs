//! How a destination stands: since when nothing arrives there.

use crate::store::{Conn, Stored, sql::Sql};
use app::model::{
    alert::DestinationState,
    ids::DestinationId,
    moment::{DAY, Moment},
    token::Token,
};
use sqlx::{Row as _, any::AnyRow};

/// How a destination stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Whether it is failing: what is told there is kept, and not sent by itself.
    pub failing: bool,
    /// When the failures in a row began; absent after a success.
    pub trouble_since: Option<Moment>,
    /// While it is failing: from when on an alert is tried again by itself. Absent where it said that it is gone.
    pub probe_at: Option<Moment>,
}

impl Standing {
    /// Of a row with `state`, `trouble_since` and `probe_at`.
    pub(super) fn read(row: &AnyRow) -> Stored<Self> {
        let state: &str = row.try_get("state")?;
        Ok(Self {
            failing: state == DestinationState::Failing.word(),
            trouble_since: row.try_get::<Option<i64>, _>("trouble_since")?.map(Moment),
            probe_at: row.try_get::<Option<i64>, _>("probe_at")?.map(Moment),
        })
    }
}

/// Keeps how a destination stands after an attempt that began at `began`, and before when nothing is sent there, unless
/// somebody has asked for it since; whether it has begun to fail with it.
///
/// # Errors
/// Where the database refuses.
pub async fn set(
    conn: &mut Conn,
    id: &DestinationId,
    standing: &Standing,
    error: Option<&str>,
    (began, not_before): (Moment, Moment),
) -> Stored<bool> {
    let state = if standing.failing { DestinationState::Failing } else { DestinationState::Confirmed };
    let begins = standing.failing
        && sqlx::query("UPDATE destinations SET state = 'failing' WHERE id = $1 AND state = 'confirmed'")
            .bind(id.0.clone())
            .execute(&mut *conn)
            .await?
            .rows_affected()
            == 1;
    sqlx::query(
        "UPDATE destinations SET state = $2, last_error = $3, trouble_since = $4, probe_at = $5, \
         not_before = CASE WHEN asked_at > $7 THEN not_before ELSE $6 END \
         WHERE id = $1 AND state <> 'unconfirmed'",
    )
    .bind(id.0.clone())
    .bind(state.word())
    .bind(error.map(str::to_owned))
    .bind(standing.trouble_since.map(|at| at.0))
    .bind(standing.probe_at.map(|at| at.0))
    .bind(not_before.0)
    .bind(began.0)
    .execute(conn)
    .await?;
    Ok(begins)
}

/// Notes that others are told that a destination is failing; `false` if they were within a day.
///
/// # Errors
/// Where the database refuses.
pub async fn may_tell(conn: &mut Conn, id: &DestinationId, now: Moment) -> Stored<bool> {
    let done = sqlx::query(
        "UPDATE destinations SET told_failing_at = $2 WHERE id = $1 AND (told_failing_at IS NULL OR told_failing_at <= $3)",
    )
    .bind(id.0.clone())
    .bind(now.0)
    .bind(now.plus(-DAY).0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether a confirmed destination hears about a token.
///
/// # Errors
/// Where the database refuses.
pub async fn anybody_hears(conn: &mut Conn, token: &Token) -> Stored<bool> {
    let mut sql = Sql::new(
        "SELECT d.id FROM subscriptions s JOIN destinations d ON d.id = s.destination_id \
         WHERE d.state = 'confirmed' AND d.removed_at IS NULL AND s.kinds LIKE '%\"hit\"%'",
    );
    super::subscriptions::about(&mut sql, token);
    sql.push(" LIMIT 1");
    Ok(sql.first(conn).await?.is_some())
}
