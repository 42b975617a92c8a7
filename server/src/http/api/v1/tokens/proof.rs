//! `GET /tokens/{id}/proof`

use crate::{
    drills,
    http::{Front, api::problem::Problem, viewer::KeyHolder},
};
use app::model::{drill::Proof, ids::TokenId};
use axum::{
    Json,
    extract::{Path, State},
};

/// Read what proves that a token is armed
///
/// When a drill was last heard, by which ways and after how long, what is missing, and the latest drills.
#[utoipa::path(
    get, path = "/tokens/{id}/proof", tag = "tokens", operation_id = "read_proof", params(("id" = String, Path)),
    responses(
        (status = 200, body = Proof),
    )
)]
pub async fn proof(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<TokenId>,
) -> Result<Json<Proof>, Problem> {
    Ok(Json(drills::proof(&front.house, &viewer, &id).await?))
}
