//! The sandbox's listener: turns what arrives into the sandbox's own words, and back.

use crate::{
    house::House,
    issuers::sandbox::{ask::Ask, front},
};
use app::model::moment::Moment;
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{ConnectInfo, Request, State},
    response::Response,
};
use http::{HeaderName, HeaderValue, StatusCode, header};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tower_http::timeout::TimeoutLayer;

/// The longest body that is read, in bytes. Clients send larger objects in parts of 8 MiB.
const LONGEST_BODY: usize = 10 << 20;

/// How long a request may take to arrive.
const PATIENCE: Duration = Duration::from_secs(60);

/// Everything that the sandbox answers. Serve it with the addresses of its callers: records name them.
pub fn router(house: Arc<House>) -> Router {
    Router::new()
        .fallback(answer)
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, PATIENCE))
        .with_state(house)
}

async fn answer(
    State(house): State<Arc<House>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let ask = Ask {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
        body: to_bytes(body, LONGEST_BODY).await.ok().map(Into::into),
        peer: peer.ip(),
    };
    // In a task of its own, because a caller who hangs up early must be recorded all the same.
    let keeper = house.clone();
    let answered = tokio::spawn(async move { front::answer(&keeper, &ask).await }).await;

    let mut response = Response::new(Body::empty());
    match answered {
        Ok(answer) => {
            *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            for (name, value) in answer.headers {
                if let Ok(value) = HeaderValue::from_str(&value) {
                    response.headers_mut().insert(HeaderName::from_static(name), value);
                }
            }
            *response.body_mut() = Body::from(answer.body);
        }
        Err(error) => {
            tracing::error!(%error, "answering a call to the sandbox stopped");
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        }
    }
    // The sandbox's clock and not the machine's, because clients set theirs by it when they are told they are late.
    if let Some(date) = http_date(house.now()) {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}

/// `Sat, 21 Nov 2026 14:03:09 GMT` (RFC 9110, section 5.6.7).
fn http_date(now: Moment) -> Option<HeaderValue> {
    let timestamp = jiff::Timestamp::from_millisecond(now.0).ok()?;
    let text = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&timestamp).ok()?;
    HeaderValue::from_str(&text).ok()
}
