//! The doorways: pages, forms, REST, server functions, live hits, assets. A doorway gets the viewer, calls one room
//! function, and returns.

pub mod api;
pub mod assets;
pub mod audit;
pub mod enrol;
pub mod forms;
pub mod forwarded;
pub mod guard;
pub mod listen;
pub mod live;
pub mod metrics;
pub mod oidc;
pub mod pages;
pub mod patience;
pub mod probes;
pub mod sandbox;
pub mod sns;
pub mod viewer;

use crate::house::House;
use app::shell::Assets;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    middleware,
    routing::post,
};
use std::sync::Arc;
use tokio::sync::watch;
use tower_http::{
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    trace::TraceLayer,
};

/// What every handler can ask for.
#[derive(Clone)]
pub struct Front {
    /// The rooms.
    pub house: Arc<House>,
    /// How the built files are called; absent where they are not built.
    pub assets: Option<Assets>,
    /// Becomes true when the program is to stop: what would go on by itself ends then.
    pub stop: watch::Receiver<bool>,
}

/// The largest body of a form or of a JSON request, in bytes.
const BODY: usize = 64 * 1024;

/// What a line of the log says of a request. Not its address: codes stand in some, and whoever reads the log could use them.
fn span(request: &Request) -> tracing::Span {
    let first = request.uri().path().split('/').nth(1).unwrap_or_default();
    tracing::debug_span!("request", method = %request.method(), path = format!("/{first}"))
}

/// The whole console, until `stop` becomes true.
pub fn router(house: Arc<House>, stop: watch::Receiver<bool>) -> Router {
    // Pages load their data on tokio. Set once per process; a second house in it finds it set.
    let _ = any_spawner::Executor::init_tokio();
    let front = Front { house, assets: assets::assets(), stop };
    let console = Router::new()
        .route("/call/{*name}", post(pages::server_function))
        .merge(forms::routes())
        .merge(oidc::routes())
        .merge(live::routes())
        .merge(audit::routes())
        .fallback(pages::page)
        .layer(DefaultBodyLimit::max(BODY))
        // Asked after it is known who it is: the layer that was added last is passed first.
        .layer(middleware::from_fn_with_state(front.clone(), enrol::lead))
        .layer(middleware::from_fn_with_state(front.clone(), viewer::from_session));
    Router::new()
        .merge(console)
        .nest("/api/v1", api::v1::routes(&front))
        .merge(assets::routes())
        .merge(probes::routes())
        .merge(sns::routes())
        .layer(middleware::from_fn(patience::patience))
        // Around all that answers, so that no answer goes out without its headers.
        .layer(middleware::from_fn_with_state(front.clone(), guard::guard))
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(middleware::from_fn_with_state(front.clone(), forwarded::believe))
        .with_state(front)
}
