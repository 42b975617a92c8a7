//! Connecting, migrating, reading and writing.

use super::{
    Conn, Stored,
    alerts::hearing,
    audit::{self, Pending},
    counts::Counts,
};
use crate::live::Bell;
use app::model::ids::DestinationId;
use sqlx::{
    AssertSqlSafe, SqlSafeStr as _, SqlStr,
    any::{AnyConnectOptions, AnyPoolOptions},
    migrate::{Migration, MigrationType, Migrator},
};
use std::{
    ops::{Deref, DerefMut},
    path::Path,
    str::FromStr,
    time::Duration,
};

/// The schema's history. A migration that was released is never edited: a new one is added.
pub(super) const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "house", include_str!("../../migrations/0001_house.sql")),
    (2, "aws", include_str!("../../migrations/0002_aws.sql")),
    (3, "names", include_str!("../../migrations/0003_names.sql")),
    (4, "channels", include_str!("../../migrations/0004_channels.sql")),
    (5, "pace", include_str!("../../migrations/0005_pace.sql")),
    (6, "card", include_str!("../../migrations/0006_card.sql")),
    (7, "machines", include_str!("../../migrations/0007_machines.sql")),
    (8, "ears", include_str!("../../migrations/0008_ears.sql")),
    (9, "tokens", include_str!("../../migrations/0009_tokens.sql")),
    (10, "order", include_str!("../../migrations/0010_order.sql")),
    (11, "sessions", include_str!("../../migrations/0011_sessions.sql")),
    (12, "entry", include_str!("../../migrations/0012_entry.sql")),
    (13, "factors", include_str!("../../migrations/0013_factors.sql")),
    (14, "providers", include_str!("../../migrations/0014_providers.sql")),
    (15, "keys", include_str!("../../migrations/0015_keys.sql")),
    (16, "audit", include_str!("../../migrations/0016_audit.sql")),
    (18, "loud", include_str!("../../migrations/0018_loud.sql")),
    (19, "serve", include_str!("../../migrations/0019_serve.sql")),
    (20, "ceremonies", include_str!("../../migrations/0020_ceremonies.sql")),
    (23, "serving", include_str!("../../migrations/0023_serving.sql")),
    (24, "quiet", include_str!("../../migrations/0024_quiet.sql")),
    (25, "watched", include_str!("../../migrations/0025_watched.sql")),
];

/// What a migration says besides in the words of one database, SQLite's and PostgreSQL's: triggers, which they do not
/// write alike. It is run with the migration of this number.
const OWN_WORDS: &[(i64, &str, &str)] = &[
    (
        16,
        include_str!("../../migrations/0016_audit.sqlite.sql"),
        include_str!("../../migrations/0016_audit.postgres.sql"),
    ),
    (
        25,
        include_str!("../../migrations/0025_watched.sqlite.sql"),
        include_str!("../../migrations/0025_watched.postgres.sql"),
    ),
];

/// A migration's text for one of the databases. It is put together of constants.
fn text(flavour: Flavour, version: i64, common: &'static str) -> SqlStr {
    let own = OWN_WORDS.iter().find(|(of, ..)| *of == version).map(|(_, sqlite, postgres)| match flavour {
        Flavour::Sqlite => sqlite,
        Flavour::Postgres => postgres,
    });
    match own {
        Some(own) => AssertSqlSafe(format!("{common}\n{own}")).into_sql_str(),
        None => SqlStr::from_static(common),
    }
}

/// Which database it is, for the few places where they differ: pragmas, row locks, and triggers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// One file; one writer at a time.
    Sqlite,
    /// A server, shared by replicas.
    Postgres,
}

impl Flavour {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// The database.
#[derive(Clone)]
pub struct Store {
    // SQLite has one writer. A pool of one makes writers queue here, in order, instead of failing with "busy" there.
    write: sqlx::AnyPool,
    read: sqlx::AnyPool,
    flavour: Flavour,
    pub(super) counts: Counts,
    bell: Bell,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({:?})", self.flavour)
    }
}

/// A connection for reading. It sees what is committed.
pub struct Session(sqlx::pool::PoolConnection<sqlx::Any>);

impl Deref for Session {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        &self.0
    }
}

impl DerefMut for Session {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.0
    }
}

/// A transaction for writing. Dropped without [`Tx::commit`], nothing of it has happened.
pub struct Tx {
    inner: sqlx::Transaction<'static, sqlx::Any>,
    counts: Counts,
    recount: bool,
    /// What goes into the audit log with it, at its end.
    entries: Vec<Pending>,
    hearers: Option<Vec<DestinationId>>,
    bell: Bell,
    /// Where something may be sent after it.
    deliveries: Vec<DestinationId>,
}

impl Tx {
    /// Makes all of it happen.
    ///
    /// # Errors
    /// Where the database cannot promise that; then nothing of it has happened.
    pub async fn commit(mut self) -> Stored<()> {
        // The end of the audit log's chain is one row, for which writers wait in a line. After it only shares of the keys
        // of destinations are taken, for which nobody waits who holds it: so it is part of no circle, and held briefly.
        if !self.entries.is_empty() {
            let told = audit::append(&mut self.inner, std::mem::take(&mut self.entries)).await?;
            self.deliveries.extend(told);
        }
        let done = self.inner.commit().await;
        if self.recount {
            self.counts.changed();
        }
        if done.is_ok() {
            self.bell.deliveries(&self.deliveries);
        }
        Ok(done?)
    }

    /// Who hears of entries of the audit log, as it was when this was asked for the first time in the transaction: a change
    /// by which somebody no longer hears asks before it is made.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn hearers(&mut self) -> Stored<Vec<DestinationId>> {
        if let Some(known) = &self.hearers {
            return Ok(known.clone());
        }
        let found = hearing::of_audit(&mut self.inner).await?;
        self.hearers = Some(found.clone());
        Ok(found)
    }

    /// Lets an entry go into the audit log with the transaction, at its end.
    pub fn note(&mut self, entry: Pending) {
        self.entries.push(entry);
    }

    /// Says that deliveries to these destinations were written, or may be sent sooner: after the commit, whoever sends
    /// there hears of it.
    pub fn deliver(&mut self, to: impl IntoIterator<Item = DestinationId>) {
        self.deliveries.extend(to);
    }

    /// Says that there will be other numbers of tokens by team and state than before.
    pub fn recount(&mut self) {
        self.recount = true;
    }
}

impl Deref for Tx {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        &self.inner
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.inner
    }
}

impl Store {
    /// Opens `sqlite:PATH` or `postgres://…`, and brings its schema up to date.
    ///
    /// # Errors
    /// Where it cannot be reached or migrated.
    pub async fn open(url: &str) -> Stored<Self> {
        sqlx::any::install_default_drivers();
        let store = if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let pool = AnyPoolOptions::new()
                .max_connections(16)
                .acquire_timeout(Duration::from_secs(10))
                .after_connect(|connection, _| {
                    Box::pin(async move {
                        // Plans are kept, and one that was made while a table was small reads all of it when it is
                        // large. There is an index for whatever is asked often, so that is taken from the beginning. A
                        // table without one for a question is read all the same; the cost that this pretends shall not
                        // make PostgreSQL compile the plan.
                        sqlx::raw_sql("SET enable_seqscan = off; SET jit = off").execute(&mut *connection).await?;
                        Ok(())
                    })
                })
                .connect_with(AnyConnectOptions::from_str(url)?)
                .await?;
            Self {
                write: pool.clone(),
                read: pool,
                flavour: Flavour::Postgres,
                counts: Counts::default(),
                bell: Bell::default(),
            }
        } else {
            let options = AnyConnectOptions::from_str(url)?;
            Self {
                write: sqlite_pool(&options, 1).await?,
                read: sqlite_pool(&options, 8).await?,
                flavour: Flavour::Sqlite,
                counts: Counts::default(),
                bell: Bell::default(),
            }
        };
        let migrations = MIGRATIONS.iter().map(|(version, name, sql)| {
            let sql = text(store.flavour, *version, sql);
            Migration::new(*version, (*name).into(), MigrationType::Simple, sql, false)
        });
        let migrator = Migrator::with_migrations(migrations.collect());
        migrator.run(&store.write).await.map_err(|error| sqlx::Error::Migrate(Box::new(error)))?;
        Ok(store)
    }

    /// The address of an SQLite database in this file, which is made if it is not there.
    pub fn sqlite_url(file: &Path) -> String {
        format!("sqlite:{}?mode=rwc", file.display())
    }

    /// Which database it is.
    pub fn flavour(&self) -> Flavour {
        self.flavour
    }

    /// What is rung after commits.
    pub fn bell(&self) -> &Bell {
        &self.bell
    }

    /// A connection for reading.
    ///
    /// # Errors
    /// Where none becomes free in time.
    pub async fn read(&self) -> Stored<Session> {
        Ok(Session(self.read.acquire().await?))
    }

    /// A transaction for writing.
    ///
    /// # Errors
    /// Where none can be begun in time.
    pub async fn begin(&self) -> Stored<Tx> {
        self.begin_with("BEGIN").await
    }

    /// As [`Store::begin`], for what may be forgotten where the database's machine fails right after the commit: with
    /// PostgreSQL it does not wait for the disk (PostgreSQL, "Asynchronous Commit").
    ///
    /// # Errors
    /// As [`Store::begin`].
    pub async fn begin_light(&self) -> Stored<Tx> {
        self.begin_with("BEGIN; SET LOCAL synchronous_commit = off").await
    }

    async fn begin_with(&self, postgres: &'static str) -> Stored<Tx> {
        let inner = match self.flavour {
            // A transaction that begins by reading cannot always be made a writing one later: take the lock at once.
            Flavour::Sqlite => self.write.begin_with("BEGIN IMMEDIATE").await?,
            Flavour::Postgres => self.write.begin_with(postgres).await?,
        };
        Ok(Tx {
            inner,
            counts: self.counts.clone(),
            recount: false,
            entries: Vec::new(),
            hearers: None,
            bell: self.bell.clone(),
            deliveries: Vec::new(),
        })
    }

    /// Makes an empty database on the PostgreSQL server at this address.
    ///
    /// # Errors
    /// Where the name has other than small letters, digits and `_`, or the server refuses.
    pub async fn create_database(server: &str, name: &str) -> Stored<()> {
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
            return Err(super::StoreError::corrupt("a database's name"));
        }
        sqlx::any::install_default_drivers();
        use sqlx::Connection as _;
        let mut connection = sqlx::AnyConnection::connect(server).await?;
        sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut connection).await?;
        Ok(connection.close().await?)
    }

    /// Lets the database look at how its values are spread, so that it chooses the right index. Done at each start.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn analyze(&self) -> Stored<()> {
        let statement = match self.flavour {
            // Looks only at what has changed, and at a sample of it (SQLite, "PRAGMA optimize").
            Flavour::Sqlite => "PRAGMA optimize=0x10002",
            // Of a table that was never looked at, PostgreSQL assumes that it grows; of one that was found empty, that it
            // stays so, and plans that are kept read all of it. So only what has ten pages is looked at here.
            Flavour::Postgres => {
                "DO $$ DECLARE t regclass; BEGIN FOR t IN SELECT c.oid FROM pg_class c WHERE c.relkind = 'r' \
                 AND c.relnamespace = CAST(current_schema() AS regnamespace) AND pg_relation_size(c.oid) >= 81920 \
                 LOOP EXECUTE 'ANALYZE ' || t; END LOOP; END $$"
            }
        };
        sqlx::query(statement).execute(&self.write).await?;
        Ok(())
    }

    /// Asks whether the database answers.
    ///
    /// # Errors
    /// Where it does not.
    pub async fn ping(&self) -> Stored<()> {
        sqlx::query("SELECT 1").execute(&self.read).await?;
        Ok(())
    }

    /// Writes everything down and lets go of the database.
    pub async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}

async fn sqlite_pool(options: &AnyConnectOptions, connections: u32) -> Stored<sqlx::AnyPool> {
    Ok(AnyPoolOptions::new()
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(30))
        // It is a file: there is no other end that could hang up.
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(|connection, _| {
            Box::pin(async move {
                for pragma in [
                    "PRAGMA busy_timeout = 5000",
                    "PRAGMA journal_mode = WAL",
                    // With WAL, NORMAL survives a crash of the program; a power cut can only lose the last commits.
                    // A hit is acknowledged to its sender after the commit, so it must survive that too: FULL.
                    "PRAGMA synchronous = FULL",
                    "PRAGMA foreign_keys = ON",
                    "PRAGMA cache_size = -8000",
                    "PRAGMA temp_store = MEMORY",
                ] {
                    sqlx::query(pragma).execute(&mut *connection).await?;
                }
                Ok(())
            })
        })
        .connect_with(options.clone())
        .await?)
}
