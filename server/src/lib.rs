//! What works: the rooms of Aviary, and what they stand on.
//!
//! `main → everything`; `http → rooms, app`; `rooms → store, issuers, net, model`. ARCHITECTURE.md draws the map.

// With optimisations, the type of a whole page is laid out at once, and pages nest deeply.
#![recursion_limit = "512"]

pub mod accounts;
pub mod alerts;
pub mod audit;
pub mod clerk;
pub mod cli;
pub mod config;
pub mod desk;
pub mod drills;
#[doc(hidden)]
pub mod fuzzing;
pub mod geo;
pub mod health;
pub mod hits;
pub mod house;
pub mod http;
pub mod intake;
pub mod issuers;
pub mod live;
pub mod mail;
pub mod net;
pub mod people;
pub mod rekey;
pub mod seal;
pub mod serve;
pub mod serving;
pub mod steps;
pub mod store;
pub mod sweep;
pub mod tokens;
