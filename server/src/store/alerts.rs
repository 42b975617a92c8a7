//! Destinations, subscriptions, and what is on its way to whom.

pub mod deliveries;
pub mod destinations;
pub mod queue;
pub mod subscriptions;
