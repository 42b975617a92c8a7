//! `GET /destinations/{id}`

use crate::{
    alerts,
    http::{Front, api::problem::Problem, viewer::KeyHolder},
};
use app::model::{alert::Destination, ids::DestinationId};
use axum::{
    Json,
    extract::{Path, State},
};

/// Read a destination
#[utoipa::path(
    get, path = "/destinations/{id}", tag = "destinations", operation_id = "read_destination",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = Destination),
    )
)]
pub async fn read(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<DestinationId>,
) -> Result<Json<Destination>, Problem> {
    Ok(Json(alerts::destination(&front.house, &viewer, &id).await?))
}
