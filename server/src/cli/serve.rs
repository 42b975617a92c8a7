//! `aviary serve`

use super::{Failure, TheHouse};
use crate::{
    http::metrics,
    people::entry,
    serve::{self, Listeners},
};
use std::sync::Arc;
use tokio::sync::watch;

/// Runs until the process is told to stop, and prints first where everything is.
pub async fn run(house: TheHouse) -> Result<(), Failure> {
    let listeners = Listeners::open(&house.config).await?;
    let (stop, stopping) = watch::channel(false);
    metrics::serve(&house, stopping.clone()).await?;
    let ways = entry::sign_in_ways(&house).await?;
    if !ways.local && ways.providers.is_empty() {
        tracing::warn!(
            "AVIARY_LOCAL_SIGN_IN is off, and no provider is set up: nobody can sign in but by `aviary user sign-in-link EMAIL`"
        );
    }
    println!("Aviary is at {}", house.config.base_url);
    if let Some(code) = entry::setup_code(&house).await? {
        println!("Make the first admin (once, within seven days): {}/setup/{code}", house.config.base_url);
    }
    match &listeners.sandbox {
        Some(sandbox) => {
            let address = sandbox.local_addr().map_err(|error| Failure::Other(error.to_string()))?;
            println!("The sandbox, where its keys work, is at http://{address}");
        }
        None => println!("The sandbox is off."),
    }
    tokio::spawn(async move {
        signal().await;
        tracing::info!("stopping");
        let _ = stop.send(true);
    });
    Ok(serve::run(Arc::clone(&house), listeners, stopping).await?)
}

/// Ends at Ctrl-C, or when a supervisor asks the process to end.
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(error) => {
                tracing::warn!(%error, "SIGTERM cannot be heard");
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! { _ = tokio::signal::ctrl_c() => {}, () = terminated => {} }
}
