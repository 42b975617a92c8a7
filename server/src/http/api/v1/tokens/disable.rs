//! `POST /tokens/{id}/disable`

use crate::{
    http::{
        Front,
        api::problem::{Problem, ProblemDocument},
        viewer::KeyHolder,
    },
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
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn disable(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<TokenId>,
) -> Result<Json<Token>, Problem> {
    Ok(Json(tokens::change::set_active(&front.house, &viewer, &id, false).await?))
}
