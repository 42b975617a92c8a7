//! `GET /accounts`

use crate::{
    accounts,
    http::{Front, api::problem::Problem, viewer::KeyHolder},
};
use app::model::account::AccountView;
use axum::{Json, extract::State};

/// List the AWS accounts
///
/// There are tens of them at most, so they come at once. The sandbox is not among them.
#[utoipa::path(
    get, path = "/accounts", tag = "accounts", operation_id = "list_accounts",
    responses(
        (status = 200, body = Vec<AccountView>),
    )
)]
pub async fn list(State(front): State<Front>, KeyHolder(viewer): KeyHolder) -> Result<Json<Vec<AccountView>>, Problem> {
    Ok(Json(accounts::list(&front.house, &viewer).await?))
}
