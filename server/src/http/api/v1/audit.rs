//! The audit log: what programs can read of it.

pub mod list;
