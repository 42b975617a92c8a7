//! `POST /tokens/{id}/disable`

use crate::{
    http::{Front, api::problem::Problem, viewer::KeyHolder},
    tokens,
};
use app::model::{ids::TokenId, token::Token};
use axum::{
    Json,
    extract::{Path, State},
};

/// Disable a token's key
///
/// Every key of the token: nobody who uses one of them is seen from then on.
#[utoipa::path(
    post, path = "/tokens/{id}/disable", tag = "tokens", operation_id = "disable_token", params(("id" = String, Path)),
    responses(
        (status = 200, body = Token),
    )
)]
pub async fn disable(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<TokenId>,
) -> Result<Json<Token>, Problem> {
    Ok(Json(tokens::change::set_active(&front.house, &viewer, &id, false).await?))
}
