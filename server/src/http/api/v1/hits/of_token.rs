//! `GET /tokens/{id}/hits`

use super::list::Filters;
use crate::{
    hits,
    http::{
        Front,
        api::{body::Asked, problem::Problem},
        viewer::KeyHolder,
    },
};
use app::model::{hit::Hit, ids::TokenId, list::Page};
use axum::{
    Json,
    extract::{Path, State},
};

/// List the hits of a token
///
/// The latest event first.
#[utoipa::path(
    get, path = "/tokens/{id}/hits", tag = "hits", operation_id = "list_hits_of_token",
    params(("id" = String, Path), Filters),
    responses(
        (status = 200, body = Page<Hit>),
    )
)]
pub async fn of_token(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<TokenId>,
    Asked(asked): Asked<Filters>,
) -> Result<Json<Page<Hit>>, Problem> {
    Ok(Json(hits::of_token(&front.house, &viewer, &id, asked.into()).await?))
}
