//! Which tokens can be meant by the names that records carry.

use super::{Conn, Stored, sql::Sql};
use app::model::ids::TokenId;
use sqlx::{Row as _, any::AnyRow};

/// A token by every name that it goes by, under one of its keys. Tokens that are long gone are watched as well, and so
/// are the keys that a token had before it was rotated: each of them makes one more of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// The token.
    pub id: TokenId,
    /// `sandbox`, or twelve digits.
    pub account: String,
    /// Its key id, or a former one.
    pub access_key_id: String,
    /// Its user's ARN; empty if not known, as the texts below.
    pub arn: String,
    /// Its user's unique id.
    pub unique_id: String,
    /// Its user's name.
    pub user_name: String,
}

impl Watched {
    /// The twelve digits of the account in which its user is.
    pub fn account_id(&self) -> &str {
        // arn:PARTITION:iam::ACCOUNT:user/NAME
        self.arn.split(':').nth(4).unwrap_or(&self.account)
    }
}

const COLUMNS: &str = "SELECT id, account, access_key_id, arn, unique_id, user_name FROM tokens WHERE ";

const FORMER: &str = "SELECT t.id, t.account, f.access_key_id, t.arn, t.unique_id, t.user_name FROM former_keys f \
    JOIN tokens t ON t.id = f.token_id WHERE ";

/// How many values a list in one statement has: few enough for SQLite's limit on parameters.
const CHUNK: usize = 500;

fn read(row: &AnyRow) -> Stored<Watched> {
    Ok(Watched {
        id: TokenId(row.try_get("id")?),
        account: row.try_get("account")?,
        access_key_id: row.try_get("access_key_id")?,
        arn: row.try_get("arn")?,
        unique_id: row.try_get("unique_id")?,
        user_name: row.try_get("user_name")?,
    })
}

/// How often a name came to be watched: where this is as it was, so are the names. Triggers count, in the transaction that
/// writes the name.
///
/// # Errors
/// Where the database refuses.
pub async fn version(conn: &mut Conn) -> Stored<i64> {
    Ok(Sql::new("SELECT version FROM watched").first(conn).await?.map_or(Ok(0), |row| row.try_get("version"))?)
}

/// A name that a token goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Its key id.
    Key,
    /// A key id that it had before.
    FormerKey,
    /// Its user's ARN.
    Arn,
    /// Its user's unique id.
    UniqueId,
    /// Its user's name.
    UserName,
}

/// Tokens that go by one of these names; one that has several of them comes several times.
///
/// # Errors
/// Where the database refuses.
pub async fn by(conn: &mut Conn, names: &[(By, Vec<String>)]) -> Stored<Vec<Watched>> {
    let mut found = Vec::new();
    // One statement for all of them, as long as they are few: what a record or two bring.
    let mut sql = Question::default();
    for (by, names) in names {
        for some in names.chunks(CHUNK) {
            if sql.names + some.len() > CHUNK {
                sql.ask(conn, &mut found).await?;
                sql = Question::default();
            }
            sql.add(*by, some);
        }
    }
    sql.ask(conn, &mut found).await?;
    Ok(found)
}

/// A statement that asks for tokens by names.
#[derive(Default)]
struct Question {
    sql: Option<Sql>,
    names: usize,
}

impl Question {
    fn add(&mut self, by: By, names: &[String]) {
        // The indexes leave out names that are not known: of adopted tokens that is most of them, and an index in which
        // most entries are the same is one that SQLite does not use.
        let (from, among, known) = match by {
            By::Key => (COLUMNS, "access_key_id IN ", ""),
            By::FormerKey => (FORMER, "f.access_key_id IN ", ""),
            By::Arn => (COLUMNS, "arn IN ", " AND arn <> ''"),
            By::UniqueId => (COLUMNS, "unique_id IN ", " AND unique_id <> ''"),
            By::UserName => (COLUMNS, "user_name IN ", " AND user_name <> ''"),
        };
        let sql = match &mut self.sql {
            Some(sql) => sql.push(" UNION ALL ").push(from),
            none => none.insert(Sql::new(from)),
        };
        sql.push(among).bind_any_of(names.to_vec()).push(known);
        self.names += names.len();
    }

    async fn ask(self, conn: &mut Conn, found: &mut Vec<Watched>) -> Stored<()> {
        let Some(sql) = self.sql else { return Ok(()) };
        for row in sql.all(conn).await? {
            found.push(read(&row)?);
        }
        Ok(())
    }
}

/// The tokens after this one, in the order of their identifiers: to read all of them in portions. A token with former keys
/// comes once for each of them, the one that it has now last.
///
/// # Errors
/// Where the database refuses.
pub async fn after(conn: &mut Conn, id: &str, limit: u32) -> Stored<Vec<Watched>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("id > ").bind(id.to_owned()).push(" ORDER BY id LIMIT ").bind(i64::from(limit));
    let now: Vec<Watched> = sql.all(conn).await?.iter().map(read).collect::<Stored<_>>()?;
    let Some(last) = now.last() else { return Ok(now) };
    let mut sql = Sql::new(FORMER);
    sql.push("t.id > ").bind(id.to_owned()).push(" AND t.id <= ").bind(last.id.0.clone());
    let mut all: Vec<Watched> = sql.all(conn).await?.iter().map(read).collect::<Stored<_>>()?;
    all.extend(now);
    // A stable sort: what a token has now stays behind what it had.
    all.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(all)
}
