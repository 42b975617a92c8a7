//! Who hears about a token: the destinations with their subscriptions, and the quiet hours of those whom they belong to.

use super::subscriptions;
use crate::store::{Conn, Stored, people::quiet_hours, sql::Sql};
use app::model::{
    alert::AlertKind,
    ids::{DestinationId, TeamId},
    pace::{Pace, QuietHours},
    token::Token,
};
use sqlx::Row as _;

/// A destination that hears about a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hearer {
    /// Which.
    pub destination: DestinationId,
    /// What each of its subscriptions to it wants.
    pub wants: Vec<Want>,
    /// When the person that it belongs to does not want to hear.
    pub quiet: Option<QuietHours>,
}

/// What a subscription wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Want {
    /// Of which kinds of news.
    pub kinds: Vec<AlertKind>,
    /// How eagerly.
    pub pace: Pace,
    /// How many minutes it is quiet after an alert.
    pub quiet_minutes: i64,
}

impl Hearer {
    /// How eagerly it hears of this kind of news, if at all, and how many minutes it is quiet then: the most eager of its
    /// subscriptions counts, of several with digests the one with the shortest quiet time.
    pub fn pace(&self, kind: AlertKind) -> Option<(Pace, i64)> {
        let wants = self.wants.iter().filter(|want| want.kinds.contains(&kind));
        wants.map(|want| (want.pace, want.quiet_minutes)).min()
    }
}

/// Goes on with the condition that a destination `d` may hear about tokens of a team: what belongs to a person who may no
/// longer see the team does not. What a program set up outlives its API key, so that replacing a key does not silence
/// alerts.
pub(super) fn may_hear(sql: &mut Sql, team: &TeamId) {
    sql.push(MAY_HEAR).bind(team.0.clone()).push(")))");
}

/// As [`may_hear`], of the team `m`; where there is none, of all teams.
pub(super) fn may_hear_of_m(sql: &mut Sql) {
    sql.push(MAY_HEAR).push("COALESCE(m.id, ''))))");
}

const MAY_HEAR: &str = "(d.team_id <> '' OR NOT EXISTS (SELECT 1 FROM persons p WHERE p.id = d.owner_id) OR EXISTS \
    (SELECT 1 FROM persons p JOIN held_roles g ON g.person_id = p.id WHERE p.id = d.owner_id \
    AND p.disabled_at IS NULL AND g.team_id IN ('', ";

/// The destinations that hear of entries of the audit log, each once: those that are subscribed to that with everything. One
/// that belongs to a person hears only while that person is an admin of the whole installation; one of a team, or of a
/// program, goes on hearing, so that nobody silences it by taking a role away. Unconfirmed ones hear nothing.
///
/// # Errors
/// Where the database refuses.
pub async fn of_audit(conn: &mut Conn) -> Stored<Vec<DestinationId>> {
    let rows = sqlx::query(
        "SELECT DISTINCT d.id FROM subscriptions s JOIN destinations d ON d.id = s.destination_id \
         WHERE s.scope = 'everything' AND s.subject = '' AND s.kinds LIKE '%\"audit\"%' AND d.state <> 'unconfirmed' \
         AND d.removed_at IS NULL AND (d.team_id <> '' OR NOT EXISTS (SELECT 1 FROM persons p WHERE p.id = d.owner_id) \
         OR EXISTS (SELECT 1 FROM persons p JOIN memberships g ON g.person_id = p.id WHERE p.id = d.owner_id \
         AND p.disabled_at IS NULL AND g.team_id = '' AND g.role = 'admin')) ORDER BY d.id",
    )
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| Ok(DestinationId(row.try_get("id")?))).collect()
}

/// The destinations that hear about a token, each once. Unconfirmed ones hear nothing. Who ends a subscription in just this
/// moment may be told of this once more: to hold the rows would let everybody who files wait for whoever gives up much.
///
/// # Errors
/// Where the database refuses.
pub async fn of(conn: &mut Conn, token: &Token) -> Stored<Vec<Hearer>> {
    let mut sql = Sql::new(
        "SELECT d.id, s.kinds, s.pace, s.quiet_minutes, q.starts, q.ends, q.zone, q.exposed \
         FROM subscriptions s JOIN destinations d ON d.id = s.destination_id \
         LEFT JOIN quiet_hours q ON d.team_id = '' AND q.person_id = d.owner_id \
         WHERE d.state <> 'unconfirmed' AND d.removed_at IS NULL",
    );
    subscriptions::about(&mut sql, token);
    sql.push(" AND ");
    may_hear(&mut sql, &token.team_id);
    sql.push(" ORDER BY d.id");
    let mut hearing: Vec<Hearer> = Vec::new();
    for row in sql.all(conn).await? {
        let destination = DestinationId(row.try_get("id")?);
        let want = Want {
            kinds: subscriptions::kinds(&row)?,
            pace: subscriptions::pace(&row)?,
            quiet_minutes: row.try_get("quiet_minutes")?,
        };
        match hearing.last_mut().filter(|last| last.destination == destination) {
            Some(last) => last.wants.push(want),
            None => hearing.push(Hearer { destination, wants: vec![want], quiet: quiet_hours::read(&row)? }),
        }
    }
    Ok(hearing)
}
