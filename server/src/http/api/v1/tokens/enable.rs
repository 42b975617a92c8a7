//! `POST /tokens/{id}/enable`

use crate::{
    http::{Front, api::problem::Problem, viewer::KeyHolder},
    tokens,
};
use app::model::{ids::TokenId, token::Token};
use axum::{
    Json,
    extract::{Path, State},
};

/// Enable a token's key
///
/// The key works again, and its uses are seen.
#[utoipa::path(
    post, path = "/tokens/{id}/enable", tag = "tokens", operation_id = "enable_token", params(("id" = String, Path)),
    responses(
        (status = 200, body = Token),
    )
)]
pub async fn enable(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<TokenId>,
) -> Result<Json<Token>, Problem> {
    Ok(Json(tokens::change::set_active(&front.house, &viewer, &id, true).await?))
}
