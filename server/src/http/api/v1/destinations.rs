//! Destinations: `/destinations`, `/destinations/{id}`, `/destinations/{id}/` and `confirm`, `test`,
//! `rotate-secret`, `reveal`

pub mod confirm;
pub mod create;
pub mod list;
pub mod read;
pub mod remove;
pub mod reveal;
pub mod rotate_secret;
pub mod test;
