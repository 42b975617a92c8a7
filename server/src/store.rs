//! Every SQL statement of Aviary, each written once for SQLite and PostgreSQL.
//!
//! The rooms open a [`Session`] to read or a [`Tx`] to change something, hand it to the functions of the modules
//! below, and commit. They never name a database type.
//!
//! The common subset: `$1` parameters, `ON CONFLICT`, `RETURNING`, `BIGINT` for numbers, times and truth values, `TEXT`
//! for everything else. `SUM` is wrapped in `CAST(… AS BIGINT)`, because PostgreSQL makes a numeric of it.

pub mod accounts;
pub mod alerts;
pub mod audit;
pub mod connect;
pub mod counts;
pub mod cursor;
pub mod drills;
pub mod dump;
pub mod error;
pub mod former_keys;
pub mod heard;
pub mod hits;
pub mod incidents;
pub mod last_used;
pub mod matching;
pub mod people;
pub mod quarantine;
pub mod sandbox;
pub mod scans;
pub mod sealed;
pub mod seen_messages;
pub mod serving;
pub mod sql;
pub mod tokens;

pub use connect::{Session, Store, Tx};
pub use error::StoreError;

/// A connection, inside a transaction or not.
pub type Conn = sqlx::AnyConnection;

/// What every store function returns.
pub type Stored<T> = Result<T, StoreError>;
