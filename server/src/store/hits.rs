//! Hits, and what they change about their token.

use super::{Conn, StoreError, Stored, cursor::Cursor, sql::Sql, tokens::TokenRow};
use app::model::{
    hit::{Hit, HitKind, HitQuery, Sighting},
    ids::{HitId, IncidentId, TeamId, TokenId},
    moment::Moment,
    viewer::Reach,
};
use sqlx::{Row as _, any::AnyRow};

const COLUMNS: &str = "h.id, h.token_id, h.incident_id, h.kind, h.event_id, h.event_time, h.event_name, h.event_source, \
    h.aws_region, h.source_ip, h.user_agent, h.error_code, h.sources, h.record";

fn read(row: &AnyRow) -> Stored<Hit> {
    let kind: String = row.try_get("kind")?;
    let sources: String = row.try_get("sources")?;
    let record: String = row.try_get("record")?;
    Ok(Hit {
        id: HitId(row.try_get("id")?),
        token_id: TokenId(row.try_get("token_id")?),
        kind: HitKind::parse(&kind).ok_or_else(|| StoreError::corrupt("kind of a hit"))?,
        event_id: row.try_get("event_id")?,
        event_time: Moment(row.try_get("event_time")?),
        event_name: row.try_get("event_name")?,
        event_source: row.try_get("event_source")?,
        aws_region: row.try_get("aws_region")?,
        source_ip: row.try_get("source_ip")?,
        geo: None,
        user_agent: row.try_get("user_agent")?,
        error_code: row.try_get("error_code")?,
        sources: serde_json::from_str(&sources).map_err(|_| StoreError::corrupt("sources of a hit"))?,
        incident_id: row.try_get::<Option<String>, _>("incident_id")?.map(IncidentId),
        record: serde_json::from_str(&record).map_err(|_| StoreError::corrupt("record of a hit"))?,
    })
}

/// Keeps a hit, unless the same event is known of the same token; whether it is new. `record` is the text as received.
///
/// # Errors
/// Where the database refuses.
pub async fn insert(conn: &mut Conn, hit: &Hit, team: &TeamId, received_at: Moment, record: &str) -> Stored<bool> {
    let done = sqlx::query(
        "INSERT INTO hits (id, token_id, team_id, incident_id, kind, event_id, event_time, event_name, event_source, aws_region, \
         source_ip, user_agent, error_code, received_at, sources, record) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) ON CONFLICT (event_id, token_id) DO NOTHING",
    )
    .bind(hit.id.0.clone())
    .bind(hit.token_id.0.clone())
    .bind(team.0.clone())
    .bind(hit.incident_id.as_ref().map(|id| id.0.clone()))
    .bind(hit.kind.word())
    .bind(hit.event_id.clone())
    .bind(hit.event_time.0)
    .bind(hit.event_name.clone())
    .bind(hit.event_source.clone())
    .bind(hit.aws_region.clone())
    .bind(hit.source_ip.clone())
    .bind(hit.user_agent.clone())
    .bind(hit.error_code.clone())
    .bind(received_at.0)
    .bind(sources_json(&hit.sources))
    .bind(record.to_owned())
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

fn sources_json(sources: &[Sighting]) -> String {
    serde_json::json!(sources).to_string()
}

/// Which ways reported this event of this token, if it is known.
///
/// # Errors
/// Where the database refuses.
pub async fn sources(conn: &mut Conn, event_id: &str, token: &TokenId) -> Stored<Option<Vec<Sighting>>> {
    let row = sqlx::query("SELECT sources FROM hits WHERE event_id = $1 AND token_id = $2")
        .bind(event_id.to_owned())
        .bind(token.0.clone())
        .fetch_optional(conn)
        .await?;
    row.map(|row| {
        let text: String = row.try_get("sources")?;
        serde_json::from_str(&text).map_err(|_| StoreError::corrupt("sources of a hit"))
    })
    .transpose()
}

/// Writes which ways reported an event.
///
/// # Errors
/// Where the database refuses.
pub async fn set_sources(conn: &mut Conn, event_id: &str, token: &TokenId, sources: &[Sighting]) -> Stored<()> {
    sqlx::query("UPDATE hits SET sources = $3 WHERE event_id = $1 AND token_id = $2")
        .bind(event_id.to_owned())
        .bind(token.0.clone())
        .bind(sources_json(sources))
        .execute(conn)
        .await?;
    Ok(())
}

/// Counts hits into their hour.
///
/// # Errors
/// Where the database refuses.
pub async fn count_hour(conn: &mut Conn, token: &TokenId, hour: i64, hits: i64) -> Stored<()> {
    sqlx::query(
        "INSERT INTO hit_hours (token_id, hour, hits) VALUES ($1, $2, $3) \
         ON CONFLICT (token_id, hour) DO UPDATE SET hits = hit_hours.hits + excluded.hits",
    )
    .bind(token.0.clone())
    .bind(hour)
    .bind(hits)
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes what hits change about their token.
///
/// # Errors
/// Where the database refuses.
pub async fn update_token(conn: &mut Conn, row: &TokenRow) -> Stored<()> {
    let ms = |moment: Option<Moment>| moment.map(|moment| moment.0);
    sqlx::query(
        "UPDATE tokens SET state = $2, armed_at = $3, first_hit_at = $4, exposed_at = $5, last_hit_at = $6, hit_count = $7 \
         WHERE id = $1",
    )
    .bind(row.token.id.0.clone())
    .bind(row.token.state.word())
    .bind(ms(row.facts.armed_at))
    .bind(ms(row.facts.first_hit_at))
    .bind(ms(row.facts.exposed_at))
    .bind(ms(row.token.last_hit_at))
    .bind(row.token.hit_count)
    .execute(conn)
    .await?;
    Ok(())
}

/// One hit, and the team by which one may see it.
///
/// # Errors
/// Where the database refuses.
pub async fn by_id(conn: &mut Conn, id: &HitId) -> Stored<Option<(Hit, TeamId)>> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(", h.team_id FROM hits h WHERE h.id = ").bind(id.0.clone());
    let row = sql.first(conn).await?;
    row.map(|row| Ok((read(&row)?, TeamId(row.try_get("team_id")?)))).transpose()
}

/// One more hit than the page holds, within reach, the latest event first.
///
/// # Errors
/// Where the database refuses.
pub async fn list(
    conn: &mut Conn,
    reach: &Reach,
    query: &HitQuery,
    after: Option<&Cursor>,
    size: u32,
) -> Stored<Vec<Hit>> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(" FROM hits h WHERE 1 = 1");
    filter(&mut sql, reach, query, after);
    sql.push(" ORDER BY h.event_time DESC, h.id DESC LIMIT ").bind(i64::from(size) + 1);
    sql.all(conn).await?.iter().map(read).collect()
}

/// The latest hits within reach, each with its token's location and key id.
///
/// # Errors
/// Where the database refuses.
pub async fn latest(conn: &mut Conn, reach: &Reach, limit: u32) -> Stored<Vec<(Hit, String, String)>> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS);
    sql.push(", t.location, t.access_key_id FROM hits h JOIN tokens t ON t.id = h.token_id WHERE 1 = 1");
    filter(&mut sql, reach, &HitQuery::default(), None);
    sql.push(" ORDER BY h.event_time DESC, h.id DESC LIMIT ").bind(i64::from(limit));
    let rows = sql.all(conn).await?;
    rows.iter().map(|row| Ok((read(row)?, row.try_get("location")?, row.try_get("access_key_id")?))).collect()
}

fn filter(sql: &mut Sql, reach: &Reach, query: &HitQuery, after: Option<&Cursor>) {
    if let Reach::Teams(teams) = reach {
        sql.push(" AND h.team_id IN ").bind_all(teams.iter().map(|team| team.0.clone()));
    }
    let texts = [
        (" AND h.token_id = ", query.token_id.as_ref().map(|id| id.as_str())),
        (" AND h.incident_id = ", query.incident_id.as_ref().map(|id| id.as_str())),
        (" AND h.kind = ", query.kind.map(HitKind::word)),
        (" AND h.source_ip = ", Some(query.source_ip.as_str())),
        (" AND h.event_name = ", Some(query.event_name.as_str())),
        (" AND h.aws_region = ", Some(query.aws_region.as_str())),
        (" AND h.event_id = ", Some(query.event_id.as_str())),
        (" AND h.event_source = ", Some(query.event_source.as_str())),
        (" AND h.error_code = ", Some(query.error_code.as_str())),
        (" AND h.user_agent = ", Some(query.user_agent.as_str())),
    ];
    if query.no_drills {
        sql.push(" AND h.kind <> 'drill'");
    }
    for (condition, value) in texts {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            sql.push(condition).bind(value.to_owned());
        }
    }
    if let Some(after) = after {
        sql.push(" AND (h.event_time, h.id) < (").bind(after.key).push(", ").bind(after.id.clone()).push(")");
    }
}

/// The first and the last hour in which a token was hit, in hours since 1970.
///
/// # Errors
/// Where the database refuses.
pub async fn hours_of(conn: &mut Conn, token: &TokenId) -> Stored<Option<(i64, i64)>> {
    let row = sqlx::query("SELECT MIN(hour) AS first, MAX(hour) AS last FROM hit_hours WHERE token_id = $1")
        .bind(token.0.clone())
        .fetch_one(conn)
        .await?;
    let (first, last): (Option<i64>, Option<i64>) = (row.try_get("first")?, row.try_get("last")?);
    Ok(first.zip(last))
}

/// Hits of a token in stretches of so many hours, beginning with this hour: number of the stretch, and of hits.
///
/// # Errors
/// Where the database refuses.
pub async fn stretches_of(conn: &mut Conn, token: &TokenId, from: i64, hours: i64) -> Stored<Vec<(i64, i64)>> {
    let mut sql = Sql::new("SELECT (h.hour - ");
    sql.bind(from).push(") / ").bind(hours);
    sql.push(" AS stretch, CAST(SUM(h.hits) AS BIGINT) AS hits FROM hit_hours h WHERE h.token_id = ")
        .bind(token.0.clone());
    sql.push(" AND h.hour >= ").bind(from).push(" GROUP BY 1 ORDER BY 1");
    stretches(sql, conn).await
}

/// As [`stretches_of`], of all tokens within reach.
///
/// # Errors
/// Where the database refuses.
pub async fn stretches_within(conn: &mut Conn, reach: &Reach, from: i64, hours: i64) -> Stored<Vec<(i64, i64)>> {
    let mut sql = Sql::new("SELECT (h.hour - ");
    sql.bind(from).push(") / ").bind(hours).push(" AS stretch, CAST(SUM(h.hits) AS BIGINT) AS hits FROM hit_hours h");
    if let Reach::Teams(teams) = reach {
        sql.push(" JOIN tokens t ON t.id = h.token_id AND t.team_id IN ")
            .bind_all(teams.iter().map(|team| team.0.clone()));
    }
    sql.push(" WHERE h.hour >= ").bind(from).push(" GROUP BY 1 ORDER BY 1");
    stretches(sql, conn).await
}

async fn stretches(sql: Sql, conn: &mut Conn) -> Stored<Vec<(i64, i64)>> {
    sql.all(conn).await?.iter().map(|row| Ok((row.try_get("stretch")?, row.try_get("hits")?))).collect()
}
