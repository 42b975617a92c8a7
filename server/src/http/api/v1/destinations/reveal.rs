//! `POST /destinations/{id}/reveal`

use crate::{
    alerts,
    http::{Front, api::problem::Problem, viewer::KeyHolder},
};
use app::model::{ids::DestinationId, secret::Secret};
use axum::{
    Json,
    extract::{Path, State},
};
use serde::Serialize;
use utoipa::ToSchema;

/// An address in full.
#[derive(Debug, Serialize, ToSchema)]
pub struct Revealed {
    /// The address.
    address: Secret,
}

/// Reveal a destination's address
///
/// For whoever made it and admins, and written to the audit log. Of the kinds whose address is a password, all other
/// replies hold a mask.
#[utoipa::path(
    post, path = "/destinations/{id}/reveal", tag = "destinations", operation_id = "reveal_destination_address",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = Revealed),
    )
)]
pub async fn reveal(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<DestinationId>,
) -> Result<Json<Revealed>, Problem> {
    Ok(Json(Revealed { address: alerts::reveal(&front.house, &viewer, &id).await? }))
}
