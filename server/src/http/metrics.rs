//! Metrics in Prometheus' text format, on a listener of their own, so that they are never exposed with the console.

use super::listen::{self, Limits};
use crate::{house::House, serve::ServeError, tokens};
use app::model::{token::TokenState, viewer::Viewer};
use axum::{Router, extract::State, routing::get};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::Arc;
use tokio::sync::watch;

/// Seconds, for durations from a millisecond to a minute.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 15.0, 60.0];

/// Opens the listener, if one is configured, and answers on it until `stop` becomes true.
///
/// # Errors
/// Where the port is not to be had.
pub async fn serve(house: &Arc<House>, stop: watch::Receiver<bool>) -> Result<(), ServeError> {
    let Some(address) = house.config.metrics_listen else {
        return Ok(());
    };
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS)
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(|error| ServeError::Other(format!("metrics: {error}")))?;
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .map_err(|error| ServeError::Io(format!("AVIARY_METRICS_LISTEN: cannot listen on {address}"), error))?;
    let router = Router::new().route("/metrics", get(print)).with_state((Arc::clone(house), handle));
    tokio::spawn(listen::serve(listener, router, Limits::default(), stop));
    Ok(())
}

async fn print(State((house, handle)): State<(Arc<House>, PrometheusHandle)>) -> String {
    if let Ok(counts) = tokens::list::counts(&house, &Viewer::system("metrics")).await {
        for state in TokenState::ALL {
            // A count of tokens is far below 2^52, where a float would lose it.
            #[expect(clippy::cast_precision_loss, reason = "see above")]
            metrics::gauge!("aviary_tokens", "state" => state.word()).set(counts.of(state) as f64);
        }
    }
    handle.run_upkeep();
    handle.render()
}
