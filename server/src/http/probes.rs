//! `/healthz`: the process answers. `/readyz`: it can do its work, because the database answers.

use super::Front;
use axum::{Router, extract::State, http::StatusCode, routing::get};

/// Both routes. They say nothing that needs a sign-in.
pub fn routes() -> Router<Front> {
    Router::new().route("/healthz", get(async || "ok\n")).route("/readyz", get(ready))
}

async fn ready(State(front): State<Front>) -> (StatusCode, &'static str) {
    match front.house.store.ping().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready: the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}
