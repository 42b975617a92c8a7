//! The hits room's doorway.

use crate::model::{
    fault::Fault,
    hit::{Hit, HitChart, HitQuery},
    ids::{IncidentId, TokenId},
    incident::{Incident, IncidentQuery},
    list::Page,
    viewer::Viewer,
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// An incident, and what the viewer may do with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IncidentView {
    /// The incident.
    pub incident: Incident,
    /// Whether the viewer may acknowledge and resolve it.
    pub may_triage: bool,
    /// What the token's people wrote down for a responder.
    pub notes: String,
    /// Who looks after the place where the token was put.
    pub owner: String,
}

/// What the hits room does for the console.
#[async_trait::async_trait]
pub trait HitsPort: Send + Sync {
    /// Hits that the viewer may see, latest event first.
    async fn hits(&self, viewer: &Viewer, query: HitQuery) -> Result<Page<Hit>, Fault>;
    /// The hits of one token over time.
    async fn hit_chart(&self, viewer: &Viewer, token: &TokenId) -> Result<HitChart, Fault>;
    /// Incidents that the viewer may see, latest first.
    async fn incidents(&self, viewer: &Viewer, query: IncidentQuery) -> Result<Page<Incident>, Fault>;
    /// One incident.
    async fn incident(&self, viewer: &Viewer, id: &IncidentId) -> Result<IncidentView, Fault>;
}

/// Hits that the viewer may see, latest event first.
#[server(prefix = "/call", endpoint = "hits", input = server_fn::codec::Json)]
pub async fn list_hits(query: HitQuery) -> Result<Page<Hit>, Fault> {
    let (console, viewer) = super::enter()?;
    console.hits(&viewer, query).await
}

/// The hits of one token over time.
#[server(prefix = "/call", endpoint = "hit-chart")]
pub async fn get_hit_chart(token: TokenId) -> Result<HitChart, Fault> {
    let (console, viewer) = super::enter()?;
    console.hit_chart(&viewer, &token).await
}

/// Incidents that the viewer may see, latest first.
#[server(prefix = "/call", endpoint = "incidents", input = server_fn::codec::Json)]
pub async fn list_incidents(query: IncidentQuery) -> Result<Page<Incident>, Fault> {
    let (console, viewer) = super::enter()?;
    console.incidents(&viewer, query).await
}

/// One incident.
#[server(prefix = "/call", endpoint = "incident")]
pub async fn get_incident(id: IncidentId) -> Result<IncidentView, Fault> {
    let (console, viewer) = super::enter()?;
    console.incident(&viewer, &id).await
}
