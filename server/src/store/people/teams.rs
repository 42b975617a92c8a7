//! Teams.

use crate::store::{Conn, Stored, sql::Sql};
use app::model::{ids::TeamId, moment::Moment, person::Team, viewer::Reach};
use sqlx::{Row as _, any::AnyRow};

const COLUMNS: &str = "SELECT m.id, m.name, (SELECT COUNT(DISTINCT s.person_id) FROM held_roles s WHERE s.team_id = m.id) AS people FROM teams m WHERE 1 = 1";

fn read(row: &AnyRow) -> Stored<Team> {
    Ok(Team { id: TeamId(row.try_get("id")?), name: row.try_get("name")?, tokens: 0, people: row.try_get("people")? })
}

/// Teams within reach, by name. Their tokens are not counted: [`tokens_counted`](crate::store::Store::tokens_counted)
/// knows how many there are.
///
/// # Errors
/// Where the database refuses.
pub async fn list(conn: &mut Conn, reach: &Reach) -> Stored<Vec<Team>> {
    let mut sql = Sql::new(COLUMNS);
    if let Reach::Teams(teams) = reach {
        sql.push(" AND m.id IN ").bind_all(teams.iter().map(|team| team.0.clone()));
    }
    sql.push(" ORDER BY m.name");
    sql.all(conn).await?.iter().map(read).collect()
}

/// The team of this name, whatever its case. Its tokens are not counted.
///
/// # Errors
/// Where the database refuses.
pub async fn by_name(conn: &mut Conn, name: &str) -> Stored<Option<Team>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" AND LOWER(m.name) = ").bind(name.to_lowercase());
    sql.first(conn).await?.as_ref().map(read).transpose()
}

/// Gives a team another name.
///
/// # Errors
/// Where the name is taken, or the database refuses.
pub async fn rename(conn: &mut Conn, id: &TeamId, name: &str) -> Stored<()> {
    sqlx::query("UPDATE teams SET name = $2 WHERE id = $1")
        .bind(id.0.clone())
        .bind(name.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Writes a new team.
///
/// # Errors
/// Where the name is taken, or the database refuses.
pub async fn insert(conn: &mut Conn, id: &TeamId, name: &str, now: Moment) -> Stored<()> {
    sqlx::query("INSERT INTO teams (id, name, created_at) VALUES ($1, $2, $3)")
        .bind(id.0.clone())
        .bind(name.to_owned())
        .bind(now.0)
        .execute(conn)
        .await?;
    Ok(())
}
