//! `GET /audit`

use crate::{
    audit,
    http::{
        Front,
        api::{body::Asked, problem::Problem},
        viewer::KeyHolder,
    },
};
use app::model::{
    audit::{AuditEntry, AuditQuery},
    list::Page,
};
use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which entries to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filters {
    /// Only this act, such as `token.reveal`; `token.*` for all that begin so.
    act: String,
    /// Only of somebody whose name has this in it, or who has this identifier.
    who: String,
    /// Only where the thing's name or the details have this in them, or the thing has this identifier.
    subject: String,
    /// Only from this address, or from those that begin so.
    address: String,
    /// Only since then: a day, or an RFC 3339 time.
    from: String,
    /// Only until then: a day, which counts as a whole, or an RFC 3339 time.
    to: String,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many; 50 if left out, at most 500.
    limit: u32,
}

impl From<Filters> for AuditQuery {
    fn from(asked: Filters) -> Self {
        let Filters { act, who, subject, address, from, to, after, limit } = asked;
        Self { act, who, subject, address, from, to, after, limit }
    }
}

/// List the audit log
///
/// The newest entry first. For keys of admins of the whole installation. Each entry has its place (`seq`, without gaps)
/// and a hash over itself and the entry before; `aviary audit verify` checks them.
#[utoipa::path(
    get, path = "/audit", tag = "audit", operation_id = "list_audit", params(Filters),
    responses(
        (status = 200, body = Page<AuditEntry>),
    )
)]
pub async fn list(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Asked(asked): Asked<Filters>,
) -> Result<Json<Page<AuditEntry>>, Problem> {
    Ok(Json(audit::list(&front.house, &viewer, &asked.into()).await?))
}
