//! People, teams, roles, sessions, second factors, links that let somebody in, API keys, and the installation's settings.

pub mod api_keys;
pub mod ceremonies;
pub mod identities;
pub mod invites;
pub mod links;
pub mod passkeys;
pub mod pending;
pub mod persons;
pub mod provider_sessions;
pub mod providers;
pub mod quiet_hours;
pub mod recovery;
pub mod second;
pub mod second_tickets;
pub mod sessions;
pub mod settings;
pub mod teams;
pub mod totp;
