//! The doorway to the state of the house.

use crate::model::{
    fault::Fault,
    health::{CheckGroup, Overview, Quarantined},
    list::Page,
    viewer::Viewer,
};
use leptos::prelude::*;

/// What the console asks about the house as a whole.
#[async_trait::async_trait]
pub trait HealthPort: Send + Sync {
    /// What the first page shows, of all that the viewer may see.
    async fn overview(&self, viewer: &Viewer) -> Result<Overview, Fault>;
    /// How each part is doing, the house itself first, then each AWS account; reviewers and admins.
    async fn checks(&self, viewer: &Viewer) -> Result<Vec<CheckGroup>, Fault>;
    /// Records that could not be read, newest first; reviewers and admins.
    async fn quarantine(&self, viewer: &Viewer, after: Option<String>) -> Result<Page<Quarantined>, Fault>;
}

/// What the first page shows.
#[server(prefix = "/call", endpoint = "overview")]
pub async fn get_overview() -> Result<Overview, Fault> {
    let (console, viewer) = super::enter()?;
    console.overview(&viewer).await
}

/// How each part of the house is doing, and each AWS account.
#[server(prefix = "/call", endpoint = "checks")]
pub async fn list_checks() -> Result<Vec<CheckGroup>, Fault> {
    let (console, viewer) = super::enter()?;
    console.checks(&viewer).await
}

/// Records that could not be read, newest first.
#[server(prefix = "/call", endpoint = "quarantine", input = server_fn::codec::Json)]
pub async fn list_quarantine(after: Option<String>) -> Result<Page<Quarantined>, Fault> {
    let (console, viewer) = super::enter()?;
    console.quarantine(&viewer, after).await
}
