//! ROOM alerts: destinations and the proof that somebody wants alerts there, subscriptions, and deliveries.
//!
//! What happened is written down with a delivery for each who hears, in the transaction of what happened
//! ([`outbox::announce`]); a worker hands the deliveries over, again and again until each is accepted or visibly given
//! up ([`worker`]).

pub mod body;
pub mod callback;
mod channels;
mod deliveries;
mod destinations;
pub mod outbox;
pub mod schedule;
mod subscriptions;
pub mod triaged;
pub mod worker;

pub use channels::webhook::signature;
pub use deliveries::{deliveries, retry};
pub use destinations::{
    create::create_destination,
    destination, destinations,
    proof::{awaiting_confirmation, confirm_again, confirm_by_code, typed::confirm_typed},
    remove,
    secret::{reveal, rotate_secret, tidy},
    test,
};
pub use subscriptions::{subscribe, subscribe_in, subscriptions, unsubscribe};
