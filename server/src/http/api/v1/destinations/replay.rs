//! `POST /destinations/{id}/replay`

use crate::{
    alerts,
    http::{
        Front,
        api::{body::Body, problem::Problem},
        viewer::KeyHolder,
    },
};
use app::model::{alert::Replayed, fault::Fault, ids::DestinationId, moment::Moment};
use axum::{
    Json,
    extract::{Path, State},
};
use serde::Deserialize;
use utoipa::ToSchema;

/// What is to be sent again.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// What was caused since then: RFC 3339, or a day.
    pub from: String,
    /// Also what was accepted already.
    #[serde(default)]
    pub all: bool,
}

/// Send again what was not accepted
///
/// What is kept or was given up since a moment, the oldest first and at most 1,000 at once; the answer says how many are
/// left. Each keeps its identifier.
#[utoipa::path(
    post, path = "/destinations/{id}/replay", tag = "destinations", operation_id = "replay_destination",
    params(("id" = String, Path)),
    request_body = Replay,
    responses(
        (status = 200, body = Replayed),
    )
)]
pub async fn replay(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Path(id): Path<DestinationId>,
    Body(asked): Body<Replay>,
) -> Result<Json<Replayed>, Problem> {
    let Some(from) = Moment::parse(&asked.from) else {
        alerts::must_own(&front.house, &viewer, &id).await?;
        return Err(Fault::field("from", "expected a day, or a time such as 2027-03-01T14:00:00Z").into());
    };
    Ok(Json(alerts::replay(&front.house, &viewer, &id, from, asked.all).await?))
}
