//! `PATCH /accounts/{id}`

use super::input;
use crate::{
    accounts,
    http::{
        Front,
        api::{body::Body, problem::Problem},
        viewer::KeyHolder,
    },
};
use app::model::account::{AccountSettings, AccountView};
use axum::{
    Json,
    extract::{Path, State},
};

/// Change an AWS account
///
/// What is left out stays. Tokens that were minted before stay as they are. Test it again afterwards.
#[utoipa::path(
    patch, path = "/accounts/{id}", tag = "accounts", operation_id = "change_account",
    params(("id" = String, Path, description = "Twelve digits")), request_body = AccountSettings,
    responses(
        (status = 200, body = AccountView),
    )
)]
pub async fn edit(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<String>,
    Body(change): Body<serde_json::Map<String, serde_json::Value>>,
) -> Result<Json<AccountView>, Problem> {
    let before = accounts::get_to_change(&front.house, &viewer, &id).await?;
    let form = input::changed(&id, &before.settings, change)?;
    Ok(Json(accounts::edit(&front.house, &viewer, &id, &form).await?))
}
