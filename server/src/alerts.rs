//! ROOM alerts: destinations and the proof that somebody wants alerts there, subscriptions, and deliveries.
//!
//! What happened is written down with a delivery for each who hears, in the transaction of what happened
//! ([`outbox::announce`]), at the [`pace`] that each asked for; what is held back is counted, and goes out in a
//! [`digest`]. A worker hands the deliveries over, again and again until each is accepted or visibly given
//! up ([`worker`]).

pub mod acknowledge;
pub mod audited;
pub mod body;
pub mod callback;
pub mod card;
pub(crate) mod channels;
mod deliveries;
mod destinations;
pub mod digest;
pub mod herald;
pub mod masking;
pub mod outbox;
pub mod pace;
pub mod quiet;
mod replay;
pub mod schedule;
mod silent;
mod subscriptions;
pub mod triaged;
mod unsubscribe;
pub mod worker;

pub use channels::webhook::signature;
pub use deliveries::{deliveries, delivery, first_attempt, retry};
pub use destinations::{
    all_visible,
    create::create_destination,
    destination, destinations, must_own,
    proof::{awaiting_confirmation, confirm_again, confirm_by_code, typed::confirm_typed},
    remove,
    sealing::seal_addresses,
    secret::{reveal, rotate_secret},
    test,
    tidy::tidy,
};
pub use replay::{kept, replay};
pub use subscriptions::{
    change::{Typed, change_subscription, chosen, chosen_of_token},
    held, subscribe, subscribe_in, subscriptions, unsubscribe,
};
pub use unsubscribe::{unsubscribe_by_link, unsubscribing};
