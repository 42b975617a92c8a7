//! The people room's doorway.

use crate::model::{
    audit::{AuditEntry, AuditQuery},
    entry::{ProofWays, SessionView, SignInWays},
    factors::{Enrolment, Factors},
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
    /// The viewer's own second factors.
    async fn factors(&self, viewer: &Viewer) -> Result<Factors, Fault>;
    /// What the viewer's app has to be told, if it is being set up.
    async fn enrolment(&self, viewer: &Viewer) -> Result<Option<Enrolment>, Fault>;
    /// Whether passkeys can be used here. Needs nobody to be signed in.
    fn passkeys_offered(&self) -> bool;
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
    /// By which ways people can sign in. Needs nobody to be signed in.
    async fn sign_in_ways(&self) -> Result<SignInWays, Fault>;
    /// By which ways the viewer can show once more that it is them.
    async fn proof_ways(&self, viewer: &Viewer) -> Result<ProofWays, Fault>;
    /// Where the viewer is signed in, last used first.
    async fn sessions(&self, viewer: &Viewer) -> Result<Vec<SessionView>, Fault>;
    /// The mail address of the person for whom a link chooses a new password. Needs nobody to be signed in.
    async fn resetting(&self, code: &str) -> Result<String, Fault>;
    /// The mail address of the person whom a link lets in. Needs nobody to be signed in.
    async fn entering(&self, code: &str) -> Result<String, Fault>;
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

/// The viewer's own second factors.
#[server(prefix = "/call", endpoint = "factors")]
pub async fn get_factors() -> Result<Factors, Fault> {
    let (console, viewer) = super::enter()?;
    console.factors(&viewer).await
}

/// What the viewer's app has to be told, if it is being set up.
#[server(prefix = "/call", endpoint = "enrolment")]
pub async fn get_enrolment() -> Result<Option<Enrolment>, Fault> {
    let (console, viewer) = super::enter()?;
    console.enrolment(&viewer).await
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

/// By which ways people can sign in.
#[server(prefix = "/call", endpoint = "sign-in-ways")]
pub async fn get_sign_in_ways() -> Result<SignInWays, Fault> {
    super::desk()?.console.sign_in_ways().await
}

/// By which ways the viewer can show once more that it is them.
#[server(prefix = "/call", endpoint = "proof-ways")]
pub async fn get_proof_ways() -> Result<ProofWays, Fault> {
    let (console, viewer) = super::enter()?;
    console.proof_ways(&viewer).await
}

/// Where the viewer is signed in.
#[server(prefix = "/call", endpoint = "sessions")]
pub async fn list_sessions() -> Result<Vec<SessionView>, Fault> {
    let (console, viewer) = super::enter()?;
    console.sessions(&viewer).await
}

/// The mail address of the person for whom a link chooses a new password.
#[server(prefix = "/call", endpoint = "resetting")]
pub async fn get_resetting(code: String) -> Result<String, Fault> {
    super::desk()?.console.resetting(&code).await
}

/// The mail address of the person whom a link lets in.
#[server(prefix = "/call", endpoint = "entering")]
pub async fn get_entering(code: String) -> Result<String, Fault> {
    super::desk()?.console.entering(&code).await
}
