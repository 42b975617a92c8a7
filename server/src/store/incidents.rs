//! Incidents.

use super::{
    Conn, StoreError, Stored,
    connect::Flavour,
    cursor::Cursor,
    sql::{Sql, portions},
};
use app::model::{
    ids::{IncidentId, TeamId, TokenId},
    incident::{Incident, IncidentQuery, IncidentState, Resolution},
    moment::Moment,
    viewer::Reach,
};
use sqlx::{Row as _, any::AnyRow};

const COLUMNS: &str = "SELECT i.id, i.token_id, i.team_id, m.name AS team, t.location, t.access_key_id, i.state, i.resolution, \
    i.opened_at, i.last_hit_at, i.hit_count, i.acknowledged_by, i.acknowledged_at, i.resolved_by, i.resolved_at, i.comment \
    FROM incidents i JOIN tokens t ON t.id = i.token_id JOIN teams m ON m.id = i.team_id WHERE ";

const UNRESOLVED: &str = "i.state IN ('open', 'acknowledged')";

/// An incident, and the team by which one may see it.
pub type OfTeam = (Incident, TeamId);

fn read(row: &AnyRow) -> Stored<OfTeam> {
    let moment = |column: &str| row.try_get::<Option<i64>, _>(column).map(|ms| ms.map(Moment));
    let resolution: Option<String> = row.try_get("resolution")?;
    let state: String = row.try_get("state")?;
    let incident = Incident {
        id: IncidentId(row.try_get("id")?),
        token_id: TokenId(row.try_get("token_id")?),
        team: row.try_get("team")?,
        location: row.try_get("location")?,
        access_key_id: row.try_get("access_key_id")?,
        state: IncidentState::parse(&state).ok_or_else(|| StoreError::corrupt("state of an incident"))?,
        resolution: resolution.as_deref().and_then(Resolution::parse),
        opened_at: Moment(row.try_get("opened_at")?),
        last_hit_at: Moment(row.try_get("last_hit_at")?),
        hit_count: row.try_get("hit_count")?,
        acknowledged_by: row.try_get("acknowledged_by")?,
        acknowledged_at: moment("acknowledged_at")?,
        resolved_by: row.try_get("resolved_by")?,
        resolved_at: moment("resolved_at")?,
        comment: row.try_get("comment")?,
    };
    Ok((incident, TeamId(row.try_get("team_id")?)))
}

fn within(sql: &mut Sql, reach: &Reach) {
    if let Reach::Teams(teams) = reach {
        sql.push(" AND i.team_id IN ").bind_all(teams.iter().map(|team| team.0.clone()));
    }
}

/// One incident.
///
/// # Errors
/// Where the database refuses.
pub async fn by_id(conn: &mut Conn, id: &IncidentId) -> Stored<Option<OfTeam>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("i.id = ").bind(id.0.clone());
    sql.first(conn).await?.as_ref().map(read).transpose()
}

/// One more incident than the page holds, within reach, the latest hit first.
///
/// # Errors
/// Where the database refuses.
pub async fn list(
    conn: &mut Conn,
    reach: &Reach,
    query: &IncidentQuery,
    after: Option<&Cursor>,
    size: u32,
) -> Stored<Vec<Incident>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("1 = 1");
    within(&mut sql, reach);
    if let Some(state) = query.state {
        sql.push(" AND i.state = ").bind(state.word().to_owned());
    }
    if let Some(token) = &query.token_id {
        sql.push(" AND i.token_id = ").bind(token.0.clone());
    }
    if let Some(after) = after {
        sql.push(" AND (i.last_hit_at, i.id) < (").bind(after.key).push(", ").bind(after.id.clone()).push(")");
    }
    sql.push(" ORDER BY i.last_hit_at DESC, i.id DESC LIMIT ").bind(i64::from(size) + 1);
    sql.all(conn).await?.iter().map(|row| Ok(read(row)?.0)).collect()
}

/// Incidents within reach that are not resolved, the latest hit first, and how many there are in all.
///
/// # Errors
/// Where the database refuses.
pub async fn unresolved(conn: &mut Conn, reach: &Reach, limit: u32) -> Stored<(Vec<Incident>, i64)> {
    let mut sql = Sql::new("SELECT COUNT(*) AS n FROM incidents i WHERE ");
    sql.push(UNRESOLVED);
    within(&mut sql, reach);
    let count = sql.first(conn).await?.map_or(Ok(0), |row| row.try_get("n"))?;
    let mut sql = Sql::new(COLUMNS);
    sql.push(UNRESOLVED);
    within(&mut sql, reach);
    sql.push(" ORDER BY i.last_hit_at DESC, i.id DESC LIMIT ").bind(i64::from(limit));
    let incidents = sql.all(conn).await?.iter().map(|row| Ok(read(row)?.0)).collect::<Stored<_>>()?;
    Ok((incidents, count))
}

/// The unresolved incidents of tokens whose time touches a span, which may be another one for each token; the latest
/// first. Until the end of the transaction nobody resolves them.
///
/// # Errors
/// Where the database refuses.
pub async fn touching(conn: &mut Conn, flavour: Flavour, spans: &[(TokenId, Moment, Moment)]) -> Stored<Vec<Incident>> {
    let mut incidents = Vec::new();
    for some in portions(spans) {
        let mut sql = Sql::new(COLUMNS);
        for (n, (token, from, to)) in some.iter().enumerate() {
            sql.push(if n == 0 { "((" } else { ") OR (" }).push(UNRESOLVED);
            sql.push(" AND i.token_id = ").bind(token.0.clone());
            sql.push(" AND i.last_hit_at >= ").bind(from.0).push(" AND i.opened_at <= ").bind(to.0);
        }
        sql.push(")) ORDER BY i.last_hit_at DESC, i.id DESC");
        if flavour == Flavour::Postgres {
            // Where somebody just resolved one, this waits for them and leaves it out.
            sql.push(" FOR NO KEY UPDATE OF i");
        }
        for row in sql.all(&mut *conn).await? {
            incidents.push(read(&row)?.0);
        }
    }
    Ok(incidents)
}

/// Writes incidents, new or changed by hits, each once.
///
/// # Errors
/// Where the database refuses.
pub async fn put(conn: &mut Conn, incidents: &[(Incident, TeamId)]) -> Stored<()> {
    for some in portions(incidents) {
        let mut sql =
            Sql::new("INSERT INTO incidents (id, token_id, team_id, state, opened_at, last_hit_at, hit_count) VALUES ");
        for (n, (incident, team)) in some.iter().enumerate() {
            sql.push(if n == 0 { "(" } else { ", (" }).bind(incident.id.0.clone());
            sql.push(", ").bind(incident.token_id.0.clone()).push(", ").bind(team.0.clone());
            sql.push(", ").bind(incident.state.word().to_owned()).push(", ").bind(incident.opened_at.0);
            sql.push(", ").bind(incident.last_hit_at.0).push(", ").bind(incident.hit_count).push(")");
        }
        sql.push(
            " ON CONFLICT (id) DO UPDATE SET opened_at = excluded.opened_at, last_hit_at = excluded.last_hit_at, \
             hit_count = excluded.hit_count",
        );
        sql.run(&mut *conn).await?;
    }
    Ok(())
}

/// Writes what triage changes, if the incident is still in the state that was seen; whether it was.
///
/// # Errors
/// Where the database refuses.
pub async fn triage(conn: &mut Conn, incident: &Incident, seen: IncidentState) -> Stored<bool> {
    let changed = sqlx::query(
        "UPDATE incidents SET state = $3, resolution = $4, acknowledged_by = $5, acknowledged_at = $6, resolved_by = $7, \
         resolved_at = $8, comment = $9 WHERE id = $1 AND state = $2",
    )
    .bind(incident.id.0.clone())
    .bind(seen.word())
    .bind(incident.state.word())
    .bind(incident.resolution.map(Resolution::word))
    .bind(incident.acknowledged_by.clone())
    .bind(incident.acknowledged_at.map(|at| at.0))
    .bind(incident.resolved_by.clone())
    .bind(incident.resolved_at.map(|at| at.0))
    .bind(incident.comment.clone())
    .execute(conn)
    .await?;
    Ok(changed.rows_affected() == 1)
}
