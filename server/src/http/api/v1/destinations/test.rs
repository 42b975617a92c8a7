//! `POST /destinations/{id}/test`

use crate::{
    alerts,
    http::{Front, api::problem::Problem, viewer::KeyHolder},
};
use app::model::ids::{DeliveryId, DestinationId};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::Serialize;
use utoipa::ToSchema;

/// The test that was sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sent {
    /// Its delivery.
    pub delivery_id: DeliveryId,
}

/// Send a test
///
/// An alert of type `test`, which appears among the deliveries: `GET /deliveries/{id}` of the answer's `delivery_id` says
/// what came of it.
#[utoipa::path(
    post, path = "/destinations/{id}/test", tag = "destinations", operation_id = "test_destination",
    params(("id" = String, Path)),
    responses(
        (status = 202, body = Sent),
    )
)]
pub async fn test(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<DestinationId>,
) -> Result<(StatusCode, Json<Sent>), Problem> {
    let delivery_id = alerts::test(&front.house, &viewer, &id).await?;
    Ok((StatusCode::ACCEPTED, Json(Sent { delivery_id })))
}
