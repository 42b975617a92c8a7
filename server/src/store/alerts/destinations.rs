//! Destinations. One that was removed keeps its row, because deliveries speak of it.

use crate::store::{Conn, StoreError, Stored, sql::Sql};
use app::model::{
    alert::{DestinationKind, DestinationState},
    ids::{DestinationId, TeamId},
    moment::Moment,
    viewer::Reach,
};
use sqlx::{Row as _, any::AnyRow};

/// A destination with what only the server knows of it.
#[derive(Clone, Debug, PartialEq)]
pub struct DestinationRow {
    /// Its identifier.
    pub id: DestinationId,
    /// What sort of address.
    pub kind: DestinationKind,
    /// A name for people.
    pub name: String,
    /// The whole address.
    pub address: String,
    /// A webhook's sealed signing secret.
    pub sealed_secret: Option<String>,
    /// The team that it belongs to; absent where it belongs to a person.
    pub team_id: Option<TeamId>,
    /// The team's name.
    pub team: Option<String>,
    /// The identifier of the person or API key that made it.
    pub owner_id: String,
    /// The same as a name.
    pub created_by: String,
    /// When it was made.
    pub created_at: Moment,
    /// Whether alerts go there.
    pub state: DestinationState,
    /// Until when the link in the confirmation mail can be followed.
    pub confirm_until: Option<Moment>,
    /// Why the last attempt to confirm or deliver failed.
    pub last_error: Option<String>,
}

/// Whose destinations somebody may see.
#[derive(Clone, Debug)]
pub struct Sight {
    /// All of them.
    pub all: bool,
    /// Otherwise their own: the identifier of who asks.
    pub actor: String,
    /// And those of these teams.
    pub teams: Reach,
}

impl Sight {
    /// Goes on with the condition on `d`.
    pub(super) fn narrow(&self, sql: &mut Sql) {
        if self.all {
            return;
        }
        sql.push(" AND ((d.team_id = '' AND d.owner_id = ").bind(self.actor.clone()).push(")");
        match &self.teams {
            Reach::Everywhere => sql.push(" OR d.team_id <> '')"),
            Reach::Teams(teams) => {
                sql.push(" OR d.team_id IN ").bind_all(teams.iter().map(|team| team.0.clone())).push(")")
            }
        };
    }
}

const COLUMNS: &str = "SELECT d.id, d.kind, d.name, d.address, d.sealed_secret, d.team_id, m.name AS team, d.owner_id, \
    d.created_by, d.created_at, d.state, d.confirm_until, d.last_error \
    FROM destinations d LEFT JOIN teams m ON m.id = d.team_id WHERE d.removed_at IS NULL";

fn read(row: &AnyRow) -> Stored<DestinationRow> {
    let team: String = row.try_get("team_id")?;
    Ok(DestinationRow {
        id: DestinationId(row.try_get("id")?),
        kind: DestinationKind::parse(row.try_get("kind")?)
            .ok_or_else(|| StoreError::corrupt("kind of a destination"))?,
        name: row.try_get("name")?,
        address: row.try_get("address")?,
        sealed_secret: row.try_get("sealed_secret")?,
        team_id: Some(TeamId(team)).filter(|team| !team.0.is_empty()),
        team: row.try_get("team")?,
        owner_id: row.try_get("owner_id")?,
        created_by: row.try_get("created_by")?,
        created_at: Moment(row.try_get("created_at")?),
        state: DestinationState::parse(row.try_get("state")?)
            .ok_or_else(|| StoreError::corrupt("state of a destination"))?,
        confirm_until: row.try_get::<Option<i64>, _>("confirm_until")?.map(Moment),
        last_error: row.try_get("last_error")?,
    })
}

/// Writes a new destination. Its row holds everything but the code of its confirmation link.
///
/// # Errors
/// Where the database refuses.
pub async fn insert(conn: &mut Conn, row: &DestinationRow) -> Stored<()> {
    sqlx::query(
        "INSERT INTO destinations (id, kind, name, address, sealed_secret, team_id, owner_id, created_by, created_at, state) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(row.id.0.clone())
    .bind(row.kind.word())
    .bind(row.name.clone())
    .bind(row.address.clone())
    .bind(row.sealed_secret.clone())
    .bind(row.team_id.as_ref().map(|team| team.0.clone()).unwrap_or_default())
    .bind(row.owner_id.clone())
    .bind(row.created_by.clone())
    .bind(row.created_at.0)
    .bind(row.state.word())
    .execute(conn)
    .await?;
    Ok(())
}

/// One destination.
///
/// # Errors
/// Where the database refuses.
pub async fn by_id(conn: &mut Conn, id: &DestinationId) -> Stored<Option<DestinationRow>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" AND d.id = ").bind(id.0.clone());
    sql.first(conn).await?.as_ref().map(read).transpose()
}

/// The destination that a confirmation link is for, if it still waits for one and the link is not too old.
///
/// # Errors
/// Where the database refuses.
pub async fn by_code(conn: &mut Conn, code_hash: &str, now: Moment) -> Stored<Option<DestinationRow>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" AND d.confirm_hash = ").bind(code_hash.to_owned());
    sql.push(" AND d.confirm_until > ").bind(now.0).push(" AND d.state = 'unconfirmed'");
    sql.first(conn).await?.as_ref().map(read).transpose()
}

/// Destinations in sight, by name. There are few.
///
/// # Errors
/// Where the database refuses.
pub async fn list(conn: &mut Conn, sight: &Sight) -> Stored<Vec<DestinationRow>> {
    let mut sql = Sql::new(COLUMNS);
    sight.narrow(&mut sql);
    sql.push(" ORDER BY d.name, d.id");
    sql.all(conn).await?.iter().map(read).collect()
}

/// How many mail addresses of this owner wait for their confirmation.
///
/// # Errors
/// Where the database refuses.
pub async fn count_unconfirmed(conn: &mut Conn, owner: &str) -> Stored<i64> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS n FROM destinations WHERE owner_id = $1 AND kind = 'email' AND state = 'unconfirmed' \
         AND removed_at IS NULL",
    )
    .bind(owner.to_owned())
    .fetch_one(conn)
    .await?;
    Ok(row.try_get("n")?)
}

/// Keeps the hash of a new confirmation link's code; the link before it ends.
///
/// # Errors
/// Where the database refuses.
pub async fn set_code(conn: &mut Conn, id: &DestinationId, code_hash: &str, until: Moment) -> Stored<()> {
    sqlx::query(
        "UPDATE destinations SET confirm_hash = $2, confirm_until = $3 WHERE id = $1 AND state = 'unconfirmed'",
    )
    .bind(id.0.clone())
    .bind(code_hash.to_owned())
    .bind(until.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Confirms a destination; `false` if it was not waiting for that.
///
/// # Errors
/// Where the database refuses.
pub async fn confirm(conn: &mut Conn, id: &DestinationId, now: Moment) -> Stored<bool> {
    let done = sqlx::query(
        "UPDATE destinations SET state = 'confirmed', confirmed_at = $2, confirm_hash = NULL, confirm_until = NULL, \
         last_error = NULL WHERE id = $1 AND state = 'unconfirmed' AND removed_at IS NULL",
    )
    .bind(id.0.clone())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Keeps why the last attempt to confirm failed, or forgets it.
///
/// # Errors
/// Where the database refuses.
pub async fn set_error(conn: &mut Conn, id: &DestinationId, error: Option<&str>) -> Stored<()> {
    sqlx::query("UPDATE destinations SET last_error = $2 WHERE id = $1")
        .bind(id.0.clone())
        .bind(error.map(str::to_owned))
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes a destination out of use; `false` if it was already.
///
/// # Errors
/// Where the database refuses.
pub async fn remove(conn: &mut Conn, id: &DestinationId, now: Moment) -> Stored<bool> {
    let done = sqlx::query(
        "UPDATE destinations SET removed_at = $2, confirm_hash = NULL, sealed_secret = NULL WHERE id = $1 AND removed_at IS NULL",
    )
    .bind(id.0.clone())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}
