//! Hits: what programs can read of them.

pub mod list;
pub mod of_token;
pub mod read;
