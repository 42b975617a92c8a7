//! Incidents and their triage.

pub mod list;
pub mod read;
pub mod triage;
