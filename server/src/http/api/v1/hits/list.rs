//! `GET /hits`

use crate::{
    hits,
    http::{
        Front,
        api::{body::Asked, problem::Problem},
        viewer::KeyHolder,
    },
};
use app::model::{
    hit::{Hit, HitKind, HitQuery},
    ids::{IncidentId, TokenId},
    list::Page,
};
use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which hits to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filters {
    /// Only of this token.
    #[param(value_type = Option<String>)]
    token_id: Option<TokenId>,
    /// Only of this incident.
    #[param(value_type = Option<String>)]
    incident_id: Option<IncidentId>,
    /// Only of this kind.
    kind: Option<HitKind>,
    /// Leaves Aviary's own drills out.
    no_drills: bool,
    /// Only from this address.
    source_ip: String,
    /// Only this event, such as `GetCallerIdentity`.
    event_name: String,
    /// Only in this region.
    aws_region: String,
    /// Only of this service, such as `sts.amazonaws.com`.
    event_source: String,
    /// Only this event, by CloudTrail's identifier.
    event_id: String,
    /// Only with this error, such as `AccessDenied`.
    error_code: String,
    /// Only by exactly this user agent.
    user_agent: String,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many; 50 if left out, at most 500.
    limit: u32,
}

impl From<Filters> for HitQuery {
    fn from(asked: Filters) -> Self {
        Self {
            token_id: asked.token_id,
            kind: asked.kind,
            no_drills: asked.no_drills,
            source_ip: asked.source_ip,
            event_name: asked.event_name,
            aws_region: asked.aws_region,
            event_source: asked.event_source,
            event_id: asked.event_id,
            error_code: asked.error_code,
            user_agent: asked.user_agent,
            incident_id: asked.incident_id,
            after: asked.after,
            limit: asked.limit,
        }
    }
}

/// List hits
///
/// The latest event first.
#[utoipa::path(
    get, path = "/hits", tag = "hits", operation_id = "list_hits", params(Filters),
    responses(
        (status = 200, body = Page<Hit>),
    )
)]
pub async fn list(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Asked(asked): Asked<Filters>,
) -> Result<Json<Page<Hit>>, Problem> {
    Ok(Json(hits::list(&front.house, &viewer, &asked.into()).await?))
}
