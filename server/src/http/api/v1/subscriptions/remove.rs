//! `DELETE /subscriptions/{id}`

use crate::{
    alerts,
    http::{
        Front,
        api::problem::{Problem, ProblemDocument},
        viewer::KeyHolder,
    },
};
use app::model::ids::SubscriptionId;
use axum::{
    extract::{Path, State},
    http::StatusCode,
};

/// End a subscription
#[utoipa::path(
    delete, path = "/subscriptions/{id}", tag = "subscriptions", operation_id = "unsubscribe",
    params(("id" = String, Path)),
    responses(
        (status = 204),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn remove(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<SubscriptionId>,
) -> Result<StatusCode, Problem> {
    alerts::unsubscribe(&front.house, &viewer, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
