//! The people room's doorway.

use crate::model::{
    audit::{AuditEntry, AuditQuery},
    fault::Fault,
    list::Page,
    pace::QuietHours,
    person::{ApiKey, Invite, Person, Team},
    viewer::Viewer,
};
use leptos::prelude::*;

/// What the people room does for the console.
#[async_trait::async_trait]
pub trait PeoplePort: Send + Sync {
    /// The viewer's own account.
    async fn me(&self, viewer: &Viewer) -> Result<Person, Fault>;
    /// Addresses of some admins of the installation, for a person who has no role yet.
    async fn whom_to_ask(&self, viewer: &Viewer) -> Result<Vec<String>, Fault>;
    /// The viewer's own quiet hours, if they have some.
    async fn quiet_hours(&self, viewer: &Viewer) -> Result<Option<QuietHours>, Fault>;
    /// Everybody; admins only.
    async fn people(&self, viewer: &Viewer) -> Result<Vec<Person>, Fault>;
    /// Teams that the viewer belongs to, or all of them for an installation-wide role.
    async fn teams(&self, viewer: &Viewer) -> Result<Vec<Team>, Fault>;
    /// Invitations that were not yet followed; admins only.
    async fn invites(&self, viewer: &Viewer) -> Result<Vec<Invite>, Fault>;
    /// API keys; admins only.
    async fn api_keys(&self, viewer: &Viewer) -> Result<Vec<ApiKey>, Fault>;
    /// The audit log, newest first; admins only.
    async fn audit(&self, viewer: &Viewer, query: AuditQuery) -> Result<Page<AuditEntry>, Fault>;
    /// Whether this code is the one that makes the first admin. Needs nobody to be signed in.
    async fn setup_open(&self, code: &str) -> Result<(), Fault>;
    /// The invitation that a link is for. Needs nobody to be signed in.
    async fn invited(&self, code: &str) -> Result<Invite, Fault>;
}

/// The viewer's own account.
#[server(prefix = "/call", endpoint = "me")]
pub async fn get_me() -> Result<Person, Fault> {
    let (console, viewer) = super::enter()?;
    console.me(&viewer).await
}

/// Addresses of some admins of the installation.
#[server(prefix = "/call", endpoint = "whom-to-ask")]
pub async fn whom_to_ask() -> Result<Vec<String>, Fault> {
    let (console, viewer) = super::enter()?;
    console.whom_to_ask(&viewer).await
}

/// The viewer's own quiet hours.
#[server(prefix = "/call", endpoint = "quiet-hours")]
pub async fn get_quiet_hours() -> Result<Option<QuietHours>, Fault> {
    let (console, viewer) = super::enter()?;
    console.quiet_hours(&viewer).await
}

/// Everybody.
#[server(prefix = "/call", endpoint = "people")]
pub async fn list_people() -> Result<Vec<Person>, Fault> {
    let (console, viewer) = super::enter()?;
    console.people(&viewer).await
}

/// Teams that the viewer belongs to.
#[server(prefix = "/call", endpoint = "teams")]
pub async fn list_teams() -> Result<Vec<Team>, Fault> {
    let (console, viewer) = super::enter()?;
    console.teams(&viewer).await
}

/// Invitations that were not yet followed.
#[server(prefix = "/call", endpoint = "invites")]
pub async fn list_invites() -> Result<Vec<Invite>, Fault> {
    let (console, viewer) = super::enter()?;
    console.invites(&viewer).await
}

/// API keys.
#[server(prefix = "/call", endpoint = "api-keys")]
pub async fn list_api_keys() -> Result<Vec<ApiKey>, Fault> {
    let (console, viewer) = super::enter()?;
    console.api_keys(&viewer).await
}

/// The audit log, newest first.
#[server(prefix = "/call", endpoint = "audit", input = server_fn::codec::Json)]
pub async fn list_audit(query: AuditQuery) -> Result<Page<AuditEntry>, Fault> {
    let (console, viewer) = super::enter()?;
    console.audit(&viewer, query).await
}

/// Whether this code is the one that makes the first admin.
#[server(prefix = "/call", endpoint = "setup-open")]
pub async fn setup_open(code: String) -> Result<(), Fault> {
    super::desk()?.console.setup_open(&code).await
}

/// The invitation that a link is for.
#[server(prefix = "/call", endpoint = "invited")]
pub async fn invited(code: String) -> Result<Invite, Fault> {
    super::desk()?.console.invited(&code).await
}
