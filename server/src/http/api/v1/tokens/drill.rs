//! `POST /tokens/{id}/drill`

use crate::{
    drills,
    http::{
        Front,
        api::{body::Optional, problem::Problem},
        viewer::KeyHolder,
    },
};
use app::model::{
    drill::Drill,
    ids::{DestinationId, TokenId},
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::Deserialize;
use utoipa::ToSchema;

/// Whom a drill shall be told to.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DrillOrder {
    /// A destination that hears of it as of a hit, in an alert of type `drill`. Nobody hears of it, if left out.
    #[schema(value_type = Option<String>)]
    pub through: Option<DestinationId>,
}

/// Drill a token
///
/// Aviary uses the key itself, in each region of its account, and waits for that very call to come back. The reply names the
/// drills that were asked for; `GET /tokens/{id}/proof` tells how they went.
#[utoipa::path(
    post, path = "/tokens/{id}/drill", tag = "tokens", operation_id = "drill_token", params(("id" = String, Path)),
    request_body = Option<DrillOrder>,
    responses(
        (status = 202, body = Vec<Drill>),
    )
)]
pub async fn drill(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<TokenId>,
    Optional(order): Optional<DrillOrder>,
) -> Result<(StatusCode, Json<Vec<Drill>>), Problem> {
    let asked = drills::ask(&front.house, &viewer, &id, order.through.as_ref()).await?;
    Ok((StatusCode::ACCEPTED, Json(asked)))
}
