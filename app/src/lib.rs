//! What people see: the console's pages and islands, and the words that both halves speak.
//!
//! Compiled twice: natively with `ssr`, where pages become HTML, and to wasm with `hydrate`, where islands wake.
//! It knows no database and no AWS: what it needs of the server stands in [`api`] as traits.
#![recursion_limit = "256"]

pub mod api;
pub mod model;
