//! Incidents: the hits on one token that belong together.

pub mod list;
pub mod show;
mod words;
