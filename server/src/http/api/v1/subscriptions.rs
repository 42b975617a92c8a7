//! Subscriptions: `/subscriptions`, `/subscriptions/{id}`

pub mod create;
pub mod list;
pub mod remove;
