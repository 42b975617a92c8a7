//! `POST /destinations/{id}/confirm`

use crate::{
    alerts,
    http::{
        Front,
        api::{body::Optional, problem::Problem},
        viewer::KeyHolder,
    },
};
use app::model::{
    alert::{ConfirmForm, Destination},
    ids::DestinationId,
};
use axum::{
    Json,
    extract::{Path, State},
};

/// Confirm a destination, or ask it for its proof again
///
/// With the `code` of the message that was sent there, confirms it. Without one, sends the mail with the link, the
/// challenge, or the message with a code once more.
#[utoipa::path(
    post, path = "/destinations/{id}/confirm", tag = "destinations", operation_id = "confirm_destination",
    params(("id" = String, Path)), request_body = Option<ConfirmForm>,
    responses(
        (status = 200, body = Destination),
    )
)]
pub async fn confirm(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<DestinationId>,
    Optional(form): Optional<ConfirmForm>,
) -> Result<Json<Destination>, Problem> {
    Ok(Json(match form.code.trim() {
        "" => alerts::confirm_again(&front.house, &viewer, &id).await?,
        code => alerts::confirm_typed(&front.house, &viewer, &id, code).await?,
    }))
}
