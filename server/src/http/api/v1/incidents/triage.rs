//! `POST /incidents/{id}/acknowledge`, `/resolve` and `/reopen`

use crate::{
    hits,
    http::{
        Front,
        api::{body::Body, problem::Problem},
        viewer::KeyHolder,
    },
};
use app::model::{
    ids::IncidentId,
    incident::{Incident, Resolution},
};
use axum::{
    Json,
    extract::{Path, State},
};
use serde::Deserialize;

/// Acknowledge an incident
#[utoipa::path(
    post, path = "/incidents/{id}/acknowledge", tag = "incidents", operation_id = "acknowledge_incident",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = Incident),
    )
)]
pub async fn acknowledge(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<IncidentId>,
) -> Result<Json<Incident>, Problem> {
    Ok(Json(hits::acknowledge(&front.house, &viewer, &id).await?))
}

/// What an incident turned out to be.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct Verdict {
    /// What it was.
    resolution: Resolution,
    /// Anything that the next reader should know.
    #[serde(default)]
    comment: String,
}

/// Resolve an incident
#[utoipa::path(
    post, path = "/incidents/{id}/resolve", tag = "incidents", operation_id = "resolve_incident",
    params(("id" = String, Path)), request_body = Verdict,
    responses(
        (status = 200, body = Incident),
    )
)]
pub async fn resolve(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<IncidentId>,
    Body(verdict): Body<Verdict>,
) -> Result<Json<Incident>, Problem> {
    Ok(Json(hits::resolve(&front.house, &viewer, &id, verdict.resolution, &verdict.comment).await?))
}

/// Reopen an incident
#[utoipa::path(
    post, path = "/incidents/{id}/reopen", tag = "incidents", operation_id = "reopen_incident",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = Incident),
    )
)]
pub async fn reopen(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<IncidentId>,
) -> Result<Json<Incident>, Problem> {
    Ok(Json(hits::reopen(&front.house, &viewer, &id).await?))
}
