//! `GET /destinations`

use crate::http::api::v1::paging::page_of;
use crate::{
    alerts,
    http::{
        Front,
        api::{body::Asked, problem::Problem},
        viewer::KeyHolder,
    },
};
use app::model::{
    alert::{Destination, DestinationKind, DestinationState},
    list::Page,
};
use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which destinations to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filters {
    /// Only of this kind.
    kind: Option<DestinationKind>,
    /// Only in this state.
    state: Option<DestinationState>,
    /// Only of this name.
    name: Option<String>,
    /// Only with this address, as this reply shows it.
    address: Option<String>,
    /// Only of this team, by name.
    team: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many; 50 if left out, at most 500.
    limit: u32,
}

/// List destinations
///
/// Those that the key may see, by name. The addresses of others are shortened.
#[utoipa::path(
    get, path = "/destinations", tag = "destinations", operation_id = "list_destinations", params(Filters),
    responses(
        (status = 200, body = Page<Destination>),
    )
)]
pub async fn list(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Asked(asked): Asked<Filters>,
) -> Result<Json<Page<Destination>>, Problem> {
    let mut found = alerts::destinations(&front.house, &viewer).await?;
    let is = |asked: &Option<String>, value: &str| asked.as_deref().is_none_or(|asked| asked == value);
    found.retain(|one| {
        asked.kind.is_none_or(|kind| one.kind == kind)
            && asked.state.is_none_or(|state| one.state == state)
            && is(&asked.name, &one.name)
            && is(&asked.address, &one.address)
            && is(&asked.team, one.team.as_deref().unwrap_or_default())
    });
    Ok(Json(page_of(found, asked.after.as_deref(), asked.limit, |one| one.id.as_str())?))
}
