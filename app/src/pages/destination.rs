//! Destinations: the addresses alerts can go to.

mod facts;
mod fields;
mod hears;
mod kinds;
pub mod list;
mod machines;
pub mod new;
mod proof;
pub mod remove;
mod replay;
pub mod show;
mod signing;
pub(super) mod words;
