//! `DELETE /subscriptions/{id}`

use crate::{
    alerts,
    http::{Front, api::problem::Problem, viewer::KeyHolder},
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
