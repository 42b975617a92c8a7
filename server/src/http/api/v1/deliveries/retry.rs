//! `POST /deliveries/{id}/retry`

use crate::{
    alerts,
    http::{Front, api::problem::Problem, viewer::KeyHolder},
};
use app::model::{alert::Delivery, ids::DeliveryId};
use axum::{
    Json,
    extract::{Path, State},
};

/// Send a delivery again
///
/// Only one that is kept or was given up. It keeps its identifier, and has the whole schedule before it.
#[utoipa::path(
    post, path = "/deliveries/{id}/retry", tag = "deliveries", operation_id = "retry_delivery",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = Delivery),
    )
)]
pub async fn retry(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<DeliveryId>,
) -> Result<Json<Delivery>, Problem> {
    Ok(Json(alerts::retry(&front.house, &viewer, &id).await?))
}
