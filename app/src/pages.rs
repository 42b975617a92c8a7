//! One file per page, as `noun/verb.rs`.

pub mod delivery;
pub mod destination;
pub mod door;
pub mod health;
pub mod incident;
pub mod not_found;
pub mod overview;
pub mod settings;
pub mod token;
