//! The REST API.

pub mod body;
pub mod problem;
pub mod v1;
