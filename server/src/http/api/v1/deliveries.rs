//! Deliveries: `/deliveries`, `/deliveries/{id}/retry`

pub mod list;
pub mod retry;
