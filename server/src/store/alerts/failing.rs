//! Who is told that a destination is failing: those to whom it belongs, and those who asked to hear of it.

use super::{destinations::DestinationRow, hearing};
use crate::store::{Conn, Stored, sql::Sql};
use app::model::ids::{DestinationId, TeamId};
use sqlx::{Row as _, any::AnyRow};

/// Goes on with: destinations `d` that people read, rather than programs that act on what they are told.
const READ_BY_PEOPLE: &str =
    " AND d.kind IN ('email', 'webhook', 'slack', 'teams', 'discord', 'google_chat', 'mattermost', 'pagerduty')";

/// A destination that hears of it because somebody asked for that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Which.
    pub destination: DestinationId,
    /// To what it is subscribed, in words that go on: `the key in laptop of ana`.
    pub because: String,
    /// Whether whoever reads there may see the destination that is failing, and so its name.
    pub sees: bool,
}

/// Other destinations that are confirmed, of those to whom this one belongs and that people read: of its team and of who
/// made it.
///
/// # Errors
/// Where the database refuses.
pub async fn keepers(conn: &mut Conn, row: &DestinationRow) -> Stored<Vec<DestinationId>> {
    let mut sql =
        Sql::new("SELECT d.id FROM destinations d WHERE d.removed_at IS NULL AND d.state = 'confirmed' AND d.id <> ");
    sql.bind(row.id.0.clone()).push(READ_BY_PEOPLE);
    sql.push(" AND ((d.team_id = '' AND d.owner_id = ").bind(row.owner_id.clone());
    sql.push(" AND NOT EXISTS (SELECT 1 FROM persons p WHERE p.id = d.owner_id AND p.disabled_at IS NOT NULL))");
    if let Some(team) = &row.team_id {
        sql.push(" OR d.team_id = ").bind(team.0.clone());
    }
    sql.push(") ORDER BY d.id");
    sql.all(conn).await?.iter().map(|row| Ok(DestinationId(row.try_get("id")?))).collect()
}

/// Other destinations that are confirmed and subscribed to such news, each once: with everything; with the team that this
/// one belongs to; and with a token, a label or a team of which this one hears too, by a subscription to the same or to
/// more. Who may not hear about that team any more is left out.
///
/// # Errors
/// Where the database refuses.
pub async fn witnesses(conn: &mut Conn, row: &DestinationRow) -> Stored<Vec<Witness>> {
    let labels = labels(conn, &row.id).await?;
    let mut sql =
        Sql::new("SELECT d.id, s.scope, s.subject, t.location, t.access_key_id, m.name AS team, CAST(CASE WHEN ");
    sees(&mut sql, row);
    sql.push(
        " THEN 1 ELSE 0 END AS BIGINT) AS sees FROM subscriptions s JOIN destinations d ON d.id = s.destination_id \
         LEFT JOIN tokens t ON s.scope = 'token' AND t.id = s.subject \
         LEFT JOIN teams m ON (s.scope = 'team' AND m.id = s.subject) OR (s.scope = 'token' AND m.id = t.team_id) \
         OR (s.scope = 'label' AND s.subject LIKE m.id || '/%') \
         WHERE d.removed_at IS NULL AND d.state = 'confirmed' AND s.kinds LIKE '%\"failing\"%' AND d.id <> ",
    );
    sql.bind(row.id.0.clone()).push(" AND ((s.scope = 'everything' AND ");
    // Of what belongs to no team hears who may see all teams.
    hearing::may_hear(&mut sql, &row.team_id.clone().unwrap_or_else(|| TeamId(String::new())));
    sql.push(") OR (s.scope <> 'everything' AND ");
    hearing::may_hear_of_m(&mut sql);
    sql.push(" AND (");
    if let Some(team) = &row.team_id {
        sql.push("(s.scope = 'team' AND s.subject = ").bind(team.0.clone()).push(") OR ");
    }
    // What it is subscribed to it may not hear any more: then nothing is missing there. (This `d` hides the other one.)
    sql.push("(EXISTS (SELECT 1 FROM destinations d WHERE d.id = ").bind(row.id.0.clone()).push(" AND ");
    hearing::may_hear_of_m(&mut sql);
    sql.push(") AND (");
    covered(&mut sql, &row.id, &labels);
    sql.push("))))) ORDER BY d.id, s.id");
    let mut found: Vec<Witness> = Vec::new();
    for row in sql.all(conn).await? {
        let one = read(&row)?;
        if found.last().is_none_or(|last| last.destination != one.destination) {
            found.push(one);
        }
    }
    Ok(found)
}

/// Goes on with the condition that those who read at `d` may see this destination.
fn sees(sql: &mut Sql, row: &DestinationRow) {
    // Who hears of everything triages the whole installation, and has always been told the name.
    sql.push("s.scope = 'everything' OR (d.team_id = '' AND d.owner_id = ").bind(row.owner_id.clone());
    match &row.team_id {
        Some(team) => {
            // Whoever hears about the team's tokens sees its destinations too, unless it is another team that reads there.
            sql.push(") OR d.team_id = ").bind(team.0.clone()).push(" OR (d.team_id = '' AND ");
            hearing::may_hear(sql, team);
            sql.push(")");
        }
        None => {
            sql.push(") OR (d.team_id = '' AND EXISTS (SELECT 1 FROM held_roles g WHERE g.person_id = d.owner_id");
            sql.push(" AND g.team_id = '' AND g.role = 'admin'))");
        }
    }
}

/// Goes on with the condition that this destination hears of all that a subscription `s` is about: of its token `t`, its
/// label, its team `m`. Each part asks for whole rows of an index, since a destination may have many subscriptions.
fn covered(sql: &mut Sql, id: &DestinationId, labels: &[String]) {
    let heard = |sql: &mut Sql, what: &'static str| {
        sql.push("EXISTS (SELECT 1 FROM subscriptions c WHERE c.destination_id = ").bind(id.0.clone());
        sql.push(OF_TOKENS).push(what).push(")");
    };
    heard(sql, " AND c.scope = 'everything' AND c.subject = ''");
    sql.push(" OR ");
    heard(sql, " AND c.scope = s.scope AND c.subject = s.subject");
    sql.push(" OR ");
    heard(sql, " AND c.scope = 'team' AND c.subject = m.id");
    for subject in labels {
        let (team, label) = subject.split_once('/').unwrap_or_default();
        // How it stands among a token's labels. What follows tells capitals apart, as the labels themselves do.
        let quoted = serde_json::Value::from(label).to_string();
        sql.push(" OR (s.scope = 'token' AND REPLACE(t.labels, ").bind(quoted).push(", '') <> t.labels");
        if team.is_empty() {
            // A label in all teams has the same one of each team in it.
            sql.push(") OR (s.scope = 'label' AND s.subject = m.id || ").bind(subject.clone()).push(")");
        } else {
            sql.push(" AND t.team_id = ").bind(team.to_owned()).push(")");
        }
    }
}

/// Goes on with: a subscription `c` that hears about tokens, and not only of what happens in Aviary itself.
const OF_TOKENS: &str = " AND c.kinds NOT IN ('[\"audit\"]', '[\"failing\"]', '[\"failing\",\"audit\"]')";

/// The labels that a destination is subscribed to, as subjects of subscriptions. There are few.
async fn labels(conn: &mut Conn, id: &DestinationId) -> Stored<Vec<String>> {
    let mut sql = Sql::new("SELECT c.subject FROM subscriptions c WHERE c.scope = 'label' AND c.destination_id = ");
    sql.bind(id.0.clone()).push(OF_TOKENS).push(" ORDER BY c.subject");
    sql.all(conn).await?.iter().map(|row| Ok(row.try_get("subject")?)).collect()
}

fn read(row: &AnyRow) -> Stored<Witness> {
    let text = |column: &str| Ok::<_, sqlx::Error>(row.try_get::<Option<String>, _>(column)?.unwrap_or_default());
    let scope: String = row.try_get("scope")?;
    let subject: String = row.try_get("subject")?;
    let label = || subject.split_once('/').map(|(_, label)| label).unwrap_or_default();
    let team = text("team")?;
    let because = match (scope.as_str(), text("location")?) {
        ("token", location) if location.is_empty() => format!("the key {}", text("access_key_id")?),
        ("token", location) => format!("the key in {location}"),
        ("team", _) => format!("the team {team}"),
        ("label", _) if team.is_empty() => format!("the label {} of all teams", label()),
        ("label", _) => format!("the label {} of the team {team}", label()),
        _ => "everything".to_owned(),
    };
    Ok(Witness { destination: DestinationId(row.try_get("id")?), because, sees: row.try_get::<i64, _>("sees")? != 0 })
}
