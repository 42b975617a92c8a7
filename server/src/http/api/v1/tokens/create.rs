//! `POST /tokens`

use super::input::NewToken;
use crate::{
    http::{
        Front,
        api::{body::Body, problem::Problem},
        viewer::KeyHolder,
    },
    tokens,
};
use app::model::{
    fault::{Fault, FaultKind},
    token::TokenWithSecret,
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};

/// Mint a token
///
/// The reply holds the secret; it is not shown again without a note in the audit log. With `Idempotency-Key` the same
/// request can be sent again without minting twice.
#[utoipa::path(
    post, path = "/tokens", tag = "tokens", operation_id = "mint_token",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 255 printable ASCII characters")),
    request_body = NewToken,
    responses(
        (status = 201, body = TokenWithSecret),
    )
)]
pub async fn create(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    headers: HeaderMap,
    Body(token): Body<NewToken>,
) -> Result<impl IntoResponse, Problem> {
    let minted = match headers.get("idempotency-key") {
        None => tokens::mint::mint(&front.house, &viewer, &token.form()).await?,
        Some(name) => {
            let name = name
                .to_str()
                .map_err(|_| Fault::new(FaultKind::Malformed, "Idempotency-Key: expected printable ASCII"))?;
            tokens::mint::mint_once(&front.house, &viewer, &token.form(), name).await?
        }
    };
    Ok((StatusCode::CREATED, Json(minted)))
}
