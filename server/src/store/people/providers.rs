//! Sign-in providers, and the rules that make roles of what they say.

use crate::store::{Conn, StoreError, Stored, sql::Sql};
use app::model::{
    ids::TeamId,
    moment::Moment,
    provider::{ClaimRule, Comparison, ProviderSettings, ProviderStatus},
    viewer::Role,
};
use sqlx::{Row as _, any::AnyRow};

/// A provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderRow {
    /// Its identifier.
    pub id: String,
    /// What an admin decided.
    pub settings: ProviderSettings,
    /// What was last seen of it.
    pub status: ProviderStatus,
    /// The client's secret there, sealed.
    pub sealed_secret: Option<String>,
    /// When it was added.
    pub created_at: Moment,
}

fn read(row: &AnyRow) -> Stored<ProviderRow> {
    let (settings, status): (String, String) = (row.try_get("settings")?, row.try_get("status")?);
    Ok(ProviderRow {
        id: row.try_get("id")?,
        settings: serde_json::from_str(&settings).map_err(|_| StoreError::corrupt("settings of a provider"))?,
        status: serde_json::from_str(&status).map_err(|_| StoreError::corrupt("status of a provider"))?,
        sealed_secret: row.try_get("sealed_secret")?,
        created_at: Moment(row.try_get("created_at")?),
    })
}

fn json<T: serde::Serialize>(value: &T) -> Stored<String> {
    serde_json::to_string(value).map_err(|_| StoreError::corrupt("a provider"))
}

const COLUMNS: &str = "SELECT id, settings, status, sealed_secret, created_at FROM providers";

/// Every provider, by name. There are a few of them.
///
/// # Errors
/// Where the database refuses.
pub async fn all(conn: &mut Conn) -> Stored<Vec<ProviderRow>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" ORDER BY name");
    sql.all(conn).await?.iter().map(read).collect()
}

/// One provider.
///
/// # Errors
/// Where the database refuses.
pub async fn by_id(conn: &mut Conn, id: &str) -> Stored<Option<ProviderRow>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" WHERE id = ").bind(id.to_owned());
    sql.first(conn).await?.as_ref().map(read).transpose()
}

/// Writes a new provider.
///
/// # Errors
/// Where the name is taken, or the database refuses.
pub async fn insert(conn: &mut Conn, row: &ProviderRow, by: &str) -> Stored<()> {
    sqlx::query(
        "INSERT INTO providers (id, name, settings, status, sealed_secret, created_by, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(row.id.clone())
    .bind(row.settings.name.clone())
    .bind(json(&row.settings)?)
    .bind(json(&row.status)?)
    .bind(row.sealed_secret.clone())
    .bind(by.to_owned())
    .bind(row.created_at.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes what an admin decided, and forgets what was seen before.
///
/// # Errors
/// Where the name is taken, or the database refuses.
pub async fn set(conn: &mut Conn, row: &ProviderRow) -> Stored<()> {
    sqlx::query("UPDATE providers SET name = $2, settings = $3, status = $4, sealed_secret = $5 WHERE id = $1")
        .bind(row.id.clone())
        .bind(row.settings.name.clone())
        .bind(json(&row.settings)?)
        .bind(json(&row.status)?)
        .bind(row.sealed_secret.clone())
        .execute(conn)
        .await?;
    Ok(())
}

/// Writes what was seen of a provider.
///
/// # Errors
/// Where the database refuses.
pub async fn set_status(conn: &mut Conn, id: &str, status: &ProviderStatus) -> Stored<()> {
    sqlx::query("UPDATE providers SET status = $2 WHERE id = $1")
        .bind(id.to_owned())
        .bind(json(status)?)
        .execute(conn)
        .await?;
    Ok(())
}

/// Removes a provider with everything that came from it: sessions, roles, identities, rules. The people stay.
///
/// # Errors
/// Where the database refuses.
pub async fn remove(conn: &mut Conn, id: &str) -> Stored<()> {
    super::provider_sessions::end_all(conn, id).await?;
    for statement in [
        "DELETE FROM provider_sessions WHERE provider_id = $1",
        "DELETE FROM provided_roles WHERE provider_id = $1",
        "DELETE FROM identities WHERE provider_id = $1",
        "DELETE FROM claim_rules WHERE provider_id = $1",
        "DELETE FROM pending_sign_ins WHERE provider_id = $1",
        "DELETE FROM logout_tokens WHERE provider_id = $1",
        "DELETE FROM providers WHERE id = $1",
    ] {
        sqlx::query(statement).bind(id.to_owned()).execute(&mut *conn).await?;
    }
    Ok(())
}

/// A rule, with its team's identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleRow {
    /// The rule as people see it.
    pub rule: ClaimRule,
    /// The team; `None` for the whole installation.
    pub team_id: Option<TeamId>,
}

fn read_rule(row: &AnyRow) -> Stored<RuleRow> {
    let (comparison, role): (String, String) = (row.try_get("comparison")?, row.try_get("role")?);
    let team_id: String = row.try_get("team_id")?;
    Ok(RuleRow {
        rule: ClaimRule {
            id: row.try_get("id")?,
            claim: row.try_get("claim")?,
            comparison: Comparison::parse(&comparison).ok_or_else(|| StoreError::corrupt("comparison of a rule"))?,
            value: row.try_get("value")?,
            team: row.try_get("team")?,
            role: Role::parse(&role).ok_or_else(|| StoreError::corrupt("role of a rule"))?,
        },
        team_id: Some(TeamId(team_id)).filter(|team| !team.0.is_empty()),
    })
}

/// The rules of a provider, in their order.
///
/// # Errors
/// Where the database refuses.
pub async fn rules(conn: &mut Conn, provider: &str) -> Stored<Vec<RuleRow>> {
    let rows = sqlx::query(
        "SELECT r.id, r.claim, r.comparison, r.value, r.team_id, r.role, m.name AS team FROM claim_rules r \
         LEFT JOIN teams m ON m.id = r.team_id WHERE r.provider_id = $1 ORDER BY r.place, r.id",
    )
    .bind(provider.to_owned())
    .fetch_all(conn)
    .await?;
    rows.iter().map(read_rule).collect()
}

/// Writes a new rule after the others.
///
/// # Errors
/// Where the database refuses.
pub async fn insert_rule(conn: &mut Conn, provider: &str, row: &RuleRow) -> Stored<()> {
    sqlx::query(
        "INSERT INTO claim_rules (id, provider_id, place, claim, comparison, value, team_id, role) \
         SELECT $1, $2, COALESCE(MAX(place), 0) + 1, $3, $4, $5, $6, $7 FROM claim_rules WHERE provider_id = $2",
    )
    .bind(row.rule.id.clone())
    .bind(provider.to_owned())
    .bind(row.rule.claim.clone())
    .bind(row.rule.comparison.word())
    .bind(row.rule.value.clone())
    .bind(row.team_id.as_ref().map(|team| team.0.clone()).unwrap_or_default())
    .bind(row.rule.role.word())
    .execute(conn)
    .await?;
    Ok(())
}

/// Sets the place of a rule among the others.
///
/// # Errors
/// Where the database refuses.
pub async fn set_place(conn: &mut Conn, provider: &str, rule: &str, place: i64) -> Stored<()> {
    sqlx::query("UPDATE claim_rules SET place = $3 WHERE provider_id = $1 AND id = $2")
        .bind(provider.to_owned())
        .bind(rule.to_owned())
        .bind(place)
        .execute(conn)
        .await?;
    Ok(())
}

/// Removes a rule; `false` where there is none.
///
/// # Errors
/// Where the database refuses.
pub async fn remove_rule(conn: &mut Conn, provider: &str, rule: &str) -> Stored<bool> {
    let done = sqlx::query("DELETE FROM claim_rules WHERE provider_id = $1 AND id = $2")
        .bind(provider.to_owned())
        .bind(rule.to_owned())
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}
