//! The doorway to sign-in providers.

use crate::model::{fault::Fault, provider::ProviderView, viewer::Viewer};
use leptos::prelude::*;

/// What the console asks about sign-in providers.
#[async_trait::async_trait]
pub trait ProvidersPort: Send + Sync {
    /// Every provider; admins.
    async fn providers(&self, viewer: &Viewer) -> Result<Vec<ProviderView>, Fault>;
    /// One provider; admins.
    async fn provider(&self, viewer: &Viewer, id: &str) -> Result<ProviderView, Fault>;
}

/// Every provider.
#[server(prefix = "/call", endpoint = "providers")]
pub async fn list_providers() -> Result<Vec<ProviderView>, Fault> {
    let (console, viewer) = super::enter()?;
    console.providers(&viewer).await
}

/// One provider.
#[server(prefix = "/call", endpoint = "provider")]
pub async fn get_provider(id: String) -> Result<ProviderView, Fault> {
    let (console, viewer) = super::enter()?;
    console.provider(&viewer, &id).await
}
