//! `/tokens`

pub mod adopt;
pub mod create;
pub mod edit;
pub mod input;
pub mod list;
pub mod read;
pub mod reveal;
pub mod revoke;
