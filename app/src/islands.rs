//! The few parts that wake up in the browser. Everything else is HTML and plain forms, and each of these adds to
//! something that works without it.

#![allow(
    clippy::expect_used,
    missing_docs,
    reason = "the island macro writes undocumented glue around each of these that serialises their properties"
)]

pub mod auto_submit;
pub mod check_form;
#[cfg(feature = "hydrate")]
pub mod clock;
pub mod confirm;
pub mod copy;
#[cfg(feature = "hydrate")]
mod dom;
pub mod live;
pub mod passkey;
