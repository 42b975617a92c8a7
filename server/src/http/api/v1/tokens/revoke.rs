//! `DELETE /tokens/{id}`

use crate::{
    http::{Front, api::problem::Problem, viewer::KeyHolder},
    tokens,
};
use app::model::{ids::TokenId, token::Token};
use axum::{
    Json,
    extract::{Path, State},
};

/// Revoke a token
///
/// Deletes its key and user for good. The token and its hits stay, and late records still match.
#[utoipa::path(
    delete, path = "/tokens/{id}", tag = "tokens", operation_id = "revoke_token", params(("id" = String, Path)),
    responses(
        (status = 200, body = Token),
    )
)]
pub async fn revoke(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<TokenId>,
) -> Result<Json<Token>, Problem> {
    Ok(Json(tokens::change::revoke(&front.house, &viewer, &id).await?))
}
