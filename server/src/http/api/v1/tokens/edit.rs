//! `PATCH /tokens/{id}`

use super::input::TokenPatch;
use crate::{
    http::{
        Front,
        api::{body::Body, problem::Problem},
        viewer::KeyHolder,
    },
    tokens,
};
use app::model::{ids::TokenId, token::Token};
use axum::{
    Json,
    extract::{Path, State},
};

/// Change a token
///
/// Owner, location, notes, labels, expiry, what happens at a hit, and whether the key works.
#[utoipa::path(
    patch, path = "/tokens/{id}", tag = "tokens", operation_id = "change_token", params(("id" = String, Path)),
    request_body = TokenPatch,
    responses(
        (status = 200, body = Token),
    )
)]
pub async fn edit(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<TokenId>,
    Body(patch): Body<TokenPatch>,
) -> Result<Json<Token>, Problem> {
    let active = patch.key_active;
    let mut token = tokens::change::edit(&front.house, &viewer, &id, &patch.change()).await?;
    if let Some(active) = active.filter(|active| *active != token.key_active) {
        token = tokens::change::set_active(&front.house, &viewer, &id, active).await?;
    }
    Ok(Json(token))
}
