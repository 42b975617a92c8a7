//! `GET /tokens/{id}`

use crate::{
    http::{Front, api::problem::Problem, viewer::KeyHolder},
    tokens,
};
use app::model::{ids::TokenId, token::Token};
use axum::{
    Json,
    extract::{Path, State},
};

/// Read a token
#[utoipa::path(
    get, path = "/tokens/{id}", tag = "tokens", operation_id = "read_token", params(("id" = String, Path)),
    responses(
        (status = 200, body = Token),
    )
)]
pub async fn read(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<TokenId>,
) -> Result<Json<Token>, Problem> {
    Ok(Json(tokens::list::get(&front.house, &viewer, &id).await?.token))
}
