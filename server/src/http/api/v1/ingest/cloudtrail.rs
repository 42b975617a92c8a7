//! `POST /ingest/cloudtrail`

use crate::{
    http::{
        Front,
        api::{
            body::Raw,
            problem::{Problem, ProblemDocument},
        },
        viewer::KeyHolder,
    },
    intake::{self, Received, read::INFLATED},
};
use app::model::hit::Source;
use axum::{Json, extract::State};

/// The largest body, in bytes: as large as a gzip body may become.
pub const LARGEST: usize = INFLATED;

/// Hand in CloudTrail records
///
/// A bare record, a log file (`{"Records": […]}`), an EventBridge event, an array of these, or several of these one after
/// the other; gzip or not. Sending the same records again is safe: each event is kept once. A record that cannot be read
/// is kept for an admin to look at, and does not lose the others.
#[utoipa::path(
    post, path = "/ingest/cloudtrail", tag = "ingest", operation_id = "ingest_cloudtrail",
    request_body(content = serde_json::Value, content_type = "application/json"),
    responses(
        (status = 200, body = Received),
        (status = 400, description = "No JSON; says where", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn cloudtrail(
    State(front): State<Front>,
    KeyHolder(viewer): KeyHolder,
    Raw(body): Raw,
) -> Result<Json<Received>, Problem> {
    Ok(Json(intake::ingest(&front.house, &viewer, Source::Webhook, &body).await?))
}
