//! `PATCH /subscriptions/{id}`

use crate::{
    alerts,
    http::{
        Front,
        api::{body::Body, problem::Problem},
        viewer::KeyHolder,
    },
};
use app::model::{alert::Subscription, ids::SubscriptionId, pace::SubscriptionChange};
use axum::{
    Json,
    extract::{Path, State},
};

/// Change a subscription
///
/// Its kinds of news, its pace, its quiet time, or several of these. What it is about stays: for that, make another one.
#[utoipa::path(
    patch, path = "/subscriptions/{id}", tag = "subscriptions", operation_id = "change_subscription",
    params(("id" = String, Path)), request_body = SubscriptionChange,
    responses(
        (status = 200, body = Subscription),
    )
)]
pub async fn edit(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<SubscriptionId>,
    Body(change): Body<SubscriptionChange>,
) -> Result<Json<Subscription>, Problem> {
    Ok(Json(alerts::change_subscription(&front.house, &viewer, &id, &change).await?))
}
