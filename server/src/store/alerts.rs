//! Destinations, subscriptions, and what is on its way to whom.

pub mod attempts;
pub mod deliveries;
pub mod destinations;
pub mod failing;
pub mod hearing;
pub mod held;
pub mod hooks;
pub mod kept;
pub mod leases;
pub mod links;
pub mod proofs;
pub mod queue;
pub mod standing;
pub mod subscriptions;
pub mod tickets;
