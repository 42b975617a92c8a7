//! People, teams, roles, sessions, links that let somebody in, API keys, and the installation's settings.

pub mod api_keys;
pub mod identities;
pub mod invites;
pub mod pending;
pub mod persons;
pub mod provider_sessions;
pub mod providers;
pub mod quiet_hours;
pub mod sessions;
pub mod settings;
pub mod teams;
