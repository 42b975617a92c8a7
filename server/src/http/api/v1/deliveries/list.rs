//! `GET /deliveries`

use crate::{
    alerts,
    http::{
        Front,
        api::{body::Asked, problem::Problem},
        viewer::KeyHolder,
    },
};
use app::model::{
    alert::{Delivery, DeliveryQuery, DeliveryState},
    ids::{DestinationId, TokenId},
    list::Page,
};
use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which deliveries to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filters {
    /// Only to this destination.
    #[param(value_type = Option<String>)]
    destination_id: Option<DestinationId>,
    /// Only about this token.
    #[param(value_type = Option<String>)]
    token_id: Option<TokenId>,
    /// Only in this state.
    state: Option<DeliveryState>,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many; 50 if left out, at most 500.
    limit: u32,
}

/// List deliveries
///
/// The newest first, each with all its attempts.
#[utoipa::path(
    get, path = "/deliveries", tag = "deliveries", operation_id = "list_deliveries", params(Filters),
    responses(
        (status = 200, body = Page<Delivery>),
    )
)]
pub async fn list(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Asked(asked): Asked<Filters>,
) -> Result<Json<Page<Delivery>>, Problem> {
    let query = DeliveryQuery {
        destination_id: asked.destination_id,
        token_id: asked.token_id,
        state: asked.state,
        after: asked.after,
        limit: asked.limit,
    };
    Ok(Json(alerts::deliveries(&front.house, &viewer, &query).await?))
}
