//! `DELETE /destinations/{id}`

use crate::{
    alerts,
    http::{Front, api::problem::Problem, viewer::KeyHolder},
};
use app::model::ids::DestinationId;
use axum::{
    extract::{Path, State},
    http::StatusCode,
};

/// Remove a destination
///
/// Its subscriptions end, and alerts that wait for it are given up. Its deliveries stay in the log.
#[utoipa::path(
    delete, path = "/destinations/{id}", tag = "destinations", operation_id = "remove_destination",
    params(("id" = String, Path)),
    responses(
        (status = 204),
    )
)]
pub async fn remove(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<DestinationId>,
) -> Result<StatusCode, Problem> {
    alerts::remove(&front.house, &viewer, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
