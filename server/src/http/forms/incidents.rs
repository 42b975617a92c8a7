//! Forms about incidents.

use super::{Outcome, act, fields::Fields, known};
use crate::{
    hits,
    http::{Front, viewer::SignedIn},
};
use app::model::{ids::IncidentId, incident::Resolution};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
};

/// `/incidents/ID/…`
pub fn routes() -> Router<Front> {
    Router::new()
        .route("/incidents/{id}/acknowledge", act(acknowledge, "/incidents/{}"))
        .route("/incidents/{id}/resolve", act(resolve, "/incidents/{}"))
        .route("/incidents/{id}/reopen", act(reopen, "/incidents/{}"))
}

async fn acknowledge(
    State(front): State<Front>,
    who: SignedIn,
    Path(id): Path<IncidentId>,
    fields: Fields,
) -> Response {
    let done = hits::acknowledge(&front.house, &who.viewer, &id).await;
    let page = format!("/incidents/{id}");
    Outcome { front: &front, who, page: &page, fields: &fields }
        .go(done, |incident| format!("/incidents/{}?done=acknowledged", incident.id))
        .await
}

async fn resolve(State(front): State<Front>, who: SignedIn, Path(id): Path<IncidentId>, fields: Fields) -> Response {
    let expected = "one of these: what did it turn out to be?";
    let done = match known(Resolution::parse(fields.text("resolution")), "resolution", expected) {
        Ok(resolution) => hits::resolve(&front.house, &who.viewer, &id, resolution, fields.text("comment")).await,
        Err(fault) => hits::must_triage(&front.house, &who.viewer, &id).await.and(Err(fault)),
    };
    let page = format!("/incidents/{id}");
    Outcome { front: &front, who, page: &page, fields: &fields }
        .go(done, |incident| format!("/incidents/{}?done=resolved", incident.id))
        .await
}

async fn reopen(State(front): State<Front>, who: SignedIn, Path(id): Path<IncidentId>, fields: Fields) -> Response {
    let done = hits::reopen(&front.house, &who.viewer, &id).await;
    let page = format!("/incidents/{id}");
    Outcome { front: &front, who, page: &page, fields: &fields }
        .go(done, |incident| format!("/incidents/{}?done=reopened", incident.id))
        .await
}
