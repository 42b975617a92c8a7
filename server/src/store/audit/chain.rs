//! The chain: each entry carries a hash over itself and over the hash of the one before, made with a key that stands
//! sealed in the settings. Who can write the database, and has no sealing key, can take entries away or change them,
//! but not so that the hashes fit.

use super::link::{Link, seal};
use crate::{
    seal::Sealer,
    store::{
        Conn, StoreError, Stored,
        alerts::queue::{self, News},
        sql::Sql,
    },
};
use app::model::{audit::AuditEntry, ids::DestinationId};
use sqlx::{Row as _, any::AnyRow};

/// The name in the settings of the chain's key: 32 bytes in hexadecimal, sealed for the owner of this same name.
pub const KEY: &str = "audit_key";

/// How many old entries are chained by one read.
const AT_ONCE: i64 = 1_000;

/// An entry on its way into the log. Its place and its hash are found at the end of its transaction.
pub struct Pending {
    /// The entry.
    pub entry: AuditEntry,
    /// Opens the key of the chain.
    pub sealer: Sealer,
    /// Makes the news of it, where somebody hears of entries.
    pub tell: Option<Tell>,
}

/// Makes the news of an entry that has its place and its hash.
pub type Tell = Box<dyn FnOnce(&AuditEntry) -> Option<News> + Send + Sync>;

/// The end of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The place of the last entry; 0 where there is none.
    pub seq: i64,
    /// Its hash; empty where there is none.
    pub hash: String,
}

fn headless() -> StoreError {
    StoreError::corrupt("the end of the audit log's chain (table audit_head)")
}

fn read_head(row: &AnyRow) -> Stored<Head> {
    Ok(Head { seq: row.try_get("seq")?, hash: row.try_get("hash")? })
}

/// The end of the chain, as it is kept.
///
/// # Errors
/// Where it is missing, or the database refuses.
pub async fn head(conn: &mut Conn) -> Stored<Head> {
    let row = sqlx::query("SELECT seq, hash FROM audit_head WHERE id = 1").fetch_optional(conn).await?;
    read_head(&row.ok_or_else(headless)?)
}

/// The end of the chain, which nobody else changes until the transaction ends.
///
/// # Errors
/// Where it is missing, or the database refuses.
pub async fn lock(conn: &mut Conn) -> Stored<Head> {
    let row =
        sqlx::query("UPDATE audit_head SET seq = seq WHERE id = 1 RETURNING seq, hash").fetch_optional(conn).await?;
    read_head(&row.ok_or_else(headless)?)
}

/// The chain's key, sealed.
///
/// # Errors
/// Where the database refuses.
pub async fn sealed_key(conn: &mut Conn) -> Stored<Option<String>> {
    let row = sqlx::query("SELECT value FROM settings WHERE name = $1").bind(KEY).fetch_optional(conn).await?;
    Ok(row.map(|row| row.try_get("value")).transpose()?)
}

/// The chain's key.
///
/// # Errors
/// Where it does not open: another sealing key has sealed it, or somebody has changed it.
pub fn key(sealer: &Sealer, sealed: &str) -> Stored<[u8; 32]> {
    let odd = || StoreError::corrupt("the audit log's key (setting audit_key), which this sealing key does not open");
    let secret = sealer.open(sealed, KEY).map_err(|_| odd())?;
    let mut key = [0; 32];
    hex::decode_to_slice(secret.expose(), &mut key).map_err(|_| odd())?;
    Ok(key)
}

/// Adds entries at the end of the chain, and what is told of them to the outbox; which destinations those are. It is the
/// last thing that a transaction does.
///
/// # Errors
/// Where the database refuses, or the chain has no end or no key. Then nothing of the transaction may be committed.
pub(in crate::store) async fn append(conn: &mut Conn, entries: Vec<Pending>) -> Stored<Vec<DestinationId>> {
    let count = i64::try_from(entries.len()).unwrap_or(i64::MAX);
    let row = sqlx::query(
        "UPDATE audit_head SET seq = seq + $1 WHERE id = 1 \
         RETURNING seq, hash, (SELECT value FROM settings WHERE name = 'audit_key') AS sealed_key",
    )
    .bind(count)
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(headless)?;
    let sealed: Option<String> = row.try_get("sealed_key")?;
    let sealed = sealed.ok_or_else(|| StoreError::corrupt("the audit log's key (setting audit_key): it is missing"))?;
    let Head { seq: last, hash: mut prev } = read_head(&row)?;
    let mut told = Vec::new();
    for (place, pending) in (last - count + 1..).zip(entries) {
        let Pending { mut entry, sealer, tell } = pending;
        let mut link = link(&entry, place, prev)?;
        link.hash = seal(&key(&sealer, &sealed)?, &link);
        insert(&mut *conn, &link).await?;
        (entry.seq, entry.hash) = (link.seq, link.hash.clone());
        prev = link.hash;
        if let Some(news) = tell.and_then(|tell| tell(&entry)) {
            queue::insert(&mut *conn, std::slice::from_ref(&news)).await?;
            told.extend(news.to.into_iter().map(|(_, destination)| destination));
        }
    }
    set_head(conn, last, &prev).await?;
    Ok(told)
}

async fn set_head(conn: &mut Conn, seq: i64, hash: &str) -> Stored<()> {
    sqlx::query("UPDATE audit_head SET seq = $1, hash = $2 WHERE id = 1")
        .bind(seq)
        .bind(hash.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// An entry as it is kept.
fn link(entry: &AuditEntry, seq: i64, prev: String) -> Stored<Link> {
    let text = |facts: &Option<_>| {
        let facts = facts.as_ref().map(serde_json::to_string::<std::collections::BTreeMap<String, serde_json::Value>>);
        facts.transpose().map_err(|_| StoreError::corrupt("facts of an audit entry"))
    };
    Ok(Link {
        seq,
        prev,
        hash: String::new(),
        id: entry.id.clone(),
        at: entry.at.0,
        actor_kind: entry.actor_kind.clone(),
        actor_id: entry.actor_id.clone(),
        actor: entry.actor.clone(),
        act: entry.act.clone(),
        subject_kind: entry.subject_kind.clone(),
        subject_id: entry.subject_id.clone(),
        subject: entry.subject.clone(),
        detail: entry.detail.clone(),
        before: text(&entry.before)?,
        after: text(&entry.after)?,
        address: entry.address.clone(),
        request_id: entry.request_id.clone(),
        agent: entry.agent.clone(),
    })
}

async fn insert(conn: &mut Conn, link: &Link) -> Stored<()> {
    sqlx::query(
        "INSERT INTO audit (id, at, actor, actor_id, act, subject, detail, origin, actor_kind, subject_kind, subject_id, \
         facts_before, facts_after, request_id, agent, seq, prev, hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
    )
    .bind(link.id.clone())
    .bind(link.at)
    .bind(link.actor.clone())
    .bind(link.actor_id.clone())
    .bind(link.act.clone())
    .bind(link.subject.clone())
    .bind(link.detail.clone())
    .bind(link.address.clone())
    .bind(link.actor_kind.clone())
    .bind(link.subject_kind.clone())
    .bind(link.subject_id.clone())
    .bind(link.before.clone())
    .bind(link.after.clone())
    .bind(link.request_id.clone())
    .bind(link.agent.clone())
    .bind(link.seq)
    .bind(link.prev.clone())
    .bind(link.hash.clone())
    .execute(conn)
    .await?;
    Ok(())
}

const COLUMNS: &str = "SELECT id, at, actor, actor_id, act, subject, detail, origin, actor_kind, subject_kind, subject_id, \
    facts_before, facts_after, request_id, agent, seq, prev, hash FROM audit WHERE seq";

fn read(row: &AnyRow) -> Stored<Link> {
    Ok(Link {
        seq: row.try_get::<Option<i64>, _>("seq")?.unwrap_or(0),
        prev: row.try_get::<Option<String>, _>("prev")?.unwrap_or_default(),
        hash: row.try_get::<Option<String>, _>("hash")?.unwrap_or_default(),
        id: row.try_get("id")?,
        at: row.try_get("at")?,
        actor_kind: row.try_get("actor_kind")?,
        actor_id: row.try_get("actor_id")?,
        actor: row.try_get("actor")?,
        act: row.try_get("act")?,
        subject_kind: row.try_get("subject_kind")?,
        subject_id: row.try_get("subject_id")?,
        subject: row.try_get("subject")?,
        detail: row.try_get("detail")?,
        before: row.try_get("facts_before")?,
        after: row.try_get("facts_after")?,
        address: row.try_get("origin")?,
        request_id: row.try_get("request_id")?,
        agent: row.try_get("agent")?,
    })
}

/// So many links after this place and identifier, in their order. Two at one place, which somebody else has put there, are
/// both told.
///
/// # Errors
/// Where the database refuses.
pub async fn links(conn: &mut Conn, (after, id): (i64, &str), size: u32) -> Stored<Vec<Link>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" >= ").bind(after.max(1)).push(" AND (seq > ").bind(after).push(" OR id > ").bind(id.to_owned());
    sql.push(") ORDER BY seq, id LIMIT ").bind(i64::from(size));
    sql.all(conn).await?.iter().map(read).collect()
}

/// How many entries have no place in the chain, and when the first one of them says that it was made.
///
/// # Errors
/// Where the database refuses.
pub async fn count_outside(conn: &mut Conn) -> Stored<(i64, Option<i64>)> {
    let row = sqlx::query("SELECT COUNT(*) AS n, MIN(at) AS first FROM audit WHERE seq IS NULL OR seq < 1")
        .fetch_one(conn)
        .await?;
    Ok((row.try_get("n")?, row.try_get("first")?))
}

/// Gives each entry that an older Aviary wrote its place in a chain that has none yet, in the order of their identifiers;
/// how many those were. The caller holds the [`lock`].
///
/// # Errors
/// Where the database refuses.
pub async fn chain_old(conn: &mut Conn, key: &[u8; 32]) -> Stored<i64> {
    let Head { mut seq, hash: mut prev } = head(&mut *conn).await?;
    let first = seq;
    loop {
        let mut sql = Sql::new(COLUMNS);
        sql.push(" IS NULL ORDER BY id LIMIT ").bind(AT_ONCE);
        let some: Vec<Link> = sql.all(&mut *conn).await?.iter().map(read).collect::<Stored<_>>()?;
        if some.is_empty() {
            break;
        }
        for mut link in some {
            seq += 1;
            (link.seq, link.prev) = (seq, prev);
            link.hash = seal(key, &link);
            sqlx::query("UPDATE audit SET seq = $2, prev = $3, hash = $4 WHERE id = $1")
                .bind(link.id.clone())
                .bind(link.seq)
                .bind(link.prev.clone())
                .bind(link.hash.clone())
                .execute(&mut *conn)
                .await?;
            prev = link.hash;
        }
    }
    set_head(conn, seq, &prev).await?;
    Ok(seq - first)
}
