//! `POST /tokens/adopt`

use super::input::AdoptedToken;
use crate::{
    http::{
        Front,
        api::{body::Body, problem::Problem},
        viewer::KeyHolder,
    },
    tokens,
};
use app::model::token::Token;
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};

/// Watch a key that was made elsewhere
///
/// No secret is held of it, and it cannot be disabled or deleted from here.
#[utoipa::path(
    post, path = "/tokens/adopt", tag = "tokens", operation_id = "adopt_token", request_body = AdoptedToken,
    responses(
        (status = 201, body = Token),
    )
)]
pub async fn adopt(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Body(token): Body<AdoptedToken>,
) -> Result<impl IntoResponse, Problem> {
    Ok((StatusCode::CREATED, Json(tokens::adopt::adopt(&front.house, &viewer, &token.form()).await?)))
}
