//! Drills: the calls that Aviary makes with tokens itself.

use super::{Conn, StoreError, Stored, sql::Sql};
use app::model::{
    drill::{Drill, DrillState},
    hit::Sighting,
    ids::{TeamId, TokenId},
    moment::Moment,
};
use sqlx::{Row as _, any::AnyRow};

/// A drill with what only the server knows of it.
#[derive(Clone, Debug, PartialEq)]
pub struct DrillRow {
    /// The drill as people see it.
    pub drill: Drill,
    /// What stood in the user agent of the latest try; empty before the first.
    pub mark: String,
    /// The event by which it was heard.
    pub event_id: Option<String>,
    /// The destination that wants to hear of it; empty for none.
    pub through: String,
    /// How often the call was tried.
    pub tries: i64,
}

const COLUMNS: &str = "SELECT id, token_id, region, state, asked_by, asked_at, tries, called_at, mark, event_id, through, \
    heard, error FROM drills WHERE ";

fn read(row: &AnyRow) -> Stored<DrillRow> {
    let (state, heard): (String, String) = (row.try_get("state")?, row.try_get("heard")?);
    Ok(DrillRow {
        drill: Drill {
            id: row.try_get("id")?,
            token_id: TokenId(row.try_get("token_id")?),
            region: row.try_get("region")?,
            state: DrillState::parse(&state).ok_or_else(|| StoreError::corrupt("state of a drill"))?,
            asked_by: row.try_get("asked_by")?,
            asked_at: Moment(row.try_get("asked_at")?),
            called_at: row.try_get::<Option<i64>, _>("called_at")?.map(Moment),
            heard: serde_json::from_str(&heard).map_err(|_| StoreError::corrupt("sightings of a drill"))?,
            error: row.try_get("error")?,
        },
        mark: row.try_get("mark")?,
        event_id: row.try_get("event_id")?,
        through: row.try_get("through")?,
        tries: row.try_get("tries")?,
    })
}

/// Writes a new drill, due at once.
///
/// # Errors
/// Where the database refuses.
pub async fn insert(conn: &mut Conn, row: &DrillRow) -> Stored<()> {
    sqlx::query(
        "INSERT INTO drills (id, token_id, region, state, asked_by, asked_at, due_at, mark, through, heard) \
         VALUES ($1, $2, $3, 'due', $4, $5, $5, '', $6, '[]')",
    )
    .bind(row.drill.id.clone())
    .bind(row.drill.token_id.0.clone())
    .bind(row.drill.region.clone())
    .bind(row.drill.asked_by.clone())
    .bind(row.drill.asked_at.0)
    .bind(row.through.clone())
    .execute(&mut *conn)
    .await?;
    sqlx::query("UPDATE tokens SET drilled_at = $2 WHERE id = $1")
        .bind(row.drill.token_id.0.clone())
        .bind(row.drill.asked_at.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Drills whose time has come: calls to make, and waits that are over. Each is taken for `lease_until`, so that no other
/// worker takes it meanwhile.
///
/// # Errors
/// Where the database refuses.
pub async fn take_due(conn: &mut Conn, now: Moment, lease_until: Moment, limit: u32) -> Stored<Vec<DrillRow>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("state IN ('due', 'called') AND due_at <= ").bind(now.0);
    sql.push(" ORDER BY due_at, id LIMIT ").bind(i64::from(limit));
    let mut taken = Vec::new();
    for row in sql.all(conn).await? {
        let row = read(&row)?;
        let ours = sqlx::query(
            "UPDATE drills SET due_at = $2, tries = tries + 1 WHERE id = $1 AND due_at <= $3 AND state IN ('due', 'called')",
        )
        .bind(row.drill.id.clone())
        .bind(lease_until.0)
        .bind(now.0)
        .execute(&mut *conn)
        .await?;
        if ours.rows_affected() == 1 {
            taken.push(DrillRow { tries: row.tries + 1, ..row });
        }
    }
    Ok(taken)
}

/// Gives a drill the mark of its next try.
///
/// # Errors
/// Where the database refuses.
pub async fn mark(conn: &mut Conn, row: &DrillRow, mark: &str, now: Moment) -> Stored<()> {
    sqlx::query("INSERT INTO drill_marks (mark, drill_id, token_id, made_at) VALUES ($1, $2, $3, $4)")
        .bind(mark.to_owned())
        .bind(row.drill.id.clone())
        .bind(row.drill.token_id.0.clone())
        .bind(now.0)
        .execute(&mut *conn)
        .await?;
    sqlx::query("UPDATE drills SET mark = $2 WHERE id = $1")
        .bind(row.drill.id.clone())
        .bind(mark.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// One try of a drill, as its record is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Marked {
    /// When the mark was made, right before the call.
    pub made_at: Moment,
    /// The event that was heard with it.
    pub event_id: Option<String>,
    /// The drill.
    pub row: DrillRow,
}

/// The drills of these tokens that were asked for last, by token and region, each with the token's team.
///
/// # Errors
/// Where the database refuses.
pub async fn latest_runs(conn: &mut Conn, tokens: &[TokenId]) -> Stored<Vec<(TeamId, DrillRow)>> {
    let mut found = Vec::new();
    for tokens in tokens.chunks(500) {
        let mut sql = Sql::new(
            "SELECT d.id, d.token_id, d.region, d.state, d.asked_by, d.asked_at, d.tries, d.called_at, d.mark, d.event_id, \
             d.through, d.heard, d.error, t.team_id FROM tokens t JOIN drills d ON d.token_id = t.id \
             WHERE d.asked_at = t.drilled_at AND t.id IN ",
        );
        sql.bind_all(tokens.iter().map(|token| token.0.clone())).push(" ORDER BY d.token_id, d.region");
        for row in sql.all(conn).await? {
            found.push((TeamId(row.try_get("team_id")?), read(&row)?));
        }
    }
    Ok(found)
}

/// The latest drill of an account's tokens in a region.
///
/// # Errors
/// Where the database refuses.
pub async fn latest_in(conn: &mut Conn, account: &str, region: &str) -> Stored<Option<DrillRow>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("region = ").bind(region.to_owned());
    sql.push(" AND EXISTS (SELECT 1 FROM tokens WHERE tokens.id = drills.token_id AND tokens.account = ");
    sql.bind(account.to_owned()).push(") ORDER BY id DESC LIMIT 1");
    sql.first(conn).await?.as_ref().map(read).transpose()
}

/// The try of a token's drill that has this mark.
///
/// # Errors
/// Where the database refuses.
pub async fn by_mark(conn: &mut Conn, token: &TokenId, mark: &str) -> Stored<Option<Marked>> {
    let mut sql = Sql::new("SELECT drill_id, made_at, event_id FROM drill_marks WHERE mark = ");
    sql.bind(mark.to_owned()).push(" AND token_id = ").bind(token.0.clone());
    let Some(found) = sql.first(conn).await? else { return Ok(None) };
    let row = by_id(conn, found.try_get("drill_id")?).await?;
    let (made_at, event_id) = (Moment(found.try_get("made_at")?), found.try_get("event_id")?);
    Ok(row.map(|row| Marked { made_at, event_id, row }))
}

/// The drill of a token that was heard by this event.
///
/// # Errors
/// Where the database refuses.
pub async fn by_event(conn: &mut Conn, token: &TokenId, event_id: &str) -> Stored<Option<DrillRow>> {
    let mut sql = Sql::new("SELECT drill_id FROM drill_marks WHERE event_id = ");
    sql.bind(event_id.to_owned()).push(" AND token_id = ").bind(token.0.clone());
    match sql.first(conn).await? {
        Some(found) => by_id(conn, found.try_get("drill_id")?).await,
        None => Ok(None),
    }
}

async fn by_id(conn: &mut Conn, id: String) -> Stored<Option<DrillRow>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("id = ").bind(id);
    sql.first(conn).await?.as_ref().map(read).transpose()
}

/// From now on no other event is taken for this try. The caller holds the token's lock.
///
/// # Errors
/// Where the database refuses.
pub async fn bind_event(conn: &mut Conn, mark: &str, event_id: &str) -> Stored<()> {
    sqlx::query("UPDATE drill_marks SET event_id = $2 WHERE mark = $1 AND event_id IS NULL")
        .bind(mark.to_owned())
        .bind(event_id.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Writes down that the call was made, and until when its record is waited for. A drill that was heard meanwhile stays so.
///
/// # Errors
/// Where the database refuses.
pub async fn called(conn: &mut Conn, id: &str, at: Moment, request_id: &str, until: Moment) -> Stored<()> {
    sqlx::query(
        "UPDATE drills SET state = CASE WHEN state = 'due' THEN 'called' ELSE state END, called_at = $2, request_id = $3, \
         due_at = $4 WHERE id = $1",
    )
    .bind(id.to_owned())
    .bind(at.0)
    .bind(request_id.to_owned())
    .bind(until.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes down how a drill ended without being heard, or that it is tried again later.
///
/// # Errors
/// Where the database refuses.
pub async fn end(
    conn: &mut Conn,
    id: &str,
    state: DrillState,
    error: Option<&str>,
    again: Option<Moment>,
) -> Stored<()> {
    sqlx::query(
        "UPDATE drills SET state = $2, error = $3, due_at = COALESCE($4, due_at) WHERE id = $1 AND state IN ('due', 'called')",
    )
    .bind(id.to_owned())
    .bind(state.word())
    .bind(error.map(str::to_owned))
    .bind(again.map(|at| at.0))
    .execute(conn)
    .await?;
    Ok(())
}

/// Drills of a token that were asked for since a moment, newest first.
///
/// # Errors
/// Where the database refuses.
pub async fn of_token(conn: &mut Conn, token: &TokenId, since: Moment, limit: u32) -> Stored<Vec<DrillRow>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("token_id = ").bind(token.0.clone());
    sql.push(" AND asked_at >= ").bind(since.0);
    sql.push(" ORDER BY id DESC LIMIT ").bind(i64::from(limit));
    sql.all(conn).await?.iter().map(read).collect()
}

/// Writes down by which ways a drill was heard. Returns nothing; the caller holds the token's lock.
///
/// # Errors
/// Where the database refuses.
pub async fn set_heard(conn: &mut Conn, id: &str, event_id: &str, heard: &[Sighting]) -> Stored<()> {
    let heard = serde_json::to_string(heard).map_err(|_| StoreError::corrupt("sightings of a drill"))?;
    sqlx::query("UPDATE drills SET state = 'heard', event_id = $2, heard = $3 WHERE id = $1")
        .bind(id.to_owned())
        .bind(event_id.to_owned())
        .bind(heard)
        .execute(conn)
        .await?;
    Ok(())
}

/// Tokens of an account that could be drilled and were not since a moment; those that waited longest first.
///
/// # Errors
/// Where the database refuses.
pub async fn not_drilled_since(conn: &mut Conn, account: &str, since: Moment, limit: u32) -> Stored<Vec<TokenId>> {
    let mut sql = Sql::new("SELECT id FROM tokens WHERE account = ");
    sql.bind(account.to_owned());
    sql.push(" AND issuer <> 'adopted' AND key_active = 1 AND revoked_at IS NULL AND COALESCE(drilled_at, 0) < ");
    sql.bind(since.0).push(" ORDER BY COALESCE(drilled_at, 0), id LIMIT ").bind(i64::from(limit));
    sql.all(conn).await?.iter().map(|row| Ok(TokenId(row.try_get("id")?))).collect()
}

/// Writes down that a token was proven to be heard.
///
/// # Errors
/// Where the database refuses.
pub async fn proven(conn: &mut Conn, token: &TokenId, at: Moment) -> Stored<()> {
    sqlx::query("UPDATE tokens SET proven_at = $2 WHERE id = $1 AND COALESCE(proven_at, 0) < $2")
        .bind(token.0.clone())
        .bind(at.0)
        .execute(conn)
        .await?;
    Ok(())
}
