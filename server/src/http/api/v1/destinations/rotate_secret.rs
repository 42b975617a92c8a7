//! `POST /destinations/{id}/rotate-secret`

use crate::{
    alerts,
    http::{Front, api::problem::Problem, viewer::KeyHolder},
};
use app::model::{alert::NewDestination, ids::DestinationId};
use axum::{
    Json,
    extract::{Path, State},
};

/// Rotate the secret of a webhook, or of Jira's webhook back
///
/// The reply holds the new `secret`, which is not shown again. For 24 hours both secrets count: requests to a webhook carry
/// two signatures, separated by a space, and what Jira sends may be signed with either.
#[utoipa::path(
    post, path = "/destinations/{id}/rotate-secret", tag = "destinations", operation_id = "rotate_destination_secret",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = NewDestination),
    )
)]
pub async fn rotate_secret(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<DestinationId>,
) -> Result<Json<NewDestination>, Problem> {
    Ok(Json(alerts::rotate_secret(&front.house, &viewer, &id).await?))
}
