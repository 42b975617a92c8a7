//! How long a request has to begin its answer. Live pages stay open on purpose; their answer begins at once.

use axum::{
    extract::Request,
    http::{Method, StatusCode},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use std::time::Duration;

/// What the database and the pages need, many times over.
const USUAL: Duration = Duration::from_secs(30);

/// What changes something in AWS waits in the queue of its account, and AWS may ask for patience.
const IN_AWS: Duration = Duration::from_secs(5 * 60);

/// The last parts of the addresses whose requests change something in AWS.
const CHANGES: [&str; 10] =
    ["new", "tokens", "rotate", "disable", "enable", "revoke", "test", "drill", "accounts", "edit"];

/// Answers 503 where the answer does not begin in time. What was begun goes on to its end.
pub async fn patience(request: Request, next: Next) -> Response {
    let patience = of(request.method(), request.uri().path());
    match tokio::time::timeout(patience, next.run(request)).await {
        Ok(response) => response,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

fn of(method: &Method, path: &str) -> Duration {
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    match *method {
        Method::GET | Method::HEAD => USUAL,
        Method::DELETE => IN_AWS,
        _ if CHANGES.contains(&last) => IN_AWS,
        _ => USUAL,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_something_in_aws_may_take_longer() {
        for (method, path, expected) in [
            (Method::POST, "/api/v1/tokens", IN_AWS),
            (Method::POST, "/tokens/new", IN_AWS),
            (Method::POST, "/tokens/t-1/rotate", IN_AWS),
            (Method::DELETE, "/api/v1/tokens/t-1", IN_AWS),
            (Method::GET, "/tokens/new", USUAL),
            (Method::POST, "/api/v1/ingest/cloudtrail", USUAL),
        ] {
            assert_eq!(of(&method, path), expected, "{method} {path}");
        }
    }
}
