//! Subscriptions: which destination hears about what.

use super::destinations::Sight;
use crate::store::{Conn, StoreError, Stored, sql::Sql};
use app::model::{
    alert::{AlertKind, Scope, Subscription},
    ids::{DestinationId, SubscriptionId, TeamId, TokenId},
    moment::Moment,
    pace::Pace,
    token::Token,
};
use sqlx::{Row as _, any::AnyRow};

/// A subscription with what only the server knows of it.
#[derive(Clone, Debug, PartialEq)]
pub struct SubscriptionRow {
    /// What people see of it.
    pub subscription: Subscription,
    /// The team of its token; absent for other scopes.
    pub token_team: Option<TeamId>,
    /// The identifier of who made it.
    pub created_by: String,
}

/// What a subscription hears about, by identifiers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// One token.
    Token(TokenId),
    /// All tokens of one team.
    Team(TeamId),
    /// All tokens with a label, of one team or of all.
    Label(Option<TeamId>, String),
    /// All tokens.
    Everything,
}

impl Subject {
    fn columns(&self) -> (&'static str, String) {
        match self {
            Self::Token(id) => ("token", id.0.clone()),
            Self::Team(id) => ("team", id.0.clone()),
            Self::Label(team, label) => ("label", labelled(team.as_ref(), label)),
            Self::Everything => ("everything", String::new()),
        }
    }
}

/// A label's subject. Identifiers of teams have no slash in them; labels may.
fn labelled(team: Option<&TeamId>, label: &str) -> String {
    format!("{}/{label}", team.map(TeamId::as_str).unwrap_or_default())
}

const COLUMNS: &str = "SELECT s.id, s.destination_id, s.scope, s.subject, s.kinds, s.pace, s.quiet_minutes, s.created_by, s.created_at, \
    m.name AS team, t.location, t.access_key_id, t.team_id AS token_team FROM subscriptions s \
    JOIN destinations d ON d.id = s.destination_id \
    LEFT JOIN teams m ON (s.scope = 'team' AND m.id = s.subject) OR (s.scope = 'label' AND s.subject LIKE m.id || '/%') \
    LEFT JOIN tokens t ON s.scope = 'token' AND t.id = s.subject WHERE d.removed_at IS NULL";

fn read(row: &AnyRow) -> Stored<SubscriptionRow> {
    let scope: String = row.try_get("scope")?;
    let subject: String = row.try_get("subject")?;
    let text = |column: &str| row.try_get::<Option<String>, _>(column);
    let (scope, about) = match scope.as_str() {
        "token" => {
            let key = text("access_key_id")?.unwrap_or_default();
            let about = text("location")?.filter(|location| !location.is_empty()).unwrap_or(key);
            (Scope::Token { token_id: TokenId(subject) }, about)
        }
        "team" => {
            let team = text("team")?.unwrap_or_default();
            (Scope::Team { team: team.clone() }, team)
        }
        "label" => {
            let label = subject.split_once('/').map(|(_, label)| label.to_owned()).unwrap_or_default();
            (Scope::Label { label: label.clone(), team: text("team")? }, label)
        }
        "everything" => (Scope::Everything, "Everything".to_owned()),
        _ => return Err(StoreError::corrupt("scope of a subscription")),
    };
    Ok(SubscriptionRow {
        subscription: Subscription {
            id: SubscriptionId(row.try_get("id")?),
            destination_id: DestinationId(row.try_get("destination_id")?),
            scope,
            about,
            kinds: kinds(row)?,
            pace: pace(row)?,
            quiet_minutes: row.try_get("quiet_minutes")?,
            created_at: Moment(row.try_get("created_at")?),
        },
        token_team: text("token_team")?.map(TeamId),
        created_by: row.try_get("created_by")?,
    })
}

/// The kinds of news in a row.
pub(super) fn kinds(row: &AnyRow) -> Stored<Vec<AlertKind>> {
    let words: Vec<String> =
        serde_json::from_str(row.try_get("kinds")?).map_err(|_| StoreError::corrupt("kinds of a subscription"))?;
    // A kind that a newer Aviary knows is passed over by this one.
    Ok(words.iter().filter_map(|word| AlertKind::parse(word)).collect())
}

/// The pace in a row.
pub(super) fn pace(row: &AnyRow) -> Stored<Pace> {
    Pace::parse(row.try_get("pace")?).ok_or_else(|| StoreError::corrupt("pace of a subscription"))
}

/// What is wanted of a subscription.
#[derive(Clone, Copy, Debug)]
pub struct Wants<'a> {
    /// The kinds of news.
    pub kinds: &'a [AlertKind],
    /// How eagerly.
    pub pace: Pace,
    /// How many minutes it is quiet after an alert, at the pace at which it is.
    pub quiet_minutes: i64,
}

fn words(kinds: &[AlertKind]) -> String {
    serde_json::json!(kinds.iter().map(|kind| kind.word()).collect::<Vec<_>>()).to_string()
}

/// Writes a subscription; `false` if the destination hears about that already.
///
/// # Errors
/// Where the database refuses.
pub async fn insert(
    conn: &mut Conn,
    id: &SubscriptionId,
    destination: &DestinationId,
    subject: &Subject,
    wants: Wants<'_>,
    created_by: &str,
    now: Moment,
) -> Stored<bool> {
    let (scope, subject) = subject.columns();
    let done = sqlx::query(
        "INSERT INTO subscriptions (id, destination_id, scope, subject, created_by, created_at, kinds, pace, quiet_minutes) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (destination_id, scope, subject) DO NOTHING",
    )
    .bind(id.0.clone())
    .bind(destination.0.clone())
    .bind(scope)
    .bind(subject)
    .bind(created_by.to_owned())
    .bind(now.0)
    .bind(words(wants.kinds))
    .bind(wants.pace.word())
    .bind(wants.quiet_minutes)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Changes what a subscription hears of, and how eagerly.
///
/// # Errors
/// Where the database refuses.
pub async fn change(conn: &mut Conn, id: &SubscriptionId, wants: Wants<'_>) -> Stored<()> {
    sqlx::query("UPDATE subscriptions SET kinds = $2, pace = $3, quiet_minutes = $4 WHERE id = $1")
        .bind(id.0.clone())
        .bind(words(wants.kinds))
        .bind(wants.pace.word())
        .bind(wants.quiet_minutes)
        .execute(conn)
        .await?;
    Ok(())
}

/// The subscription of this destination to this.
///
/// # Errors
/// Where the database refuses.
pub async fn find(conn: &mut Conn, destination: &DestinationId, subject: &Subject) -> Stored<Option<SubscriptionRow>> {
    let (scope, subject) = subject.columns();
    let mut sql = Sql::new(COLUMNS);
    sql.push(" AND s.destination_id = ").bind(destination.0.clone());
    sql.push(" AND s.scope = ").bind(scope.to_owned()).push(" AND s.subject = ").bind(subject);
    sql.first(conn).await?.as_ref().map(read).transpose()
}

/// One subscription.
///
/// # Errors
/// Where the database refuses.
pub async fn by_id(conn: &mut Conn, id: &SubscriptionId) -> Stored<Option<SubscriptionRow>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" AND s.id = ").bind(id.0.clone());
    sql.first(conn).await?.as_ref().map(read).transpose()
}

/// All subscriptions of one destination, oldest first.
///
/// # Errors
/// Where the database refuses.
pub async fn of_destination(conn: &mut Conn, id: &DestinationId) -> Stored<Vec<SubscriptionRow>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" AND s.destination_id = ").bind(id.0.clone()).push(" ORDER BY s.id");
    sql.all(conn).await?.iter().map(read).collect()
}

/// All subscriptions that hear about a token: to it, to its team, to its labels, to everything.
///
/// # Errors
/// Where the database refuses.
pub async fn about_token(conn: &mut Conn, token: &Token) -> Stored<Vec<SubscriptionRow>> {
    let mut sql = Sql::new(COLUMNS);
    about(&mut sql, token);
    sql.push(" ORDER BY s.id");
    sql.all(conn).await?.iter().map(read).collect()
}

/// Goes on with the condition that a subscription `s` hears about a token.
pub(super) fn about(sql: &mut Sql, token: &Token) {
    let labels = token.labels.iter();
    let labels = labels.flat_map(|label| [labelled(Some(&token.team_id), label), labelled(None, label)]);
    sql.push(" AND ((s.scope = 'token' AND s.subject = ").bind(token.id.0.clone());
    sql.push(") OR (s.scope = 'team' AND s.subject = ").bind(token.team_id.0.clone());
    sql.push(") OR (s.scope = 'label' AND s.subject IN ").bind_all(labels);
    sql.push(") OR (s.scope = 'everything' AND s.subject = ''))");
}

/// All subscriptions of destinations in sight, oldest first.
///
/// # Errors
/// Where the database refuses.
pub async fn in_sight(conn: &mut Conn, sight: &Sight) -> Stored<Vec<SubscriptionRow>> {
    let mut sql = Sql::new(COLUMNS);
    sight.narrow(&mut sql);
    sql.push(" ORDER BY s.id");
    sql.all(conn).await?.iter().map(read).collect()
}

/// Ends a subscription.
///
/// # Errors
/// Where the database refuses.
pub async fn delete(conn: &mut Conn, id: &SubscriptionId) -> Stored<()> {
    sqlx::query("DELETE FROM subscriptions WHERE id = $1").bind(id.0.clone()).execute(conn).await?;
    Ok(())
}

/// Ends all subscriptions of a destination; how many those were.
///
/// # Errors
/// Where the database refuses.
pub async fn delete_of(conn: &mut Conn, destination: &DestinationId) -> Stored<u64> {
    let done = sqlx::query("DELETE FROM subscriptions WHERE destination_id = $1")
        .bind(destination.0.clone())
        .execute(conn)
        .await?;
    Ok(done.rows_affected())
}
