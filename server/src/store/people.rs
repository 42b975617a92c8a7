//! People, teams, roles, sessions, links that let somebody in, API keys, and the installation's settings.

pub mod api_keys;
pub mod invites;
pub mod links;
pub mod persons;
pub mod quiet_hours;
pub mod sessions;
pub mod settings;
pub mod teams;
