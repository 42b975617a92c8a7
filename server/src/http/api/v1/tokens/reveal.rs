//! `POST /tokens/{id}/reveal`

use crate::{
    http::{
        Front,
        api::problem::{Problem, ProblemDocument},
        viewer::KeyHolder,
    },
    tokens,
};
use app::model::{ids::TokenId, token::TokenWithSecret};
use axum::{
    Json,
    extract::{Path, State},
};

/// Reveal a token's secret
///
/// For its owner or an admin, and written to the audit log.
#[utoipa::path(
    post, path = "/tokens/{id}/reveal", tag = "tokens", operation_id = "reveal_secret", params(("id" = String, Path)),
    responses(
        (status = 200, body = TokenWithSecret),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn reveal(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<TokenId>,
) -> Result<Json<TokenWithSecret>, Problem> {
    Ok(Json(tokens::reveal::reveal(&front.house, &viewer, &id, "by API").await?))
}
