//! `GET /accounts/{id}`

use crate::{
    accounts,
    http::{Front, api::problem::Problem, viewer::KeyHolder},
};
use app::model::account::AccountView;
use axum::{
    Json,
    extract::{Path, State},
};

/// Read an AWS account
///
/// Its settings, what the last test and the last look at its ways found, and how full it is.
#[utoipa::path(
    get, path = "/accounts/{id}", tag = "accounts", operation_id = "read_account", params(("id" = String, Path, description = "Twelve digits")),
    responses(
        (status = 200, body = AccountView),
    )
)]
pub async fn read(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<String>,
) -> Result<Json<AccountView>, Problem> {
    Ok(Json(accounts::get(&front.house, &viewer, &id).await?))
}
