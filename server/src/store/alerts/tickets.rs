//! Issues that belong to incidents, and who has heard of an incident.

use super::hearing;
use crate::store::{
    Conn, Stored,
    sql::{Sql, like},
};
use app::model::{
    alert::DestinationKind,
    ids::{DestinationId, IncidentId, TeamId},
    moment::{DAY, Moment},
};
use sqlx::Row as _;

/// The issue of an incident, or the attempt to make it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Its key; absent while it is not known whether the attempt made it.
    pub issue_key: Option<String>,
    /// The delivery that tried to make it.
    pub tried_by: String,
    /// When that was.
    pub tried_at: Moment,
    /// How many comments about further hits it got.
    pub comments: i64,
}

/// The issue of an incident at a destination.
///
/// # Errors
/// Where the database refuses.
pub async fn by_incident(conn: &mut Conn, destination: &DestinationId, incident: &str) -> Stored<Option<Ticket>> {
    let mut sql = Sql::new("SELECT issue_key, tried_by, tried_at, comments FROM tickets WHERE destination_id = ");
    sql.bind(destination.0.clone()).push(" AND incident_id = ").bind(incident.to_owned());
    let row = sql.first(conn).await?;
    row.map(|row| {
        Ok(Ticket {
            issue_key: row.try_get("issue_key")?,
            tried_by: row.try_get("tried_by")?,
            tried_at: Moment(row.try_get("tried_at")?),
            comments: row.try_get("comments")?,
        })
    })
    .transpose()
}

/// The incident whose issue this is.
///
/// # Errors
/// Where the database refuses.
pub async fn by_issue(conn: &mut Conn, destination: &DestinationId, issue_id: &str) -> Stored<Option<IncidentId>> {
    let mut sql = Sql::new("SELECT incident_id FROM tickets WHERE destination_id = ");
    sql.bind(destination.0.clone()).push(" AND issue_id = ").bind(issue_id.to_owned());
    let row = sql.first(conn).await?;
    row.map(|row| Ok(IncidentId(row.try_get("incident_id")?))).transpose()
}

/// Notes that a delivery is about to make an issue.
///
/// # Errors
/// Where the database refuses.
pub async fn intend(
    conn: &mut Conn,
    destination: &DestinationId,
    incident: &str,
    delivery: &str,
    now: Moment,
) -> Stored<()> {
    sqlx::query(
        "INSERT INTO tickets (destination_id, incident_id, tried_by, tried_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (destination_id, incident_id) DO UPDATE SET tried_by = excluded.tried_by, \
         tried_at = excluded.tried_at",
    )
    .bind(destination.0.clone())
    .bind(incident.to_owned())
    .bind(delivery.to_owned())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Keeps which issue belongs to an incident.
///
/// # Errors
/// Where the database refuses.
pub async fn keep(
    conn: &mut Conn,
    destination: &DestinationId,
    incident: &str,
    issue_id: &str,
    issue_key: &str,
    now: Moment,
) -> Stored<()> {
    sqlx::query(
        "INSERT INTO tickets (destination_id, incident_id, issue_id, issue_key, tried_by, tried_at) \
         VALUES ($1, $2, $3, $4, '', $5) ON CONFLICT (destination_id, incident_id) DO UPDATE SET \
         issue_id = excluded.issue_id, issue_key = excluded.issue_key",
    )
    .bind(destination.0.clone())
    .bind(incident.to_owned())
    .bind(issue_id.to_owned())
    .bind(issue_key.to_owned())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets the issue of an incident: it was not made, or is gone.
///
/// # Errors
/// Where the database refuses.
pub async fn forget(conn: &mut Conn, destination: &DestinationId, incident: &str) -> Stored<()> {
    sqlx::query("DELETE FROM tickets WHERE destination_id = $1 AND incident_id = $2")
        .bind(destination.0.clone())
        .bind(incident.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Counts one more comment.
///
/// # Errors
/// Where the database refuses.
pub async fn count_comment(conn: &mut Conn, destination: &DestinationId, incident: &str) -> Stored<()> {
    sqlx::query("UPDATE tickets SET comments = comments + 1 WHERE destination_id = $1 AND incident_id = $2")
        .bind(destination.0.clone())
        .bind(incident.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// The destinations of these kinds to which an alert about a hit of this incident was ever written, or a digest that tells
/// of it, and that may still hear about the team's tokens; `opened_at` bounds how far back digests are looked through.
///
/// # Errors
/// Where the database refuses.
pub async fn heard_of(
    conn: &mut Conn,
    incident: &IncidentId,
    opened_at: Moment,
    team: &TeamId,
    kinds: &[DestinationKind],
) -> Stored<Vec<DestinationId>> {
    let mut sql = Sql::new(
        "SELECT d.id FROM destinations d WHERE d.state <> 'unconfirmed' AND d.removed_at IS NULL AND d.kind IN ",
    );
    sql.bind_all(kinds.iter().map(|kind| kind.word().to_owned()));
    sql.push(" AND ");
    hearing::may_hear(&mut sql, team);
    sql.push(
        " AND (d.id IN (SELECT w.destination_id FROM hits h JOIN alerts a ON a.hit_id = h.id \
         JOIN deliveries w ON w.alert_id = a.id WHERE h.incident_id = ",
    );
    sql.bind(incident.0.clone());
    // What a digest tells stands in its body alone.
    sql.push(
        ") OR EXISTS (SELECT 1 FROM deliveries w JOIN alerts a ON a.id = w.alert_id WHERE w.destination_id = d.id \
         AND a.kind = 'digest' AND a.created_at >= ",
    );
    sql.bind(opened_at.0.saturating_sub(DAY)).push(" AND a.payload LIKE ");
    sql.bind(like(&format!("\"{}\"", incident.0))).push(" ESCAPE '\\')) ORDER BY d.id");
    sql.all(conn).await?.iter().map(|row| Ok(DestinationId(row.try_get("id")?))).collect()
}
