//! `POST /destinations/{id}/confirm`

use crate::{
    alerts,
    http::{
        Front,
        api::problem::{Problem, ProblemDocument},
        viewer::KeyHolder,
    },
};
use app::model::{alert::Destination, ids::DestinationId};
use axum::{
    Json,
    extract::{Path, State},
};

/// Ask a destination for its proof again
///
/// Sends the mail with the link, or the challenge, once more.
#[utoipa::path(
    post, path = "/destinations/{id}/confirm", tag = "destinations", operation_id = "confirm_destination",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = Destination),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 429, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn confirm(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<DestinationId>,
) -> Result<Json<Destination>, Problem> {
    Ok(Json(alerts::confirm_again(&front.house, &viewer, &id).await?))
}
