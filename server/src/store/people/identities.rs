//! Whom a provider means by a subject, and the roles that follow from its rules.

use crate::store::{Conn, StoreError, Stored};
use app::model::{
    ids::{PersonId, TeamId},
    moment::Moment,
    viewer::{Role, RoleIn},
};
use sqlx::Row as _;

/// Somebody whom a provider knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Who that is here.
    pub person: PersonId,
    /// Their mail address here.
    pub email: String,
    /// Whether the account is switched off.
    pub disabled: bool,
}

/// Who comes from a provider with this subject.
///
/// # Errors
/// Where the database refuses.
pub async fn person(conn: &mut Conn, provider: &str, subject: &str) -> Stored<Option<Known>> {
    let row = sqlx::query(
        "SELECT p.id, p.email, p.disabled_at FROM identities i JOIN persons p ON p.id = i.person_id \
         WHERE i.provider_id = $1 AND i.subject = $2",
    )
    .bind(provider.to_owned())
    .bind(subject.to_owned())
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        Ok(Known {
            person: PersonId(row.try_get("id")?),
            email: row.try_get("email")?,
            disabled: row.try_get::<Option<i64>, _>("disabled_at")?.is_some(),
        })
    })
    .transpose()
}

/// Notes who comes from a provider with this subject, and that they did.
///
/// # Errors
/// Where the database refuses.
pub async fn seen(
    conn: &mut Conn,
    provider: &str,
    subject: &str,
    person: &PersonId,
    email: &str,
    now: Moment,
) -> Stored<()> {
    sqlx::query(
        "INSERT INTO identities (provider_id, subject, person_id, email, created_at, seen_at) \
         VALUES ($1, $2, $3, $4, $5, $5) \
         ON CONFLICT (provider_id, subject) DO UPDATE SET email = excluded.email, seen_at = excluded.seen_at",
    )
    .bind(provider.to_owned())
    .bind(subject.to_owned())
    .bind(person.0.clone())
    .bind(email.to_owned())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes a new person who has no password.
///
/// # Errors
/// Where the address is taken, or the database refuses.
pub async fn insert_person(conn: &mut Conn, id: &PersonId, email: &str, now: Moment) -> Stored<()> {
    sqlx::query("INSERT INTO persons (id, email, created_at) VALUES ($1, $2, $3)")
        .bind(id.0.clone())
        .bind(email.to_lowercase())
        .bind(now.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// How many people have come from a provider.
///
/// # Errors
/// Where the database refuses.
pub async fn count(conn: &mut Conn, provider: &str) -> Stored<i64> {
    let row = sqlx::query("SELECT COUNT(DISTINCT person_id) AS n FROM identities WHERE provider_id = $1")
        .bind(provider.to_owned())
        .fetch_one(conn)
        .await?;
    Ok(row.try_get("n")?)
}

/// The roles that a provider's rules gave to somebody, by team.
///
/// # Errors
/// Where the database refuses.
pub async fn roles(conn: &mut Conn, provider: &str, person: &PersonId) -> Stored<Vec<RoleIn>> {
    let rows = sqlx::query(
        "SELECT team_id, role FROM provided_roles WHERE provider_id = $1 AND person_id = $2 ORDER BY team_id",
    )
    .bind(provider.to_owned())
    .bind(person.0.clone())
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let (team, role): (String, String) = (row.try_get("team_id")?, row.try_get("role")?);
            let role = Role::parse(&role).ok_or_else(|| StoreError::corrupt("provided role of a person"))?;
            Ok(RoleIn { team: Some(TeamId(team)).filter(|team| !team.0.is_empty()), role })
        })
        .collect()
}

/// Whether somebody holds a role that was given by hand.
///
/// # Errors
/// Where the database refuses.
pub async fn has_role_by_hand(conn: &mut Conn, person: &PersonId) -> Stored<bool> {
    let row = sqlx::query("SELECT role FROM memberships WHERE person_id = $1 LIMIT 1").bind(person.0.clone());
    Ok(row.fetch_optional(conn).await?.is_some())
}

/// Puts these roles in the place of those that a provider's rules gave before.
///
/// # Errors
/// Where the database refuses.
pub async fn set_roles(conn: &mut Conn, provider: &str, person: &PersonId, grants: &[RoleIn]) -> Stored<()> {
    sqlx::query("DELETE FROM provided_roles WHERE provider_id = $1 AND person_id = $2")
        .bind(provider.to_owned())
        .bind(person.0.clone())
        .execute(&mut *conn)
        .await?;
    for grant in grants {
        sqlx::query("INSERT INTO provided_roles (person_id, provider_id, team_id, role) VALUES ($1, $2, $3, $4)")
            .bind(person.0.clone())
            .bind(provider.to_owned())
            .bind(grant.team.as_ref().map(|team| team.0.clone()).unwrap_or_default())
            .bind(grant.role.word())
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}
