//! Destinations: the addresses alerts can go to.

pub mod list;
pub mod new;
pub mod remove;
mod replay;
pub mod show;
pub(super) mod words;
