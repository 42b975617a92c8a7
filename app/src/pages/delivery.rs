//! Deliveries: alerts on their way, with every attempt.

pub mod attempts;
pub mod list;
pub mod show;
