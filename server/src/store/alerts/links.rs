//! Links in alerts: which were used, and whether whoever got one is still to hear of what it is about.

use super::hearing;
use crate::store::{Conn, Stored, sql::Sql};
use app::model::{
    ids::{DestinationId, IncidentId, TeamId},
    moment::Moment,
};

/// Notes that a link is used; `false` if it was already.
///
/// # Errors
/// Where the database refuses.
pub async fn take(conn: &mut Conn, code_hash: &str, incident: &IncidentId, now: Moment) -> Stored<bool> {
    let done = sqlx::query(
        "INSERT INTO used_links (code_hash, incident_id, used_at) VALUES ($1, $2, $3) ON CONFLICT (code_hash) DO NOTHING",
    )
    .bind(code_hash.to_owned())
    .bind(incident.0.clone())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether a link was used.
///
/// # Errors
/// Where the database refuses.
pub async fn is_used(conn: &mut Conn, code_hash: &str) -> Stored<bool> {
    let row = sqlx::query("SELECT used_at FROM used_links WHERE code_hash = $1").bind(code_hash.to_owned());
    Ok(row.fetch_optional(conn).await?.is_some())
}

/// Forgets which links were used before a moment.
///
/// # Errors
/// Where the database refuses.
pub async fn forget(conn: &mut Conn, before: Moment) -> Stored<()> {
    sqlx::query("DELETE FROM used_links WHERE used_at < $1").bind(before.0).execute(conn).await?;
    Ok(())
}

/// Whether a destination may hear about the tokens of a team: it is still there, and does not belong to a person who is
/// gone or may no longer see that team.
///
/// # Errors
/// Where the database refuses.
pub async fn may_hear(conn: &mut Conn, destination: &DestinationId, team: &TeamId) -> Stored<bool> {
    let mut sql =
        Sql::new("SELECT d.id FROM destinations d WHERE d.removed_at IS NULL AND d.state <> 'unconfirmed' AND d.id = ");
    sql.bind(destination.0.clone()).push(" AND ");
    hearing::may_hear(&mut sql, team);
    Ok(sql.first(conn).await?.is_some())
}

/// Whether whoever owns a destination may triage what a team's tokens tell: a destination of a team may, one of a program
/// may, one of a person does if the person is a reviewer or admin there.
///
/// # Errors
/// Where the database refuses.
pub async fn may_triage(conn: &mut Conn, destination: &DestinationId, team: &TeamId) -> Stored<bool> {
    let mut sql = Sql::new("SELECT d.id FROM destinations d WHERE d.id = ");
    sql.bind(destination.0.clone());
    sql.push(
        " AND (d.team_id <> '' OR NOT EXISTS (SELECT 1 FROM persons p WHERE p.id = d.owner_id) OR EXISTS \
         (SELECT 1 FROM held_roles g WHERE g.person_id = d.owner_id AND g.role IN ('reviewer', 'admin') \
         AND g.team_id IN ('', ",
    );
    sql.bind(team.0.clone()).push(")))");
    Ok(sql.first(conn).await?.is_some())
}
