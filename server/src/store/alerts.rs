//! Destinations, subscriptions, and what is on its way to whom.

pub mod attempts;
pub mod deliveries;
pub mod destinations;
pub mod leases;
pub mod proofs;
pub mod queue;
pub mod subscriptions;
pub mod tickets;
