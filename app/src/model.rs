//! The types that both halves speak, and rules that are pure: no database, no AWS, no clock.

pub mod account;
pub mod acknowledge;
pub mod agent;
pub mod alert;
pub mod audit;
pub mod drill;
pub mod entry;
pub mod factors;
pub mod fault;
pub mod health;
pub mod hit;
pub mod ids;
pub mod incident;
pub mod key;
pub mod list;
pub mod moment;
pub mod pace;
pub mod person;
pub mod provider;
#[cfg(feature = "ssr")]
mod schema;
pub mod secret;
pub mod template;
pub mod token;
pub mod tool;
pub mod viewer;
