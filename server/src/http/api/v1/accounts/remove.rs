//! `DELETE /accounts/{id}`

use crate::{
    accounts,
    http::{Front, api::problem::Problem, viewer::KeyHolder},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
};

/// Remove an AWS account
///
/// Refused while it holds living tokens: without the account Aviary could not disable or delete them.
#[utoipa::path(
    delete, path = "/accounts/{id}", tag = "accounts", operation_id = "remove_account", params(("id" = String, Path, description = "Twelve digits")),
    responses(
        (status = 204),
    )
)]
pub async fn remove(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    accounts::remove(&front.house, &viewer, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
