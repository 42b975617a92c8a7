//! Subscriptions: `/subscriptions`, `/subscriptions/{id}`

pub mod create;
pub mod edit;
pub mod list;
pub mod remove;
