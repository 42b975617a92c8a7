#![allow(missing_docs, clippy::all, unused)]
use crate::house::House;
use crate::store::Tx;
use app::model::{alert::*, fault::Fault, ids::*, list::Page, viewer::Viewer};
use std::sync::Arc;
pub mod outbox {
    use super::*;
    use app::model::{hit::Hit, incident::Incident, token::Token};
    pub struct Notice<'a> {
        pub kind: AlertKind,
        pub token: &'a Token,
        pub hit: Option<&'a Hit>,
        pub incident: Option<&'a Incident>,
    }
    pub async fn announce(h: &House, tx: &mut Tx, n: &Notice<'_>) -> Result<usize, Fault> {
        Ok(0)
    }
}
pub mod worker {
    use super::*;
    pub async fn run(h: Arc<House>, s: impl Future<Output = ()>) {
        s.await
    }
}
pub async fn destinations(h: &House, v: &Viewer) -> Result<Vec<Destination>, Fault> {
    Ok(vec![])
}
pub async fn destination(h: &House, v: &Viewer, id: &DestinationId) -> Result<Destination, Fault> {
    Err(Fault::internal())
}
pub async fn subscriptions(
    h: &House,
    v: &Viewer,
    a: Option<&DestinationId>,
    b: Option<&TokenId>,
) -> Result<Vec<Subscription>, Fault> {
    Ok(vec![])
}
pub async fn subscribe(h: &House, v: &Viewer, a: &SubscriptionForm) -> Result<Subscription, Fault> {
    Err(Fault::internal())
}
pub async fn deliveries(h: &House, v: &Viewer, a: &DeliveryQuery) -> Result<Page<Delivery>, Fault> {
    Ok(Page { items: vec![], next: None })
}
pub async fn awaiting_confirmation(h: &House, c: &str) -> Result<Destination, Fault> {
    Err(Fault::internal())
}
