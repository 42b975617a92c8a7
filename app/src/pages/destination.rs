//! Destinations: the addresses alerts can go to.

mod hears;
pub mod list;
pub mod new;
pub mod remove;
pub mod show;
pub(super) mod words;
