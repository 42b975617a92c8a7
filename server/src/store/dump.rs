//! The whole database as JSON lines, readable into SQLite and PostgreSQL alike: a first line that says what it is, then
//! one line `{"table": …, "row": {…}}` per row.

use super::{Store, StoreError, Stored, sql::Sql};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sqlx::{AssertSqlSafe, Column as _, Row as _, ValueRef as _, any::AnyRow};
use std::io::{BufRead, Write};

/// Every table, those first that others refer to.
const TABLES: &[&str] = &[
    "settings",
    "teams",
    "persons",
    "quiet_hours",
    "memberships",
    "sessions",
    "totp",
    "recovery_codes",
    "passkeys",
    "second_tickets",
    "ceremonies",
    "providers",
    "claim_rules",
    "identities",
    "provided_roles",
    "pending_sign_ins",
    "provider_sessions",
    "logout_tokens",
    "invites",
    "person_links",
    "api_keys",
    "tokens",
    "mint_intents",
    "accounts",
    "former_keys",
    "drills",
    "drill_marks",
    "heard",
    "seen_messages",
    "scans",
    "incidents",
    "hits",
    "hit_hours",
    "destinations",
    "hooks",
    "tickets",
    "subscriptions",
    "held",
    "alerts",
    "deliveries",
    "attempts",
    "used_links",
    "quarantine",
    "audit",
    "audit_head",
    "idempotency",
    "sandbox_users",
    "sandbox_keys",
];

/// What is no part of the state: which programs run just now, and how often the names were added to.
#[cfg(test)]
const LEFT_OUT: &[&str] = &["serving", "watched"];

/// Those that have rows from the start on, which a dump's rows replace.
const NEVER_EMPTY: &[&str] = &["settings", "audit_head"];

/// How many rows are read at a time.
const AT_ONCE: i64 = 2_000;

/// Why a dump could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    /// The database refused.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The file could not be written or read.
    #[error("the file: {0}")]
    File(#[from] std::io::Error),
    /// The file is no dump, or a damaged one.
    #[error("line {0}: {1}")]
    Damaged(usize, String),
    /// There is something in the database already.
    #[error(
        "the database is not empty: {0} has rows. Restore into an empty one (a new AVIARY_DATA_DIR or AVIARY_DATABASE)"
    )]
    NotEmpty(&'static str),
}

#[derive(Serialize, Deserialize)]
struct Head {
    aviary_dump: u32,
}

#[derive(Serialize, Deserialize)]
struct Line {
    table: String,
    row: Map<String, Value>,
}

fn values(row: &AnyRow) -> Stored<Map<String, Value>> {
    let mut map = Map::new();
    for column in row.columns() {
        let index = column.ordinal();
        let raw = row.try_get_raw(index)?;
        let value = if raw.is_null() {
            Value::Null
        } else if let Ok(number) = row.try_get::<i64, _>(index) {
            number.into()
        } else {
            row.try_get::<String, _>(index)?.into()
        };
        map.insert(column.name().to_owned(), value);
    }
    Ok(map)
}

/// Writes every row, as of one moment; how many there were.
///
/// # Errors
/// Where the database or the file refuses.
pub async fn write(store: &Store, out: &mut impl Write) -> Result<usize, DumpError> {
    let mut line = |value: &dyn erased::Json| -> Result<(), DumpError> {
        out.write_all(value.line()?.as_bytes())?;
        Ok(out.write_all(b"\n")?)
    };
    line(&Head { aviary_dump: 1 })?;
    let mut count = 0;
    // One transaction sees one state of all tables. For SQLite that holds up writers while it lasts.
    let mut tx = store.begin().await?;
    if store.flavour() == super::connect::Flavour::Postgres {
        sqlx::query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            .execute(&mut *tx)
            .await
            .map_err(StoreError::from)?;
    }
    for table in TABLES {
        let keys = order(table);
        for page in 0.. {
            let text = format!("SELECT * FROM {table} ORDER BY {keys} LIMIT {AT_ONCE} OFFSET {}", page * AT_ONCE);
            let rows = sqlx::query(AssertSqlSafe(text)).fetch_all(&mut *tx).await.map_err(StoreError::from)?;
            for row in &rows {
                line(&Line { table: (*table).to_owned(), row: values(row)? })?;
            }
            count += rows.len();
            if rows.len() < usize::try_from(AT_ONCE).unwrap_or(usize::MAX) {
                break;
            }
        }
    }
    Ok(count)
}

/// By what a table's rows are told apart.
fn order(table: &str) -> &'static str {
    match table {
        "settings" => "name",
        "memberships" => "person_id, team_id",
        "sessions" | "provider_sessions" => "id_hash",
        "identities" => "provider_id, subject",
        "provided_roles" => "person_id, provider_id, team_id",
        "pending_sign_ins" | "ceremonies" => "handle_hash",
        "logout_tokens" => "provider_id, jti_hash",
        "invites" | "person_links" | "used_links" | "second_tickets" => "code_hash",
        "recovery_codes" => "person_id, code_hash",
        "mint_intents" => "token_id",
        "hit_hours" => "token_id, hour",
        "hooks" => "destination_id",
        "tickets" => "destination_id, incident_id",
        "idempotency" => "actor_id, name",
        "sandbox_users" => "user_name",
        "sandbox_keys" | "former_keys" => "access_key_id",
        "drill_marks" => "mark",
        "heard" => "account, region, source",
        "scans" => "place",
        "held" => "token_id, incident_id, kind, destination_id",
        "quiet_hours" | "totp" => "person_id",
        _ => "id",
    }
}

mod erased {
    //! One closure for lines of different types.

    pub trait Json {
        fn line(&self) -> std::io::Result<String>;
    }

    impl<T: serde::Serialize> Json for T {
        fn line(&self) -> std::io::Result<String> {
            Ok(serde_json::to_string(self)?)
        }
    }
}

/// Reads a dump into an empty database, all of it or nothing; how many rows there were.
///
/// # Errors
/// Where the file is damaged, the database is not empty, or either refuses.
pub async fn read(store: &Store, input: impl BufRead) -> Result<usize, DumpError> {
    let mut tx = store.begin().await?;
    for table in TABLES.iter().filter(|table| !NEVER_EMPTY.contains(table)) {
        let text = format!("SELECT 1 FROM {table} LIMIT 1");
        if sqlx::query(AssertSqlSafe(text)).fetch_optional(&mut *tx).await.map_err(StoreError::from)?.is_some() {
            return Err(DumpError::NotEmpty(table));
        }
    }
    for table in NEVER_EMPTY {
        let text = format!("DELETE FROM {table}");
        sqlx::query(AssertSqlSafe(text)).execute(&mut *tx).await.map_err(StoreError::from)?;
    }
    let mut count = 0;
    for (index, line) in input.lines().enumerate() {
        let (number, line) = (index + 1, line?);
        let damaged = |why: &str| DumpError::Damaged(number, why.to_owned());
        if index == 0 {
            match serde_json::from_str::<Head>(&line) {
                Ok(Head { aviary_dump: 1 }) => continue,
                Ok(Head { aviary_dump }) => {
                    return Err(damaged(&format!(
                        "this dump is of version {aviary_dump}, which this program does not know"
                    )));
                }
                Err(_) => return Err(damaged("this is no dump that `aviary backup` wrote")),
            }
        }
        let Line { table, row } = serde_json::from_str(&line).map_err(|error| damaged(&error.to_string()))?;
        let table = TABLES.iter().find(|known| **known == table).ok_or_else(|| damaged("there is no such table"))?;
        insert(&mut tx, table, row).await.map_err(|error| damaged(&error.to_string()))?;
        count += 1;
    }
    // A dump from before the audit log was a chain has no end of it.
    sqlx::query("INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '') ON CONFLICT DO NOTHING")
        .execute(&mut *tx)
        .await
        .map_err(StoreError::from)?;
    tx.commit().await?;
    Ok(count)
}

async fn insert(conn: &mut super::Conn, table: &'static str, row: Map<String, Value>) -> Stored<()> {
    let plain = |name: &String| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    if !row.keys().all(plain) {
        return Err(StoreError::corrupt("a column's name"));
    }
    // What is absent is left out: a null that is bound has a type, and PostgreSQL would compare it with the column's.
    let row: Map<String, Value> = row.into_iter().filter(|(_, value)| !value.is_null()).collect();
    let columns = row.keys().cloned().collect::<Vec<_>>().join(", ");
    let places = (1..=row.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
    let mut sql = Sql::from_text(format!("INSERT INTO {table} ({columns}) VALUES ({places})"));
    for value in row.into_values() {
        match value {
            Value::Number(number) => sql.value(number.as_i64()),
            Value::String(text) => sql.value(Some(text)),
            _ => return Err(StoreError::corrupt("a value that is neither text nor number")),
        };
    }
    sql.run(conn).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{LEFT_OUT, TABLES};

    #[test]
    fn every_table_is_in_the_dump_or_left_out_on_purpose() {
        let schema = super::super::connect::MIGRATIONS.iter().map(|(_, _, sql)| *sql).collect::<String>();
        let made: Vec<_> = schema.lines().filter_map(|line| line.strip_prefix("CREATE TABLE ")).collect();
        let mut made: Vec<_> = made.iter().filter_map(|line| line.split_whitespace().next()).collect();
        let mut dumped = [TABLES, LEFT_OUT].concat();
        made.sort_unstable();
        dumped.sort_unstable();
        assert_eq!(made, dumped);
    }
}
