//! `GET /incidents`

use crate::{
    hits,
    http::{
        Front,
        api::{body::Asked, problem::Problem},
        viewer::KeyHolder,
    },
};
use app::model::{
    ids::TokenId,
    incident::{Incident, IncidentQuery, IncidentState},
    list::Page,
};
use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which incidents to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filters {
    /// Only this state.
    state: Option<IncidentState>,
    /// Only of this token.
    #[param(value_type = Option<String>)]
    token_id: Option<TokenId>,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many; 50 if left out, at most 500.
    limit: u32,
}

/// List incidents
///
/// The latest hit first.
#[utoipa::path(
    get, path = "/incidents", tag = "incidents", operation_id = "list_incidents", params(Filters),
    responses(
        (status = 200, body = Page<Incident>),
    )
)]
pub async fn list(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Asked(asked): Asked<Filters>,
) -> Result<Json<Page<Incident>>, Problem> {
    let query = IncidentQuery { state: asked.state, token_id: asked.token_id, after: asked.after, limit: asked.limit };
    Ok(Json(hits::incidents(&front.house, &viewer, &query).await?))
}
