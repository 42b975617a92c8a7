//! What destinations were told of incidents, and what is held back for their next digests.

use super::hearing::may_hear;
use crate::store::{Conn, StoreError, Stored, connect::Flavour, people::quiet_hours, sql::Sql};
use app::model::{
    alert::AlertKind,
    ids::{DestinationId, IncidentId, TeamId, TokenId},
    moment::Moment,
    pace::{Held, QuietHours},
};
use sqlx::{Row as _, any::AnyRow};

/// Which of them: a kind of news about an incident (or, without one, about a token), for a destination.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// For whom.
    pub destination: DestinationId,
    /// The incident, where the news belongs to one.
    pub incident: Option<IncidentId>,
    /// The word of the kind of news.
    pub kind: &'static str,
}

/// What is kept under a [`Key`].
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its state, as JSON.
    pub state: String,
    /// How many are held.
    pub count: i64,
    /// When the digest is due; with none held: when this is forgotten.
    pub due_at: Moment,
}

fn key(row: &AnyRow) -> Stored<Key> {
    Ok(Key {
        destination: DestinationId(row.try_get("destination_id")?),
        incident: Some(IncidentId(row.try_get("incident_id")?)).filter(|id| !id.as_str().is_empty()),
        kind: kind(row)?.word(),
    })
}

fn kind(row: &AnyRow) -> Stored<AlertKind> {
    AlertKind::parse(row.try_get("kind")?).ok_or_else(|| StoreError::corrupt("kind of what is held"))
}

fn kept(row: &AnyRow) -> Stored<Kept> {
    Ok(Kept { state: row.try_get("state")?, count: row.try_get("count")?, due_at: Moment(row.try_get("due_at")?) })
}

/// What is kept of a token for these destinations: of one incident, or of none. The caller holds the token's lock, so
/// that nobody else writes down what happens; who composes a digest is kept away until the end of the transaction.
///
/// # Errors
/// Where the database refuses.
pub async fn load(
    conn: &mut Conn,
    flavour: Flavour,
    token: &TokenId,
    incident: Option<&IncidentId>,
    destinations: &[DestinationId],
) -> Stored<Vec<(Key, Kept)>> {
    let mut sql =
        Sql::new("SELECT destination_id, incident_id, kind, state, count, due_at FROM held WHERE token_id = ");
    sql.bind(token.0.clone()).push(" AND incident_id = ");
    sql.bind(incident.map(|id| id.0.clone()).unwrap_or_default());
    sql.push(" AND destination_id IN ").bind_all(destinations.iter().map(|id| id.0.clone()));
    if flavour == Flavour::Postgres {
        sql.push(" FOR UPDATE");
    }
    sql.all(conn).await?.iter().map(|row| Ok((key(row)?, kept(row)?))).collect()
}

/// Keeps the state under a key.
///
/// # Errors
/// Where the database refuses.
pub async fn put(conn: &mut Conn, token: &TokenId, key: &Key, kept: &Kept) -> Stored<()> {
    sqlx::query(
        "INSERT INTO held (token_id, incident_id, kind, destination_id, state, count, due_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (token_id, incident_id, kind, destination_id) \
         DO UPDATE SET state = excluded.state, count = excluded.count, due_at = excluded.due_at",
    )
    .bind(token.0.clone())
    .bind(key.incident.as_ref().map(|id| id.0.clone()).unwrap_or_default())
    .bind(key.kind)
    .bind(key.destination.0.clone())
    .bind(kept.state.clone())
    .bind(kept.count)
    .bind(kept.due_at.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets what is kept under a key.
///
/// # Errors
/// Where the database refuses.
pub async fn forget(conn: &mut Conn, token: &TokenId, key: &Key) -> Stored<()> {
    sqlx::query("DELETE FROM held WHERE token_id = $1 AND incident_id = $2 AND kind = $3 AND destination_id = $4")
        .bind(token.0.clone())
        .bind(key.incident.as_ref().map(|id| id.0.clone()).unwrap_or_default())
        .bind(key.kind)
        .bind(key.destination.0.clone())
        .execute(conn)
        .await?;
    Ok(())
}

/// Forgets all that is kept for a destination; how many pieces of news were held.
///
/// # Errors
/// Where the database refuses.
pub async fn forget_of(conn: &mut Conn, destination: &DestinationId) -> Stored<i64> {
    let rows = sqlx::query("DELETE FROM held WHERE destination_id = $1 RETURNING count")
        .bind(destination.0.clone())
        .fetch_all(conn)
        .await?;
    rows.iter().map(|row| Ok(row.try_get::<i64, _>("count")?)).sum()
}

/// Destinations for which something is due, those first that wait the longest.
///
/// # Errors
/// Where the database refuses.
pub async fn due(conn: &mut Conn, now: Moment, limit: u32) -> Stored<Vec<DestinationId>> {
    let rows = sqlx::query(
        "SELECT destination_id, MIN(due_at) AS since FROM held WHERE due_at <= $1 GROUP BY destination_id \
         ORDER BY since, destination_id LIMIT $2",
    )
    .bind(now.0)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| Ok(DestinationId(row.try_get("destination_id")?))).collect()
}

/// Something that is due for a destination.
#[derive(Clone, Debug)]
pub struct DueRow {
    /// The token.
    pub token: TokenId,
    /// The token's team.
    pub team: TeamId,
    /// Which.
    pub key: Key,
    /// What.
    pub kept: Kept,
    /// The quiet hours of the person that the destination belongs to.
    pub quiet: Option<QuietHours>,
}

/// What is due for a destination, the oldest first, locked until the end of the transaction. What another process has
/// locked is left to it.
///
/// # Errors
/// Where the database refuses.
pub async fn take(
    conn: &mut Conn,
    flavour: Flavour,
    destination: &DestinationId,
    now: Moment,
    limit: u32,
) -> Stored<Vec<DueRow>> {
    let mut sql = Sql::new(
        "SELECT h.token_id, t.team_id, h.destination_id, h.incident_id, h.kind, h.state, h.count, h.due_at, \
         q.starts, q.ends, q.zone, q.exposed FROM held h JOIN tokens t ON t.id = h.token_id \
         JOIN destinations d ON d.id = h.destination_id \
         LEFT JOIN quiet_hours q ON d.team_id = '' AND q.person_id = d.owner_id WHERE h.destination_id = ",
    );
    sql.bind(destination.0.clone()).push(" AND h.due_at <= ").bind(now.0);
    sql.push(" ORDER BY h.due_at, h.token_id, h.incident_id, h.kind LIMIT ").bind(i64::from(limit));
    if flavour == Flavour::Postgres {
        sql.push(" FOR UPDATE OF h SKIP LOCKED");
    }
    let rows = sql.all(conn).await?;
    let read = |row: &AnyRow| {
        Ok(DueRow {
            token: TokenId(row.try_get("token_id")?),
            team: TeamId(row.try_get("team_id")?),
            key: key(row)?,
            kept: kept(row)?,
            quiet: quiet_hours::read(row)?,
        })
    };
    rows.iter().map(read).collect()
}

/// Whether a destination still may hear about tokens of a team.
///
/// # Errors
/// Where the database refuses.
pub async fn may_still_hear(conn: &mut Conn, destination: &DestinationId, team: &TeamId) -> Stored<bool> {
    let mut sql = Sql::new("SELECT d.id FROM destinations d WHERE d.removed_at IS NULL AND d.id = ");
    sql.bind(destination.0.clone()).push(" AND ");
    may_hear(&mut sql, team);
    Ok(sql.first(conn).await?.is_some())
}

/// What is held for a destination, what is due first first.
///
/// # Errors
/// Where the database refuses.
pub async fn of_destination(conn: &mut Conn, id: &DestinationId) -> Stored<Vec<(Held, TeamId)>> {
    let rows = sqlx::query(
        "SELECT h.token_id, h.incident_id, h.kind, h.count, h.due_at, t.location, t.access_key_id, t.team_id \
         FROM held h JOIN tokens t ON t.id = h.token_id WHERE h.destination_id = $1 AND h.count > 0 \
         ORDER BY h.due_at, h.token_id LIMIT 500",
    )
    .bind(id.0.clone())
    .fetch_all(conn)
    .await?;
    let read = |row: &AnyRow| {
        let location: String = row.try_get("location")?;
        let held = Held {
            token_id: TokenId(row.try_get("token_id")?),
            about: if location.is_empty() { row.try_get("access_key_id")? } else { location },
            incident_id: Some(IncidentId(row.try_get("incident_id")?)).filter(|id| !id.as_str().is_empty()),
            kind: kind(row)?,
            count: row.try_get("count")?,
            due_at: Moment(row.try_get("due_at")?),
        };
        Ok((held, TeamId(row.try_get("team_id")?)))
    };
    rows.iter().map(read).collect()
}

/// Lets what is held at the destinations of a person be looked at now: their quiet hours have changed.
///
/// # Errors
/// Where the database refuses.
pub async fn wake(conn: &mut Conn, owner: &str, now: Moment) -> Stored<()> {
    sqlx::query(
        "UPDATE held SET due_at = $2 WHERE count > 0 AND due_at > $2 \
         AND destination_id IN (SELECT id FROM destinations WHERE owner_id = $1 AND team_id = '')",
    )
    .bind(owner.to_owned())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}
