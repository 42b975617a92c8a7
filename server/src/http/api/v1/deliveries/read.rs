//! `GET /deliveries/{id}`

use crate::{
    alerts,
    http::{Front, api::problem::Problem, viewer::KeyHolder},
};
use app::model::{alert::Delivery, ids::DeliveryId};
use axum::{
    Json,
    extract::{Path, State},
};

/// Read a delivery
///
/// With every attempt: when, how long, the status, and the first 4 KiB of what was answered, without secrets.
#[utoipa::path(
    get, path = "/deliveries/{id}", tag = "deliveries", operation_id = "get_delivery",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = Delivery),
    )
)]
pub async fn read(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<DeliveryId>,
) -> Result<Json<Delivery>, Problem> {
    Ok(Json(alerts::delivery(&front.house, &viewer, &id).await?))
}
