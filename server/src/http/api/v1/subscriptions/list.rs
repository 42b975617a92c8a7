//! `GET /subscriptions`

use crate::http::api::v1::paging::page_of;
use crate::{
    alerts,
    http::{
        Front,
        api::{
            body::Asked,
            problem::{Problem, ProblemDocument},
        },
        viewer::KeyHolder,
    },
};
use app::model::{
    alert::{Scope, Subscription},
    ids::{DestinationId, TokenId},
    list::Page,
};
use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which subscriptions to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filters {
    /// Only of this destination.
    #[param(value_type = Option<String>)]
    destination_id: Option<DestinationId>,
    /// Only those that hear about this token: also those to its team, its labels, and to everything.
    #[param(value_type = Option<String>)]
    token_id: Option<TokenId>,
    /// Only `token`, `team`, `label` or `everything`.
    scope: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many; 50 if left out, at most 500.
    limit: u32,
}

/// List subscriptions
#[utoipa::path(
    get, path = "/subscriptions", tag = "subscriptions", operation_id = "list_subscriptions", params(Filters),
    responses(
        (status = 200, body = Page<Subscription>),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Asked(asked): Asked<Filters>,
) -> Result<Json<Page<Subscription>>, Problem> {
    let (of, about) = (asked.destination_id.as_ref(), asked.token_id.as_ref());
    let mut found = alerts::subscriptions(&front.house, &viewer, of, about).await?;
    if let Some(scope) = &asked.scope {
        found.retain(|one| word(&one.scope) == scope);
    }
    Ok(Json(page_of(found, asked.after.as_deref(), asked.limit, |one| one.id.as_str())?))
}

fn word(scope: &Scope) -> &'static str {
    match scope {
        Scope::Token { .. } => "token",
        Scope::Team { .. } => "team",
        Scope::Label { .. } => "label",
        Scope::Everything => "everything",
    }
}
