//! Deliveries: `/deliveries`, `/deliveries/{id}`, `/deliveries/{id}/retry`

pub mod list;
pub mod read;
pub mod retry;
