//! Handing in records.

pub mod cloudtrail;
