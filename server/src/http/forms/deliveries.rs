//! Forms about deliveries.

use super::{Outcome, act, fields::Fields, subscriptions::back};
use crate::{
    alerts,
    http::{Front, viewer::SignedIn},
};
use app::model::ids::DeliveryId;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
};

/// `/deliveries/ID/retry`
pub fn routes() -> Router<Front> {
    Router::new().route("/deliveries/{id}/retry", act(retry, "/deliveries/{}"))
}

async fn retry(State(front): State<Front>, who: SignedIn, Path(id): Path<DeliveryId>, fields: Fields) -> Response {
    let done = alerts::retry(&front.house, &who.viewer, &id).await;
    let (page, to) = back(&fields, "retried");
    Outcome { front: &front, who, page: &page, fields: &fields }.go(done, |_| to).await
}
