//! `POST /tokens/{id}/rotate`

use crate::{
    http::{Front, api::problem::Problem, viewer::KeyHolder},
    tokens,
};
use app::model::{ids::TokenId, token::TokenWithSecret};
use axum::{
    Json,
    extract::{Path, State},
};

/// Rotate a token
///
/// Makes a second key for the same user; the reply holds its secret. The key from before stays active until the token is
/// disabled, and is watched for ever. IAM allows two keys: the one from before an earlier rotation is deleted.
#[utoipa::path(
    post, path = "/tokens/{id}/rotate", tag = "tokens", operation_id = "rotate_token", params(("id" = String, Path)),
    responses(
        (status = 200, body = TokenWithSecret),
    )
)]
pub async fn rotate(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<TokenId>,
) -> Result<Json<TokenWithSecret>, Problem> {
    Ok(Json(tokens::rotate::rotate(&front.house, &viewer, &id).await?))
}
