//! `GET /hits/{id}`

use crate::{
    hits,
    http::{Front, api::problem::Problem, viewer::KeyHolder},
};
use app::model::{hit::Hit, ids::HitId};
use axum::{
    Json,
    extract::{Path, State},
};

/// Read a hit
#[utoipa::path(
    get, path = "/hits/{id}", tag = "hits", operation_id = "read_hit", params(("id" = String, Path)),
    responses(
        (status = 200, body = Hit),
    )
)]
pub async fn read(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<HitId>,
) -> Result<Json<Hit>, Problem> {
    Ok(Json(hits::get(&front.house, &viewer, &id).await?))
}
