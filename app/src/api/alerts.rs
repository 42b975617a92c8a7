//! The alerts room's doorway.

use crate::model::{
    acknowledge::Acknowledging,
    alert::{Delivery, DeliveryQuery, Destination, Kept, Subscription},
    fault::Fault,
    ids::{DeliveryId, DestinationId, TokenId},
    list::Page,
    pace::Held,
    viewer::Viewer,
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// What the link in a mail would end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Leaving {
    /// The destination that mail goes to.
    pub destination: Destination,
    /// All that it hears about.
    pub subscriptions: Vec<Subscription>,
}

/// What the alerts room does for the console.
#[async_trait::async_trait]
pub trait AlertsPort: Send + Sync {
    /// Destinations that the viewer may see, by name. There are few; all of them at once.
    async fn destinations(&self, viewer: &Viewer) -> Result<Vec<Destination>, Fault>;
    /// One destination.
    async fn destination(&self, viewer: &Viewer, id: &DestinationId) -> Result<Destination, Fault>;
    /// Subscriptions of one destination, or those that hear about one token, or all that the viewer may see.
    async fn subscriptions(
        &self,
        viewer: &Viewer,
        of: Option<&DestinationId>,
        about: Option<&TokenId>,
    ) -> Result<Vec<Subscription>, Fault>;
    /// What is held back for a destination's next digests.
    async fn held(&self, viewer: &Viewer, of: &DestinationId) -> Result<Vec<Held>, Fault>;
    /// What the link in a mail would end. Needs nobody to be signed in.
    async fn leaving(&self, code: &str) -> Result<Leaving, Fault>;
    /// Deliveries that the viewer may see, newest first.
    async fn deliveries(&self, viewer: &Viewer, query: DeliveryQuery) -> Result<Page<Delivery>, Fault>;
    /// One delivery.
    async fn delivery(&self, viewer: &Viewer, id: &DeliveryId) -> Result<Delivery, Fault>;
    /// What is kept for a destination.
    async fn kept(&self, viewer: &Viewer, id: &DestinationId) -> Result<Kept, Fault>;
    /// What a link to acknowledge is for, without acknowledging. Needs nobody to be signed in.
    async fn acknowledging(&self, code: &str) -> Result<Acknowledging, Fault>;
    /// The destination that a confirmation link is for, without confirming it. Needs nobody to be signed in.
    async fn awaiting_confirmation(&self, code: &str) -> Result<Destination, Fault>;
}

/// Destinations that the viewer may see.
#[server(prefix = "/call", endpoint = "destinations")]
pub async fn list_destinations() -> Result<Vec<Destination>, Fault> {
    let (console, viewer) = super::enter()?;
    console.destinations(&viewer).await
}

/// One destination.
#[server(prefix = "/call", endpoint = "destination")]
pub async fn get_destination(id: DestinationId) -> Result<Destination, Fault> {
    let (console, viewer) = super::enter()?;
    console.destination(&viewer, &id).await
}

/// Subscriptions of one destination, or those that hear about one token.
#[server(prefix = "/call", endpoint = "subscriptions", input = server_fn::codec::Json)]
pub async fn list_subscriptions(of: Option<DestinationId>, about: Option<TokenId>) -> Result<Vec<Subscription>, Fault> {
    let (console, viewer) = super::enter()?;
    console.subscriptions(&viewer, of.as_ref(), about.as_ref()).await
}

/// Deliveries that the viewer may see, newest first.
#[server(prefix = "/call", endpoint = "deliveries", input = server_fn::codec::Json)]
pub async fn list_deliveries(query: DeliveryQuery) -> Result<Page<Delivery>, Fault> {
    let (console, viewer) = super::enter()?;
    console.deliveries(&viewer, query).await
}

/// One delivery.
#[server(prefix = "/call", endpoint = "delivery")]
pub async fn get_delivery(id: DeliveryId) -> Result<Delivery, Fault> {
    let (console, viewer) = super::enter()?;
    console.delivery(&viewer, &id).await
}

/// What is kept for a destination.
#[server(prefix = "/call", endpoint = "kept")]
pub async fn get_kept(id: DestinationId) -> Result<Kept, Fault> {
    let (console, viewer) = super::enter()?;
    console.kept(&viewer, &id).await
}

/// What a link to acknowledge is for.
#[server(prefix = "/call", endpoint = "acknowledging")]
pub async fn get_acknowledging(code: String) -> Result<Acknowledging, Fault> {
    super::desk()?.console.acknowledging(&code).await
}

/// The destination that a confirmation link is for.
#[server(prefix = "/call", endpoint = "awaiting-confirmation")]
pub async fn awaiting_confirmation(code: String) -> Result<Destination, Fault> {
    super::desk()?.console.awaiting_confirmation(&code).await
}

/// What is held back for a destination's next digests.
#[server(prefix = "/call", endpoint = "held")]
pub async fn list_held(of: DestinationId) -> Result<Vec<Held>, Fault> {
    let (console, viewer) = super::enter()?;
    console.held(&viewer, &of).await
}

/// What the link in a mail would end.
#[server(prefix = "/call", endpoint = "leaving")]
pub async fn get_leaving(code: String) -> Result<Leaving, Fault> {
    super::desk()?.console.leaving(&code).await
}
