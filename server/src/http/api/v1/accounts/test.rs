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
/// Makes a user as a mint would, and takes it away again; and tries out what hearing of its uses needs, without taking a
/// message or a file. `status.checks` has one entry per right, and for queues one per right and queue; what AWS refuses is
/// no error of this call but an entry with the light `bad`, which names the action. `look` is what cannot be told for certain.
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
