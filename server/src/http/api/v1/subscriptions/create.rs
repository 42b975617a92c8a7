//! `POST /subscriptions`

use crate::{
    alerts,
    http::{
        Front,
        api::{
            body::Body,
            problem::{Problem, ProblemDocument},
        },
        viewer::KeyHolder,
    },
};
use app::model::alert::{Subscription, SubscriptionForm};
use axum::{Json, extract::State, http::StatusCode};

/// Subscribe a destination
///
/// `scope` is `token` (with `token_id`), `team` (with `team`, its name), `label` (with `label`, and `team` for those of
/// one team alone) or `everything`. `kinds` are the kinds of news, `pace` is `every`, `incident` or `daily`. At the pace
/// `incident` it is quiet for `quiet_minutes` after an alert: from 1 to 1,440, and 15 where nobody chose. What is there
/// already stays, with the kinds, the pace and the quiet time that this request names.
#[utoipa::path(
    post, path = "/subscriptions", tag = "subscriptions", operation_id = "subscribe",
    request_body = SubscriptionForm,
    responses(
        (status = 201, body = Subscription),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn create(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Body(form): Body<SubscriptionForm>,
) -> Result<(StatusCode, Json<Subscription>), Problem> {
    Ok((StatusCode::CREATED, Json(alerts::subscribe(&front.house, &viewer, &form).await?)))
}
