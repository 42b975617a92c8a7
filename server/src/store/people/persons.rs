//! Persons and the roles that they hold.

use crate::store::{Conn, StoreError, Stored};
use app::model::{
    ids::{PersonId, TeamId},
    moment::Moment,
    person::{Membership, Person},
    viewer::{Grant, Role},
};
use sqlx::Row as _;

/// How somebody signs in.
#[derive(Clone, Debug)]
pub struct Login {
    /// Who.
    pub id: PersonId,
    /// The mail address, in lower case.
    pub email: String,
    /// The password's hash as a PHC string, if there is a password.
    pub password_hash: Option<String>,
    /// Whether the account is switched off.
    pub disabled: bool,
}

/// How the person of this address signs in.
///
/// # Errors
/// Where the database refuses.
pub async fn login(conn: &mut Conn, email: &str) -> Stored<Option<Login>> {
    let row = sqlx::query("SELECT id, email, password_hash, disabled_at FROM persons WHERE email = $1")
        .bind(email.to_lowercase())
        .fetch_optional(conn)
        .await?;
    row.map(|row| {
        Ok(Login {
            id: PersonId(row.try_get("id")?),
            email: row.try_get("email")?,
            password_hash: row.try_get("password_hash")?,
            disabled: row.try_get::<Option<i64>, _>("disabled_at")?.is_some(),
        })
    })
    .transpose()
}

/// Writes a new person.
///
/// # Errors
/// Where the address is taken, or the database refuses.
pub async fn insert(conn: &mut Conn, id: &PersonId, email: &str, password_hash: &str, now: Moment) -> Stored<()> {
    sqlx::query("INSERT INTO persons (id, email, password_hash, created_at) VALUES ($1, $2, $3, $4)")
        .bind(id.0.clone())
        .bind(email.to_lowercase())
        .bind(password_hash.to_owned())
        .bind(now.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Sets a person's password hash.
///
/// # Errors
/// Where the database refuses.
pub async fn set_password(conn: &mut Conn, id: &PersonId, password_hash: &str) -> Stored<()> {
    sqlx::query("UPDATE persons SET password_hash = $2 WHERE id = $1")
        .bind(id.0.clone())
        .bind(password_hash.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Switches a person's account on or off.
///
/// # Errors
/// Where the database refuses.
pub async fn set_disabled(conn: &mut Conn, id: &PersonId, at: Option<Moment>) -> Stored<bool> {
    let done = sqlx::query("UPDATE persons SET disabled_at = $2 WHERE id = $1")
        .bind(id.0.clone())
        .bind(at.map(|at| at.0))
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives a person a role in a team (`None`: in the whole installation), or takes it away.
///
/// # Errors
/// Where the database refuses.
pub async fn set_role(conn: &mut Conn, id: &PersonId, team: Option<&TeamId>, role: Option<Role>) -> Stored<()> {
    let team = team.map(|team| team.0.clone()).unwrap_or_default();
    match role {
        Some(role) => sqlx::query(
            "INSERT INTO memberships (person_id, team_id, role) VALUES ($1, $2, $3) \
             ON CONFLICT (person_id, team_id) DO UPDATE SET role = excluded.role",
        )
        .bind(id.0.clone())
        .bind(team)
        .bind(role.word()),
        None => {
            sqlx::query("DELETE FROM memberships WHERE person_id = $1 AND team_id = $2").bind(id.0.clone()).bind(team)
        }
    }
    .execute(conn)
    .await?;
    Ok(())
}

/// How many switched-on persons are admins of the whole installation by a role that was given by hand: a provider that is
/// away, or a rule that is wrong, must not leave the installation without anybody.
///
/// # Errors
/// Where the database refuses.
pub async fn count_admins(conn: &mut Conn) -> Stored<i64> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS n FROM memberships s JOIN persons p ON p.id = s.person_id \
         WHERE s.team_id = '' AND s.role = 'admin' AND p.disabled_at IS NULL",
    )
    .fetch_one(conn)
    .await?;
    Ok(row.try_get("n")?)
}

/// The addresses of some who are admins of the whole installation and not switched off.
///
/// # Errors
/// Where the database refuses.
pub async fn admins(conn: &mut Conn, most: i64) -> Stored<Vec<String>> {
    let rows = sqlx::query(
        "SELECT p.email FROM memberships s JOIN persons p ON p.id = s.person_id \
         WHERE s.team_id = '' AND s.role = 'admin' AND p.disabled_at IS NULL ORDER BY p.email LIMIT $1",
    )
    .bind(most)
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| Ok(row.try_get("email")?)).collect()
}

/// What a person may do in a session, and where: by the roles that were given by hand, and by those that follow from
/// the rules of the provider through which this session came in. Whoever comes in another way has not been asked about
/// there for a while, and those roles may be out of date.
///
/// # Errors
/// Where the database refuses.
pub async fn grants(conn: &mut Conn, id: &PersonId, session: &str) -> Stored<Vec<Grant>> {
    let rows = sqlx::query(
        "SELECT team_id, role FROM memberships WHERE person_id = $1 UNION ALL \
         SELECT r.team_id, r.role FROM provided_roles r JOIN provider_sessions s \
         ON s.provider_id = r.provider_id AND s.person_id = r.person_id WHERE r.person_id = $1 AND s.id_hash = $2",
    )
    .bind(id.0.clone())
    .bind(session.to_owned())
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let team: String = row.try_get("team_id")?;
            let role = Role::parse(row.try_get("role")?).ok_or_else(|| StoreError::corrupt("role of a person"))?;
            Ok(Grant::of(Some(TeamId(team)).filter(|team| !team.0.is_empty()), role))
        })
        .collect()
}

/// Everybody, or one person, by address.
///
/// # Errors
/// Where the database refuses.
pub async fn list(conn: &mut Conn, only: Option<&PersonId>) -> Stored<Vec<Person>> {
    let rows = sqlx::query(
        "SELECT p.id, p.email, p.created_at, p.seen_at, p.disabled_at, s.team_id, s.role, m.name AS team, \
         (SELECT COUNT(*) FROM totp a WHERE a.person_id = p.id AND a.sealed_secret IS NOT NULL) AS apps, \
         (SELECT COUNT(*) FROM passkeys k WHERE k.person_id = p.id) AS passkeys, v.name AS provider FROM persons p \
         LEFT JOIN held_roles s ON s.person_id = p.id LEFT JOIN teams m ON m.id = s.team_id \
         LEFT JOIN providers v ON v.id = s.provider_id \
         WHERE p.id = $1 OR $2 = '' ORDER BY p.email, s.team_id, s.provider_id",
    )
    .bind(only.map(|id| id.0.clone()).unwrap_or_default())
    .bind(only.map(|id| id.0.clone()).unwrap_or_default())
    .fetch_all(conn)
    .await?;
    let mut people: Vec<Person> = Vec::new();
    for row in &rows {
        let id = PersonId(row.try_get("id")?);
        if people.last().is_none_or(|last| last.id != id) {
            people.push(Person {
                id,
                email: row.try_get("email")?,
                memberships: Vec::new(),
                created_at: Moment(row.try_get("created_at")?),
                seen_at: row.try_get::<Option<i64>, _>("seen_at")?.map(Moment),
                disabled: row.try_get::<Option<i64>, _>("disabled_at")?.is_some(),
                app_codes: row.try_get::<i64, _>("apps")? > 0,
                passkeys: row.try_get("passkeys")?,
            });
        }
        let role = row.try_get::<Option<String>, _>("role")?.as_deref().and_then(Role::parse);
        if let (Some(person), Some(role)) = (people.last_mut(), role) {
            let team_id = row.try_get::<Option<String>, _>("team_id")?.filter(|id| !id.is_empty()).map(TeamId);
            let (team, from) = (row.try_get("team")?, row.try_get("provider")?);
            person.memberships.push(Membership { team_id, team, role, from });
        }
    }
    Ok(people)
}

/// Writes down that a person was here.
///
/// # Errors
/// Where the database refuses.
pub async fn seen(conn: &mut Conn, id: &PersonId, now: Moment) -> Stored<()> {
    sqlx::query("UPDATE persons SET seen_at = $2 WHERE id = $1").bind(id.0.clone()).bind(now.0).execute(conn).await?;
    Ok(())
}

/// The mail addresses of those who look after what belongs to a team: its admins, and whoever made it if that is a person
/// who still belongs to the team. Where nobody does, the admins of the whole installation.
///
/// # Errors
/// Where the database refuses.
pub async fn keepers(conn: &mut Conn, team: &TeamId, made_by: &str) -> Stored<Vec<String>> {
    for team in [team.as_str(), ""] {
        let rows = sqlx::query(
            "SELECT p.email FROM persons p JOIN memberships s ON s.person_id = p.id WHERE p.disabled_at IS NULL \
             AND s.team_id = $1 AND (s.role = 'admin' OR p.id = $2) ORDER BY p.email",
        )
        .bind(team.to_owned())
        .bind(made_by.to_owned())
        .fetch_all(&mut *conn)
        .await?;
        if !rows.is_empty() {
            return rows.iter().map(|row| Ok(row.try_get("email")?)).collect();
        }
    }
    Ok(Vec::new())
}
