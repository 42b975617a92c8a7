//! `GET /incidents/{id}`

use crate::{
    hits,
    http::{Front, api::problem::Problem, viewer::KeyHolder},
};
use app::model::{ids::IncidentId, incident::Incident};
use axum::{
    Json,
    extract::{Path, State},
};

/// Read an incident
#[utoipa::path(
    get, path = "/incidents/{id}", tag = "incidents", operation_id = "read_incident", params(("id" = String, Path)),
    responses(
        (status = 200, body = Incident),
    )
)]
pub async fn read(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<IncidentId>,
) -> Result<Json<Incident>, Problem> {
    Ok(Json(hits::incident(&front.house, &viewer, &id).await?.incident))
}
