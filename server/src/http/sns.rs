//! `POST /ingest/sns`: what SNS posts. It carries no key of ours; the message proves itself by its signature.

use super::{
    Front,
    api::{body::Raw, problem::Problem},
};
use crate::intake::sns;
use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
    routing::post,
};

/// The route.
pub fn routes() -> Router<Front> {
    Router::new().route("/ingest/sns", post(take)).layer(DefaultBodyLimit::max(sns::LARGEST))
}

/// SNS says `text/plain` of its JSON, and repeats what is not answered with success.
async fn take(State(front): State<Front>, Raw(body): Raw) -> Result<StatusCode, Problem> {
    match sns::take(&front.house, &body).await {
        Ok(()) => Ok(StatusCode::OK),
        Err(fault) => {
            tracing::info!(%fault, "a message was not taken from SNS");
            Err(Problem(fault))
        }
    }
}
