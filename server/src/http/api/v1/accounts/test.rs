//! `POST /accounts/{id}/test`

use crate::{
    accounts,
    http::{Front, api::problem::Problem, viewer::KeyHolder},
};
use app::model::account::AccountView;
use axum::{
    Json,
    extract::{Path, State},
};

/// Test an AWS account
///
/// Makes a user as a mint would, and takes it away again. `status.checks` has one entry per right; what AWS refuses is no
/// error of this call but an entry with the light `bad`, which names the action.
#[utoipa::path(
    post, path = "/accounts/{id}/test", tag = "accounts", operation_id = "test_account", params(("id" = String, Path, description = "Twelve digits")),
    responses(
        (status = 200, body = AccountView),
    )
)]
pub async fn test(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<String>,
) -> Result<Json<AccountView>, Problem> {
    Ok(Json(accounts::test(&front.house, &viewer, &id).await?))
}
