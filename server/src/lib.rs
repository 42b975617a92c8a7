//! What works: the rooms of Aviary, and what they stand on.
//!
//! `main → everything`; `http → rooms, app`; `rooms → store, issuers, net, model`. ARCHITECTURE.md draws the map.

pub mod config;
pub mod house;
pub mod http;
pub mod issuers;
pub mod live;
pub mod mail;
pub mod net;
pub mod seal;
pub mod store;
