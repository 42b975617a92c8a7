//! `POST /accounts`

use super::input::NewAccount;
use crate::{
    accounts,
    http::{
        Front,
        api::{body::Body, problem::Problem},
        viewer::KeyHolder,
    },
};
use app::model::{account::AccountView, viewer::Act};
use axum::{Json, extract::State, http::StatusCode};

/// Add an AWS account
///
/// Nothing is asked of AWS yet: test it next.
#[utoipa::path(
    post, path = "/accounts", tag = "accounts", operation_id = "add_account", request_body = NewAccount,
    responses(
        (status = 201, body = AccountView),
    )
)]
pub async fn create(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Body(account): Body<NewAccount>,
) -> Result<(StatusCode, Json<AccountView>), Problem> {
    let form = account.form().or_else(|fault| viewer.must(Act::ManageAccounts).and(Err(fault)))?;
    let made = accounts::add(&front.house, &viewer, &form).await?;
    Ok((StatusCode::CREATED, Json(made)))
}
