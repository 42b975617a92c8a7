//! Hits, and what they change about their token.

use super::{
    Conn, StoreError, Stored,
    cursor::Cursor,
    sql::{Sql, portions},
    tokens::TokenRow,
};
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

/// A hit that is new, and what only the server keeps of it.
#[derive(Clone, Debug)]
pub struct NewHit<'a> {
    /// The hit.
    pub hit: Hit,
    /// Its token's team.
    pub team: TeamId,
    /// When it was heard of.
    pub received_at: Moment,
    /// The record as it was received.
    pub record: &'a str,
}

/// Keeps hits that are new. The caller holds the locks of their tokens, and found that none of them [was known](known).
///
/// # Errors
/// Where the database refuses, as it does where one was known after all.
pub async fn insert(conn: &mut Conn, hits: &[NewHit<'_>]) -> Stored<()> {
    for some in portions(hits) {
        let mut sql = Sql::new(
            "INSERT INTO hits (id, token_id, team_id, incident_id, kind, event_id, event_time, event_name, event_source, \
             aws_region, source_ip, user_agent, error_code, received_at, sources, record) VALUES ",
        );
        for (n, NewHit { hit, team, received_at, record }) in some.iter().enumerate() {
            sql.push(if n == 0 { "(" } else { ", (" }).bind(hit.id.0.clone());
            sql.push(", ").bind(hit.token_id.0.clone()).push(", ").bind(team.0.clone());
            sql.push(", ").bind(hit.incident_id.as_ref().map(|id| id.0.clone()));
            sql.push(", ").bind(hit.kind.word().to_owned()).push(", ").bind(hit.event_id.clone());
            sql.push(", ").bind(hit.event_time.0).push(", ").bind(hit.event_name.clone());
            sql.push(", ").bind(hit.event_source.clone()).push(", ").bind(hit.aws_region.clone());
            sql.push(", ").bind(hit.source_ip.clone()).push(", ").bind(hit.user_agent.clone());
            sql.push(", ").bind(hit.error_code.clone()).push(", ").bind(received_at.0);
            sql.push(", ").bind(sources_json(&hit.sources)).push(", ").bind((*record).to_owned()).push(")");
        }
        sql.run(&mut *conn).await?;
    }
    Ok(())
}

fn sources_json(sources: &[Sighting]) -> String {
    serde_json::json!(sources).to_string()
}

/// Of these events, those that are known of a token, and which ways reported them.
///
/// # Errors
/// Where the database refuses.
pub async fn known(conn: &mut Conn, events: &[String]) -> Stored<Vec<(String, TokenId, Vec<Sighting>)>> {
    let mut known = Vec::new();
    for some in portions(events) {
        let mut sql = Sql::new("SELECT event_id, token_id, sources FROM hits WHERE event_id IN ");
        sql.bind_all(some.iter().cloned());
        for row in sql.all(&mut *conn).await? {
            let text: String = row.try_get("sources")?;
            let sources = serde_json::from_str(&text).map_err(|_| StoreError::corrupt("sources of a hit"))?;
            known.push((row.try_get("event_id")?, TokenId(row.try_get("token_id")?), sources));
        }
    }
    Ok(known)
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

/// Counts hits into their hours: so many of a token in an hour, each hour of a token once.
///
/// # Errors
/// Where the database refuses.
pub async fn count_hours(conn: &mut Conn, hours: &[(TokenId, i64, i64)]) -> Stored<()> {
    for some in portions(hours) {
        let mut sql = Sql::new("INSERT INTO hit_hours (token_id, hour, hits) VALUES ");
        for (n, (token, hour, hits)) in some.iter().enumerate() {
            sql.push(if n == 0 { "(" } else { ", (" }).bind(token.0.clone());
            sql.push(", ").bind(*hour).push(", ").bind(*hits).push(")");
        }
        sql.push(" ON CONFLICT (token_id, hour) DO UPDATE SET hits = hit_hours.hits + excluded.hits");
        sql.run(&mut *conn).await?;
    }
    Ok(())
}

/// Writes what hits change about their tokens.
///
/// # Errors
/// Where the database refuses.
pub async fn update_tokens(conn: &mut Conn, tokens: &[TokenRow]) -> Stored<()> {
    let ms = |moment: Option<Moment>| moment.map(|moment| moment.0);
    for some in portions(tokens) {
        let mut sql = Sql::new(
            "WITH changed (id, state, armed_at, first_hit_at, exposed_at, last_hit_at, hit_count) AS (VALUES ",
        );
        for (n, TokenRow { token, facts, .. }) in some.iter().enumerate() {
            sql.push(if n == 0 { "(" } else { ", (" }).bind(token.id.0.clone());
            sql.push(", ").bind(token.state.word().to_owned()).push(", ").bind(ms(facts.armed_at));
            sql.push(", ").bind(ms(facts.first_hit_at)).push(", ").bind(ms(facts.exposed_at));
            sql.push(", ").bind(ms(token.last_hit_at)).push(", ").bind(token.hit_count).push(")");
        }
        sql.push(
            ") UPDATE tokens SET state = changed.state, armed_at = changed.armed_at, first_hit_at = changed.first_hit_at, \
             exposed_at = changed.exposed_at, last_hit_at = changed.last_hit_at, hit_count = changed.hit_count FROM changed \
             WHERE tokens.id = changed.id",
        );
        sql.run(&mut *conn).await?;
    }
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
