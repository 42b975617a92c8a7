//! One file per page, as `noun/verb.rs`.

pub mod not_found;
pub mod overview;
pub mod token;
