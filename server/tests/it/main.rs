//! Stories through the public doors, over real parts: one binary, one file per room.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests may stop where something is not as expected"
)]

mod accounts_api;
mod alerts;
mod arrows;
mod audit;
mod aws;
mod clerk;
mod corpus;
mod counts;
mod dump;
mod ears;
mod entry;
mod filing;
mod headers;
mod hits;
mod house;
mod intake;
mod keys;
mod listen;
mod live;
mod logs;
mod matrix;
mod mmdb;
mod openapi;
mod pages;
mod providers;
mod rekey;
mod sandbox;
mod scan;
mod skipped;
mod stop;
mod sweep;
mod threats;
mod tokens;
mod tree;
