//! `/tokens`

pub mod adopt;
pub mod create;
pub mod disable;
pub mod drill;
pub mod edit;
pub mod enable;
pub mod input;
pub mod list;
pub mod proof;
pub mod read;
pub mod reveal;
pub mod revoke;
pub mod rotate;
