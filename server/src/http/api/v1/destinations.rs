//! Destinations: `/destinations`, `/destinations/{id}`, `/destinations/{id}/` and `confirm`, `test`, `replay`,
//! `rotate-secret`, `reveal`

pub mod confirm;
pub mod create;
pub mod list;
pub mod read;
pub mod remove;
pub mod replay;
pub mod reveal;
pub mod rotate_secret;
pub mod test;
