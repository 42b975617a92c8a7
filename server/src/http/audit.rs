//! The audit log as a file.

use super::{
    Front,
    api::{body::Asked, problem::Problem},
    viewer::SignedIn,
};
use crate::audit::export::{Export, Format};
use app::model::audit::AuditQuery;
use axum::{
    Router,
    body::Body,
    extract::State,
    http::header,
    response::{IntoResponse as _, Response},
    routing::get,
};

/// `/settings/audit.jsonl`, `/settings/audit.csv`
pub fn routes() -> Router<Front> {
    Router::new().route("/settings/audit.jsonl", get(jsonl)).route("/settings/audit.csv", get(csv))
}

async fn jsonl(State(front): State<Front>, who: SignedIn, Asked(query): Asked<AuditQuery>) -> Response {
    export(&front, who, query, Format::Jsonl).await
}

async fn csv(State(front): State<Front>, who: SignedIn, Asked(query): Asked<AuditQuery>) -> Response {
    export(&front, who, query, Format::Csv).await
}

async fn export(front: &Front, who: SignedIn, query: AuditQuery, format: Format) -> Response {
    let export = match Export::begin(&front.house, &who.viewer, &query, format).await {
        Ok(export) => export,
        Err(fault) => return Problem(fault).into_response(),
    };
    let name = format!("aviary-audit-{}.{}", front.house.now().day(), format.word());
    let headers = [
        (header::CONTENT_TYPE, format.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    // A failure in the middle cuts the answer off, so that nobody takes a part for the whole.
    let portions = futures::stream::try_unfold(export, |mut export: Export| async move {
        let portion = export.portion().await.map_err(std::io::Error::other)?;
        Ok::<_, std::io::Error>(portion.map(|portion| (portion, export)))
    });
    (headers, Body::from_stream(portions)).into_response()
}
