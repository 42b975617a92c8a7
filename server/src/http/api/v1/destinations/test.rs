//! `POST /destinations/{id}/test`

use crate::{
    alerts,
    http::{
        Front,
        api::problem::{Problem, ProblemDocument},
        viewer::KeyHolder,
    },
};
use app::model::ids::DestinationId;
use axum::{
    extract::{Path, State},
    http::StatusCode,
};

/// Send a test
///
/// An alert of type `test`, which appears among the deliveries.
#[utoipa::path(
    post, path = "/destinations/{id}/test", tag = "destinations", operation_id = "test_destination",
    params(("id" = String, Path)),
    responses(
        (status = 202),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn test(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<DestinationId>,
) -> Result<StatusCode, Problem> {
    alerts::test(&front.house, &viewer, &id).await?;
    Ok(StatusCode::ACCEPTED)
}
