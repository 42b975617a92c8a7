//! Doorways: for each room a trait (its port), which the server implements, and the server functions that pages and
//! islands call. A server function gets the viewer, calls one port method, and returns.

#![allow(
    missing_docs,
    reason = "the server macro makes a struct of each function's arguments, which cannot carry docs"
)]

pub mod accounts;
pub mod alerts;
pub mod health;
pub mod hits;
pub mod people;
pub mod providers;
pub mod tokens;

use crate::model::{fault::Fault, viewer::Viewer};

/// Everything that the console can ask of the server.
pub trait Console:
    tokens::TokensPort
    + hits::HitsPort
    + alerts::AlertsPort
    + accounts::AccountsPort
    + people::PeoplePort
    + providers::ProvidersPort
    + health::HealthPort
{
}

impl<T> Console for T where
    T: tokens::TokensPort
        + hits::HitsPort
        + alerts::AlertsPort
        + accounts::AccountsPort
        + people::PeoplePort
        + providers::ProvidersPort
        + health::HealthPort
{
}

/// What the server puts into the context of each request, for pages and server functions alike.
#[derive(Clone)]
pub struct Desk {
    /// The rooms.
    pub console: std::sync::Arc<dyn Console>,
    /// Who asks; `None` where nobody is signed in.
    pub viewer: Option<Viewer>,
    /// The moment at which the request came, so that all of a page speaks of the same "now".
    pub now: crate::model::moment::Moment,
    /// A number that changes whenever something happens that the viewer may see, as it was when the request came.
    pub rung: u64,
    /// The address under which people reach the console, without a slash at the end.
    pub base_url: std::sync::Arc<str>,
    /// The session in which they ask, by the name that [`SessionView::id`](crate::model::entry::SessionView::id) has.
    pub session: Option<std::sync::Arc<str>>,
}

/// The desk of the current request.
///
/// # Errors
/// `Internal` where there is none, which is a mistake in the wiring.
pub fn desk() -> Result<Desk, Fault> {
    leptos::prelude::use_context::<Desk>().ok_or_else(Fault::internal)
}

/// Who looks at this page, if somebody is signed in.
pub fn viewer() -> Option<Viewer> {
    desk().ok()?.viewer
}

/// The rooms, and who asks.
///
/// # Errors
/// `Unauthenticated` where nobody is signed in.
pub fn enter() -> Result<(std::sync::Arc<dyn Console>, Viewer), Fault> {
    let desk = desk()?;
    let viewer = desk.viewer.ok_or_else(Fault::unauthenticated)?;
    Ok((desk.console, viewer))
}

/// The answer to a posted form, for the page that is rendered in reply.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// It was refused: the values as typed (passwords left out), and why.
    Refused {
        /// Name and value of each field, in the order in which they were sent.
        values: Vec<(String, String)>,
        /// Why.
        fault: Fault,
    },
    /// Nothing was refused: these values were typed before, and the page shows them again.
    Typed {
        /// Name and value of each field, in the order in which they were sent.
        values: Vec<(String, String)>,
    },
    /// A token was minted or its secret revealed.
    Token(Box<crate::model::token::TokenWithSecret>),
    /// A destination was made; its secret is shown once.
    Destination(Box<crate::model::alert::NewDestination>),
    /// The address of a destination that hides it was asked for.
    Address(crate::model::secret::Secret),
    /// A token of a provider was tried out.
    Tried(Box<crate::model::provider::TriedToken>),
    /// Somebody is signed out here, and goes on to sign out at their provider.
    Onward {
        /// The provider's name.
        name: String,
        /// Its address for signing out.
        url: String,
    },
    /// An API key was made; it is shown once.
    ApiKey(Box<crate::model::person::NewApiKey>),
    /// Recovery codes were made; they are shown once.
    Recovery(Vec<crate::model::secret::Secret>),
    /// Somebody was invited: the link to hand over, if no mail server could do it.
    Invited {
        /// Whom it is for.
        email: String,
        /// The link that makes the account.
        link: crate::model::secret::Secret,
    },
}
