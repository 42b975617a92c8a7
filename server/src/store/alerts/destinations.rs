//! Destinations. One that was removed keeps its row, because deliveries speak of it.

use super::standing::Standing;
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
    /// The whole address; of a webhook, and of a kind that hides it, a mask.
    pub address: String,
    /// A webhook's whole address, sealed.
    pub sealed_address: Option<String>,
    /// A webhook's sealed signing secret, a sealed address, or whatever else the kind has to hide.
    pub sealed_secret: Option<String>,
    /// A webhook's sealed signing secret before the last rotation.
    pub sealed_old_secret: Option<String>,
    /// Until when that one signs too.
    pub old_secret_until: Option<Moment>,
    /// What else the kind needs to send; an object of texts without secrets.
    pub settings: serde_json::Value,
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
    /// Until when the code of the last message can be typed in.
    pub proof_until: Option<Moment>,
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

macro_rules! columns {
    ($more:literal) => {
        concat!(
            "SELECT d.id, d.kind, d.name, d.address, d.sealed_address, d.sealed_secret, d.sealed_old_secret, d.old_secret_until, \
             d.settings, d.team_id, m.name AS team, d.owner_id, d.created_by, d.created_at, d.state, d.confirm_until, \
             d.proof_until, d.last_error",
            $more,
            " FROM destinations d LEFT JOIN teams m ON m.id = d.team_id WHERE d.removed_at IS NULL"
        )
    };
}

const COLUMNS: &str = columns!("");

fn read(row: &AnyRow) -> Stored<DestinationRow> {
    let team: String = row.try_get("team_id")?;
    Ok(DestinationRow {
        id: DestinationId(row.try_get("id")?),
        kind: DestinationKind::parse(row.try_get("kind")?)
            .ok_or_else(|| StoreError::corrupt("kind of a destination"))?,
        name: row.try_get("name")?,
        address: row.try_get("address")?,
        sealed_address: row.try_get("sealed_address")?,
        sealed_secret: row.try_get("sealed_secret")?,
        sealed_old_secret: row.try_get("sealed_old_secret")?,
        old_secret_until: row.try_get::<Option<i64>, _>("old_secret_until")?.map(Moment),
        settings: serde_json::from_str(row.try_get("settings")?)
            .map_err(|_| StoreError::corrupt("settings of a destination"))?,
        team_id: Some(TeamId(team)).filter(|team| !team.0.is_empty()),
        team: row.try_get("team")?,
        owner_id: row.try_get("owner_id")?,
        created_by: row.try_get("created_by")?,
        created_at: Moment(row.try_get("created_at")?),
        state: DestinationState::parse(row.try_get("state")?)
            .ok_or_else(|| StoreError::corrupt("state of a destination"))?,
        confirm_until: row.try_get::<Option<i64>, _>("confirm_until")?.map(Moment),
        proof_until: row.try_get::<Option<i64>, _>("proof_until")?.map(Moment),
        last_error: row.try_get("last_error")?,
    })
}

/// Writes a new destination. Its row holds everything but the codes by which it is confirmed.
///
/// # Errors
/// Where the database refuses.
pub async fn insert(conn: &mut Conn, row: &DestinationRow) -> Stored<()> {
    sqlx::query(
        "INSERT INTO destinations (id, kind, name, address, sealed_secret, team_id, owner_id, created_by, created_at, state, \
         settings, sealed_address) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
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
    .bind(row.settings.to_string())
    .bind(row.sealed_address.clone())
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

/// A destination with what its worker has to know.
#[derive(Clone, Debug)]
pub struct Served {
    /// The destination.
    pub destination: DestinationRow,
    /// At which host it is, as far as that was written down.
    pub host: Option<String>,
    /// How it stands.
    pub standing: Standing,
}

/// These destinations, for who is about to serve them.
///
/// # Errors
/// Where the database refuses.
pub async fn served(conn: &mut Conn, ids: &[String]) -> Stored<Vec<Served>> {
    let mut served = Vec::new();
    for some in ids.chunks(500) {
        let mut sql = Sql::new(columns!(", d.host, d.trouble_since, d.probe_at"));
        sql.push(" AND d.id IN ").bind_all(some.iter().cloned());
        for row in sql.all(&mut *conn).await? {
            served.push(Served {
                destination: read(&row)?,
                host: row.try_get("host")?,
                standing: Standing::read(&row)?,
            });
        }
    }
    Ok(served)
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

/// How many destinations of this owner wait for their confirmation.
///
/// # Errors
/// Where the database refuses.
pub async fn count_unconfirmed(conn: &mut Conn, owner: &str) -> Stored<i64> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS n FROM destinations WHERE owner_id = $1 AND state = 'unconfirmed' AND removed_at IS NULL",
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
         proof_hash = NULL, proof_until = NULL, last_error = NULL WHERE id = $1 AND state = 'unconfirmed' AND removed_at IS NULL",
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
        "UPDATE destinations SET removed_at = $2, confirm_hash = NULL, proof_hash = NULL, sealed_secret = NULL, \
         sealed_old_secret = NULL, sealed_address = NULL WHERE id = $1 AND removed_at IS NULL",
    )
    .bind(id.0.clone())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Webhooks whose whole address stands in the open, those that were removed too: identifier, address, and whether they are
/// still there. What is sealed, and what was removed afterwards, has a mask that ends in `…`, which no address does.
///
/// # Errors
/// Where the database refuses.
pub async fn in_the_open(conn: &mut Conn) -> Stored<Vec<(DestinationId, String, bool)>> {
    let mut sql = Sql::new(
        "SELECT id, address, removed_at FROM destinations \
         WHERE kind = 'webhook' AND sealed_address IS NULL AND address NOT LIKE ",
    );
    sql.bind("%…".to_owned()).push(" ORDER BY id");
    let rows = sql.all(conn).await?;
    rows.iter()
        .map(|row| {
            let removed_at: Option<i64> = row.try_get("removed_at")?;
            Ok((DestinationId(row.try_get("id")?), row.try_get("address")?, removed_at.is_none()))
        })
        .collect()
}

/// Puts a mask in the place of an address that stands in the open, and keeps it sealed, unless somebody else was faster.
///
/// # Errors
/// Where the database refuses.
pub async fn close_address(
    conn: &mut Conn,
    id: &DestinationId,
    before: &str,
    mask: &str,
    sealed: Option<&str>,
) -> Stored<()> {
    sqlx::query(
        "UPDATE destinations SET address = $3, sealed_address = $4 \
         WHERE id = $1 AND address = $2 AND sealed_address IS NULL",
    )
    .bind(id.0.clone())
    .bind(before.to_owned())
    .bind(mask.to_owned())
    .bind(sealed.map(str::to_owned))
    .execute(conn)
    .await?;
    Ok(())
}
