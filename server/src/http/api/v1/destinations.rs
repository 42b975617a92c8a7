//! Destinations: `/destinations`, `/destinations/{id}`, `/destinations/{id}/confirm`, `/destinations/{id}/replay`,
//! `/destinations/{id}/test`

pub mod confirm;
pub mod create;
pub mod list;
pub mod read;
pub mod remove;
pub mod replay;
pub mod test;
