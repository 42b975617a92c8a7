//! Destinations: the addresses alerts can go to.

mod facts;
mod fields;
mod kinds;
pub mod list;
mod machines;
pub mod new;
mod proof;
pub mod remove;
pub mod show;
mod signing;
pub(super) mod words;
