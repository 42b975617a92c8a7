//! Triage: what people decide about an incident. Each step is written to the audit log with who took it.

use crate::{
    alerts::triaged,
    audit::{self, Audited as _, Subject},
    house::House,
    store::{self, Tx},
};
use app::model::{
    alert::AlertKind,
    fault::Fault,
    ids::IncidentId,
    incident::{Incident, IncidentState, Resolution},
    moment::Moment,
    viewer::{Act, Viewer},
};

/// The longest comment, in characters.
const COMMENT: usize = 4_000;

/// Says that somebody is on it.
///
/// # Errors
/// `NotFound`, `Forbidden`, or `Conflict` where it is not open any more.
pub async fn acknowledge(house: &House, viewer: &Viewer, id: &IncidentId) -> Result<Incident, Fault> {
    let mut tx = house.store.begin().await?;
    let incident = acknowledge_in(house, &mut tx, viewer, id, "").await?;
    tx.commit().await?;
    Ok(incident)
}

/// As [`acknowledge`], in the caller's transaction; `how` says in the audit log by which way.
///
/// # Errors
/// As [`acknowledge`].
pub async fn acknowledge_in(
    house: &House,
    tx: &mut Tx,
    viewer: &Viewer,
    id: &IncidentId,
    how: &str,
) -> Result<Incident, Fault> {
    step_in(house, tx, viewer, id, "incident.acknowledge", AlertKind::Acknowledged, |incident, now| {
        match (incident.state, &incident.acknowledged_by) {
            (IncidentState::Open, _) => {}
            (IncidentState::Acknowledged, Some(by)) => {
                return Err(Fault::conflict(format!("{by} has acknowledged it already.")));
            }
            _ => return Err(Fault::conflict("It is resolved. Reopen it first.")),
        }
        incident.state = IncidentState::Acknowledged;
        incident.acknowledged_by = Some(viewer.name.clone());
        incident.acknowledged_at = Some(now);
        Ok(how.to_owned())
    })
    .await
}

/// Closes it, with what it turned out to be.
///
/// # Errors
/// `NotFound`, `Forbidden`, `Invalid` where the comment is too long, or `Conflict` where it is resolved already.
pub async fn resolve(
    house: &House,
    viewer: &Viewer,
    id: &IncidentId,
    resolution: Resolution,
    comment: &str,
) -> Result<Incident, Fault> {
    let comment = comment.trim();
    step(house, viewer, id, "incident.resolve", AlertKind::Resolved, |incident, now| {
        if comment.chars().count() > COMMENT {
            return Err(Fault::field("comment", format!("expected at most {COMMENT} characters")));
        }
        if incident.state == IncidentState::Resolved {
            let by = incident.resolved_by.as_deref().unwrap_or("Somebody");
            return Err(Fault::conflict(format!("{by} has resolved it already.")));
        }
        incident.state = IncidentState::Resolved;
        incident.resolution = Some(resolution);
        incident.resolved_by = Some(viewer.name.clone());
        incident.resolved_at = Some(now);
        comment.clone_into(&mut incident.comment);
        Ok(resolution.text().to_owned())
    })
    .await
}

/// Opens it again. What was written when it was resolved stays as the comment. Those who follow the incident are told.
///
/// # Errors
/// `NotFound`, `Forbidden`, or `Conflict` where it is not resolved.
pub async fn reopen(house: &House, viewer: &Viewer, id: &IncidentId) -> Result<Incident, Fault> {
    step(house, viewer, id, "incident.reopen", AlertKind::Reopened, |incident, _| {
        if incident.state != IncidentState::Resolved {
            return Err(Fault::conflict("It is not resolved."));
        }
        let was =
            incident.resolution.take().map_or_else(String::new, |was| format!("it was resolved as: {}", was.text()));
        let acknowledged = incident.acknowledged_by.is_some();
        incident.state = if acknowledged { IncidentState::Acknowledged } else { IncidentState::Open };
        incident.resolved_by = None;
        incident.resolved_at = None;
        Ok(was)
    })
    .await
}

/// Goes on where the viewer may triage this incident: before anything is said about what they sent.
///
/// # Errors
/// `NotFound`, or `Forbidden`.
pub async fn must_triage(house: &House, viewer: &Viewer, id: &IncidentId) -> Result<(), Fault> {
    let found = store::incidents::by_id(&mut *house.store.read().await?, id).await?;
    viewer.must_with(Act::Triage, Act::SeeHits, found.as_ref().map(|(_, team)| team), "incident")
}

/// Changes an incident, notes it, and tells those who follow it; `change` says in words what changed.
async fn step(
    house: &House,
    viewer: &Viewer,
    id: &IncidentId,
    act: &str,
    news: AlertKind,
    change: impl FnOnce(&mut Incident, Moment) -> Result<String, Fault>,
) -> Result<Incident, Fault> {
    let mut tx = house.store.begin().await?;
    let incident = step_in(house, &mut tx, viewer, id, act, news, change).await?;
    tx.commit().await?;
    Ok(incident)
}

async fn step_in(
    house: &House,
    tx: &mut Tx,
    viewer: &Viewer,
    id: &IncidentId,
    act: &str,
    news: AlertKind,
    change: impl FnOnce(&mut Incident, Moment) -> Result<String, Fault>,
) -> Result<Incident, Fault> {
    let found = store::incidents::by_id(tx, id).await?;
    viewer.must_with(Act::Triage, Act::SeeHits, found.as_ref().map(|(_, team)| team), "incident")?;
    let (mut incident, _) = found.ok_or_else(|| Fault::not_found("incident"))?;
    let (seen, before) = (incident.state, incident.audited());
    let detail = change(&mut incident, house.now())?;
    if !store::incidents::triage(tx, &incident, seen).await? {
        return Err(Fault::conflict("Somebody else has just changed it. Look again."));
    }
    let name = format!("{} ({})", incident.location, incident.access_key_id);
    let subject = Subject::new("incident", incident.id.as_str(), &name);
    audit::changed(house, tx, viewer, (act, detail.as_str()), subject, before, incident.audited()).await?;
    triaged::announce(house, tx, news, &incident).await?;
    Ok(incident)
}
