//! Tokens, and the mints that were begun.

use super::{
    Conn, StoreError, Stored, Tx,
    connect::Flavour,
    cursor::Cursor,
    sql::{Sql, like},
};
use app::model::{
    ids::{TeamId, TokenId},
    moment::Moment,
    token::{OnHit, Token, TokenFacts, TokenQuery, TokenSort, TokenState},
    viewer::Reach,
};
use sqlx::{Row as _, any::AnyRow};

/// A token with what only the server knows of it.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenRow {
    /// The token as people see it.
    pub token: Token,
    /// `sandbox`, `aws` or `adopted`.
    pub issuer: String,
    /// The user's unique id, `AIDA…`; empty if not known.
    pub unique_id: String,
    /// The sealed secret; absent where the token was adopted.
    pub sealed_secret: Option<String>,
    /// The identifier of the person or API key that made it.
    pub created_by_id: String,
    /// When its people were warned of its expiry.
    pub warned_at: Option<Moment>,
    /// The moments from which its state follows.
    pub facts: TokenFacts,
    /// When a drill was last heard.
    pub proven_at: Option<Moment>,
    /// When a drill was last asked for.
    pub drilled_at: Option<Moment>,
    /// How many hits it had when its key was last switched on or exchanged: a limit on hits counts from there.
    pub hits_before: i64,
}

impl TokenRow {
    /// The words that the token can be found by, in lower case.
    pub fn search_text(&self) -> String {
        let token = &self.token;
        [&token.access_key_id, &token.user_name, &token.owner, &token.location, &token.notes]
            .into_iter()
            .chain(&token.labels)
            .map(|text| text.to_lowercase())
            .collect::<Vec<_>>()
            .join("\n")
    }
}

const COLUMNS: &str = "SELECT t.id, t.account, t.issuer, t.access_key_id, t.user_name, t.arn, t.unique_id, t.team_id, \
    m.name AS team, t.owner, t.location, t.notes, t.labels, t.state, t.on_hit, t.sealed_secret, t.key_active, \
    t.created_by, t.created_by_id, t.created_at, t.expires_at, t.warned_at, t.armed_at, t.first_hit_at, t.exposed_at, \
    t.expired_at, t.revoked_at, t.last_hit_at, t.hit_count, t.proven_at, t.drilled_at, t.hits_before \
    FROM tokens t JOIN teams m ON m.id = t.team_id";

fn moment(row: &AnyRow, column: &str) -> sqlx::Result<Option<Moment>> {
    Ok(row.try_get::<Option<i64>, _>(column)?.map(Moment))
}

fn read(row: &AnyRow) -> Stored<TokenRow> {
    let state: String = row.try_get("state")?;
    let on_hit: String = row.try_get("on_hit")?;
    let labels: String = row.try_get("labels")?;
    let issuer: String = row.try_get("issuer")?;
    Ok(TokenRow {
        token: Token {
            id: TokenId(row.try_get("id")?),
            account: row.try_get("account")?,
            access_key_id: row.try_get("access_key_id")?,
            user_name: row.try_get("user_name")?,
            arn: row.try_get("arn")?,
            team: row.try_get("team")?,
            owner: row.try_get("owner")?,
            location: row.try_get("location")?,
            notes: row.try_get("notes")?,
            labels: serde_json::from_str(&labels).map_err(|_| StoreError::corrupt("labels of a token"))?,
            state: TokenState::parse(&state).ok_or_else(|| StoreError::corrupt("state of a token"))?,
            on_hit: OnHit::try_from(on_hit).map_err(|_| StoreError::corrupt("on_hit of a token"))?,
            created_at: Moment(row.try_get("created_at")?),
            expires_at: moment(row, "expires_at")?,
            last_hit_at: moment(row, "last_hit_at")?,
            hit_count: row.try_get("hit_count")?,
            adopted: issuer == "adopted",
            key_active: row.try_get::<i64, _>("key_active")? != 0,
            team_id: TeamId(row.try_get("team_id")?),
            created_by: row.try_get("created_by")?,
            expired_at: moment(row, "expired_at")?,
            revoked_at: moment(row, "revoked_at")?,
            proven_at: moment(row, "proven_at")?,
        },
        issuer,
        unique_id: row.try_get("unique_id")?,
        sealed_secret: row.try_get("sealed_secret")?,
        created_by_id: row.try_get("created_by_id")?,
        warned_at: moment(row, "warned_at")?,
        proven_at: moment(row, "proven_at")?,
        drilled_at: moment(row, "drilled_at")?,
        hits_before: row.try_get("hits_before")?,
        facts: TokenFacts {
            armed_at: moment(row, "armed_at")?,
            first_hit_at: moment(row, "first_hit_at")?,
            exposed_at: moment(row, "exposed_at")?,
            expires_at: moment(row, "expires_at")?,
            expired_at: moment(row, "expired_at")?,
            revoked_at: moment(row, "revoked_at")?,
        },
    })
}

fn within(sql: &mut Sql, reach: &Reach) {
    if let Reach::Teams(teams) = reach {
        sql.push(" AND t.team_id IN ").bind_all(teams.iter().map(|team| team.0.clone()));
    }
}

/// One token.
///
/// # Errors
/// Where the database refuses.
pub async fn by_id(conn: &mut Conn, id: &TokenId) -> Stored<Option<TokenRow>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" WHERE t.id = ").bind(id.0.clone());
    sql.first(conn).await?.as_ref().map(read).transpose()
}

/// The token of this key id.
///
/// # Errors
/// Where the database refuses.
pub async fn by_access_key_id(conn: &mut Conn, key: &str) -> Stored<Option<TokenRow>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" WHERE t.access_key_id = ").bind(key.to_owned());
    sql.push(" OR t.id IN (SELECT token_id FROM former_keys WHERE access_key_id = ").bind(key.to_owned()).push(")");
    sql.first(conn).await?.as_ref().map(read).transpose()
}

/// The number that a list is sorted by, for the cursor.
pub fn sort_key(token: &Token, sort: TokenSort) -> i64 {
    match sort {
        TokenSort::Created => 0,
        TokenSort::LastHit => token.last_hit_at.map_or(0, |at| at.0),
        TokenSort::Expires => token.expires_at.map_or(NEVER, |at| at.0),
    }
}

/// Stands for "no expiry" in a sorted list; the same number is in the index.
const NEVER: i64 = 9_000_000_000_000_000;

/// Everything that narrows a list of tokens down, except the state.
fn narrow(sql: &mut Sql, query: &TokenQuery) {
    for (column, value) in [
        (" AND m.name = ", &query.team),
        (" AND t.owner = ", &query.owner),
        (" AND t.location = ", &query.location),
        (" AND t.account = ", &query.account),
    ] {
        if !value.is_empty() {
            sql.push(column).bind(value.clone());
        }
    }
    if !query.access_key_id.is_empty() {
        sql.push(" AND (t.access_key_id = ").bind(query.access_key_id.clone());
        sql.push(" OR t.id IN (SELECT token_id FROM former_keys WHERE access_key_id = ");
        sql.bind(query.access_key_id.clone()).push("))");
    }
    match query.proven {
        Some(true) => drop(sql.push(" AND t.proven_at IS NOT NULL")),
        Some(false) => drop(sql.push(" AND t.proven_at IS NULL")),
        None => {}
    }
    if !query.label.is_empty() {
        let quoted = serde_json::Value::String(query.label.clone()).to_string();
        sql.push(" AND t.labels LIKE ").bind(like(&quoted)).push(" ESCAPE '\\'");
    }
    for word in query.q.split_whitespace().take(8) {
        // A key that was rotated away is still planted somewhere, and people look for it.
        sql.push(" AND (t.search LIKE ").bind(like(&word.to_lowercase())).push(" ESCAPE '\\'");
        sql.push(" OR t.id IN (SELECT token_id FROM former_keys WHERE LOWER(access_key_id) = ");
        sql.bind(word.to_lowercase()).push("))");
    }
}

/// How many tokens within reach fit this search, by state, whatever state it asks for.
///
/// # Errors
/// Where the database refuses.
pub async fn count_by_state(conn: &mut Conn, reach: &Reach, query: &TokenQuery) -> Stored<Vec<(TokenState, i64)>> {
    let mut sql = Sql::new("SELECT t.state, COUNT(*) AS n FROM tokens t JOIN teams m ON m.id = t.team_id WHERE 1 = 1");
    within(&mut sql, reach);
    narrow(&mut sql, query);
    sql.push(" GROUP BY t.state");
    let rows = sql.all(conn).await?;
    rows.iter()
        .map(|row| {
            let state: &str = row.try_get("state")?;
            let state = TokenState::parse(state).ok_or_else(|| StoreError::corrupt("state of a token"))?;
            Ok((state, row.try_get("n")?))
        })
        .collect()
}

/// One more token than the page holds, within reach, in the order asked for.
///
/// # Errors
/// Where the database refuses.
pub async fn list(
    conn: &mut Conn,
    reach: &Reach,
    query: &TokenQuery,
    after: Option<&Cursor>,
    size: u32,
) -> Stored<Vec<TokenRow>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" WHERE 1 = 1");
    within(&mut sql, reach);
    if let Some(state) = query.state {
        sql.push(" AND t.state = ").bind(state.word().to_owned());
    }
    narrow(&mut sql, query);
    let (earlier, order) = match query.sort {
        TokenSort::Created => (None, " ORDER BY t.id DESC"),
        TokenSort::LastHit => (
            Some(" AND (COALESCE(t.last_hit_at, 0), t.id) < ("),
            " ORDER BY COALESCE(t.last_hit_at, 0) DESC, t.id DESC",
        ),
        TokenSort::Expires => (
            Some(" AND (COALESCE(t.expires_at, 9000000000000000), t.id) > ("),
            " ORDER BY COALESCE(t.expires_at, 9000000000000000), t.id",
        ),
    };
    if let Some(after) = after {
        match earlier {
            Some(comparison) => sql.push(comparison).bind(after.key).push(", ").bind(after.id.clone()).push(")"),
            None => sql.push(" AND t.id < ").bind(after.id.clone()),
        };
    }
    sql.push(order).push(" LIMIT ").bind(i64::from(size) + 1);
    sql.all(conn).await?.iter().map(read).collect()
}

/// How many tokens within reach were hit since then.
///
/// # Errors
/// Where the database refuses.
pub async fn count_hit_since(conn: &mut Conn, reach: &Reach, since: Moment) -> Stored<i64> {
    let mut sql = Sql::new("SELECT COUNT(*) AS n FROM tokens t WHERE COALESCE(t.last_hit_at, 0) >= ");
    sql.bind(since.0);
    within(&mut sql, reach);
    Ok(sql.first(conn).await?.map_or(Ok(0), |row| row.try_get("n"))?)
}

/// Writes a new token.
///
/// # Errors
/// Where the key id is there already, or the database refuses.
pub async fn insert(tx: &mut Tx, row: &TokenRow) -> Stored<()> {
    tx.recount();
    let token = &row.token;
    let ms = |moment: Option<Moment>| moment.map(|moment| moment.0);
    sqlx::query(
        "INSERT INTO tokens (id, account, issuer, access_key_id, user_name, arn, unique_id, team_id, owner, location, notes, \
         labels, search, state, on_hit, sealed_secret, key_active, created_by, created_by_id, created_at, expires_at, armed_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)",
    )
    .bind(token.id.0.clone())
    .bind(token.account.clone())
    .bind(row.issuer.clone())
    .bind(token.access_key_id.clone())
    .bind(token.user_name.clone())
    .bind(token.arn.clone())
    .bind(row.unique_id.clone())
    .bind(token.team_id.0.clone())
    .bind(token.owner.clone())
    .bind(token.location.clone())
    .bind(token.notes.clone())
    .bind(labels_json(&token.labels))
    .bind(row.search_text())
    .bind(token.state.word())
    .bind(token.on_hit.to_string())
    .bind(row.sealed_secret.clone())
    .bind(i64::from(token.key_active))
    .bind(token.created_by.clone())
    .bind(row.created_by_id.clone())
    .bind(token.created_at.0)
    .bind(ms(token.expires_at))
    .bind(ms(row.facts.armed_at))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Writes everything of a token that can change, except what hits change.
///
/// # Errors
/// Where the database refuses.
pub async fn update(tx: &mut Tx, row: &TokenRow) -> Stored<()> {
    tx.recount();
    let token = &row.token;
    let ms = |moment: Option<Moment>| moment.map(|moment| moment.0);
    sqlx::query(
        "UPDATE tokens SET owner = $2, location = $3, notes = $4, labels = $5, search = $6, state = $7, on_hit = $8, \
         key_active = $9, expires_at = $10, warned_at = $11, expired_at = $12, revoked_at = $13, armed_at = $14, \
         hits_before = $15 WHERE id = $1",
    )
    .bind(token.id.0.clone())
    .bind(token.owner.clone())
    .bind(token.location.clone())
    .bind(token.notes.clone())
    .bind(labels_json(&token.labels))
    .bind(row.search_text())
    .bind(token.state.word())
    .bind(token.on_hit.to_string())
    .bind(i64::from(token.key_active))
    .bind(ms(token.expires_at))
    .bind(ms(row.warned_at))
    .bind(ms(token.expired_at))
    .bind(ms(token.revoked_at))
    .bind(ms(row.facts.armed_at))
    .bind(row.hits_before)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn labels_json(labels: &[String]) -> String {
    serde_json::Value::from(labels).to_string()
}

/// Locks a token's row for this transaction, so that two changes of it happen one after the other.
///
/// # Errors
/// Where the database refuses.
pub async fn lock(conn: &mut Conn, id: &TokenId) -> Stored<()> {
    sqlx::query("UPDATE tokens SET hit_count = hit_count WHERE id = $1").bind(id.0.clone()).execute(conn).await?;
    Ok(())
}

/// Locks these tokens as [`lock`] does, always in the same order, so that two who want several never wait for each other
/// crosswise; those that are there, as they are then.
///
/// # Errors
/// Where the database refuses.
pub async fn lock_all(conn: &mut Conn, flavour: Flavour, ids: Vec<String>) -> Stored<Vec<TokenRow>> {
    // SQLite has one writer, who has begun to write already.
    if flavour == Flavour::Postgres {
        let mut sql = Sql::new("SELECT id FROM tokens WHERE id IN ");
        sql.bind_any_of(ids.clone()).push(" ORDER BY id FOR NO KEY UPDATE");
        sql.all(&mut *conn).await?;
    }
    // A statement of its own: one that had to wait for a lock may leave out a row whose team changed meanwhile.
    let mut sql = Sql::new(COLUMNS);
    sql.push(" WHERE t.id IN ").bind_any_of(ids).push(" ORDER BY t.id");
    sql.all(conn).await?.iter().map(read).collect()
}

/// Which tokens the sweep has something to do with now. What needs nothing is left out here, or a thousand of them would
/// hide the rest.
#[derive(Clone, Copy, Debug)]
pub struct Ending {
    /// Those who expire before this are warned, unless they were.
    pub warn_before: Moment,
    /// Those who expire before this are disabled.
    pub now: Moment,
    /// Those who were disabled before this are deleted.
    pub disabled_before: Moment,
}

/// Tokens that the sweep has something to do with. The soonest to expire first.
///
/// # Errors
/// Where the database refuses.
pub async fn ending(conn: &mut Conn, ending: Ending, limit: u32) -> Stored<Vec<TokenRow>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" WHERE t.revoked_at IS NULL AND t.expires_at <= ").bind(ending.warn_before.0);
    sql.push(" AND ((t.expired_at IS NULL AND (t.warned_at IS NULL OR t.expires_at <= ").bind(ending.now.0);
    sql.push(")) OR (t.issuer <> 'adopted' AND t.expired_at <= ").bind(ending.disabled_before.0);
    sql.push(")) ORDER BY t.expires_at, t.id LIMIT ").bind(i64::from(limit));
    sql.all(conn).await?.iter().map(read).collect()
}

/// Tokens whose limit on hits may be reached while their key is still active: a response that was cut off, or that could
/// not be carried out. In the order of their identifiers, after one of them.
///
/// # Errors
/// Where the database refuses.
pub async fn awaiting_response(conn: &mut Conn, after: &str, limit: u32) -> Stored<Vec<TokenRow>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" WHERE t.key_active = 1 AND t.on_hit <> 'keep' AND t.hit_count > t.hits_before AND t.revoked_at IS NULL");
    sql.push(" AND t.id > ").bind(after.to_owned()).push(" ORDER BY t.id LIMIT ").bind(i64::from(limit));
    sql.all(conn).await?.iter().map(read).collect()
}

/// Writes down that a mint begins.
///
/// # Errors
/// Where the database refuses.
pub async fn begin_mint(conn: &mut Conn, id: &TokenId, account: &str, user_name: &str, now: Moment) -> Stored<()> {
    sqlx::query("INSERT INTO mint_intents (token_id, account, user_name, created_at) VALUES ($1, $2, $3, $4)")
        .bind(id.0.clone())
        .bind(account.to_owned())
        .bind(user_name.to_owned())
        .bind(now.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Writes down that a mint ended. `false` where it was not under way any more.
///
/// # Errors
/// Where the database refuses.
pub async fn end_mint(conn: &mut Conn, id: &TokenId) -> Stored<bool> {
    let done = sqlx::query("DELETE FROM mint_intents WHERE token_id = $1").bind(id.0.clone()).execute(conn).await?;
    Ok(done.rows_affected() == 1)
}

/// Mints that began before this moment and did not end: token, account, user name, beginning.
///
/// # Errors
/// Where the database refuses.
pub async fn unfinished_mints(conn: &mut Conn, before: Moment) -> Stored<Vec<(TokenId, String, String, Moment)>> {
    let rows = sqlx::query("SELECT token_id, account, user_name, created_at FROM mint_intents WHERE created_at < $1")
        .bind(before.0)
        .fetch_all(conn)
        .await?;
    rows.iter()
        .map(|row| {
            let begun = Moment(row.try_get("created_at")?);
            Ok((TokenId(row.try_get("token_id")?), row.try_get("account")?, row.try_get("user_name")?, begun))
        })
        .collect()
}

/// Takes an idempotency key: `None` if it is new and now ours, else the hash of the body that it came with, and the
/// token that it made, if it is done.
///
/// # Errors
/// Where the database refuses.
pub async fn take_idempotency(
    conn: &mut Conn,
    actor: &str,
    name: &str,
    body_hash: &str,
    now: Moment,
) -> Stored<Option<(String, Option<TokenId>)>> {
    let made = sqlx::query(
        "INSERT INTO idempotency (actor_id, name, body_hash, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    )
    .bind(actor.to_owned())
    .bind(name.to_owned())
    .bind(body_hash.to_owned())
    .bind(now.0)
    .execute(&mut *conn)
    .await?;
    if made.rows_affected() == 1 {
        return Ok(None);
    }
    let row = sqlx::query("SELECT body_hash, token_id FROM idempotency WHERE actor_id = $1 AND name = $2")
        .bind(actor.to_owned())
        .bind(name.to_owned())
        .fetch_one(conn)
        .await?;
    Ok(Some((row.try_get("body_hash")?, row.try_get::<Option<String>, _>("token_id")?.map(TokenId))))
}

/// Says which token an idempotency key made; with `None`: that it made nothing, so that it can be used again.
///
/// # Errors
/// Where the database refuses.
pub async fn end_idempotency(conn: &mut Conn, actor: &str, name: &str, made: Option<&TokenId>) -> Stored<()> {
    match made {
        Some(id) => sqlx::query("UPDATE idempotency SET token_id = $3 WHERE actor_id = $1 AND name = $2")
            .bind(actor.to_owned())
            .bind(name.to_owned())
            .bind(id.0.clone()),
        None => sqlx::query("DELETE FROM idempotency WHERE actor_id = $1 AND name = $2 AND token_id IS NULL")
            .bind(actor.to_owned())
            .bind(name.to_owned()),
    }
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets idempotency keys whose request was cut off before `unfinished`, so that it can be made again, and all from
/// before `old`.
///
/// # Errors
/// Where the database refuses.
pub async fn forget_idempotency(conn: &mut Conn, unfinished: Moment, old: Moment) -> Stored<()> {
    sqlx::query("DELETE FROM idempotency WHERE created_at < $2 OR (token_id IS NULL AND created_at < $1)")
        .bind(unfinished.0)
        .bind(old.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// How many mints of an account are under way.
///
/// # Errors
/// Where the database refuses.
pub async fn count_intents(conn: &mut Conn, account: &str) -> Stored<i64> {
    let row = sqlx::query("SELECT COUNT(*) AS n FROM mint_intents WHERE account = $1")
        .bind(account.to_owned())
        .fetch_one(conn)
        .await?;
    Ok(row.try_get("n")?)
}
