//! The hits room: reads records, matches them with tokens, keeps each once, groups them into incidents, and lets people
//! look at them and triage.
//!
//! Hits come in through [`crate::intake::receive`] only.

pub mod bundle;
pub mod canonical;
mod chart;
pub mod file;
mod ledger;
pub mod matching;
pub mod names;
pub mod record;
mod triage;

pub use chart::{chart, chart_of_everything};
pub use triage::{acknowledge, acknowledge_in, must_triage, reopen, resolve};

use crate::{
    house::House,
    store::{
        self,
        cursor::{self, Cursor},
    },
};
use app::{
    api::hits::IncidentView,
    model::{
        fault::Fault,
        health::Quarantined,
        hit::{Hit, HitQuery},
        ids::{HitId, IncidentId, TokenId},
        incident::{Incident, IncidentQuery},
        list::Page,
        viewer::{Act, Reach, Viewer},
    },
};

/// Hits that the viewer may see, the latest event first.
///
/// # Errors
/// `Forbidden` for those who may see none; `Invalid` where the cursor is none of ours.
pub async fn list(house: &House, viewer: &Viewer, query: &HitQuery) -> Result<Page<Hit>, Fault> {
    viewer.must(Act::SeeHits)?;
    let after = Cursor::decode_option(query.after.as_deref())?;
    let size = cursor::page_size(query.limit);
    let mut session = house.store.read().await?;
    let mut reach = viewer.reach(Act::SeeHits);
    // Of one token or one incident, one team is all there is: it decides here, and the database can walk the index of
    // the token or the incident alone.
    if reach != Reach::Everywhere {
        let team = match (&query.token_id, &query.incident_id) {
            (Some(id), _) => Some(store::tokens::by_id(&mut session, id).await?.map(|row| row.token.team_id)),
            (None, Some(id)) => Some(store::incidents::by_id(&mut session, id).await?.map(|(_, team)| team)),
            (None, None) => None,
        };
        match team {
            Some(Some(team)) if viewer.may(Act::SeeHits, Some(&team)) => reach = Reach::Everywhere,
            Some(_) => return Ok(Page { items: Vec::new(), next: None }),
            None => {}
        }
    }
    let mut hits = store::hits::list(&mut session, &reach, query, after.as_ref(), size).await?;
    drop(session);
    hits.iter_mut().for_each(|hit| house.atlas.locate(hit, house.now()));
    Ok(cursor::page(hits, size, |hit| Cursor::new(hit.event_time.0, hit.id.as_str())))
}

/// The hits of one token, the latest event first.
///
/// # Errors
/// `NotFound` where the viewer may not see the token, or there is none.
pub async fn of_token(house: &House, viewer: &Viewer, id: &TokenId, query: HitQuery) -> Result<Page<Hit>, Fault> {
    may_see(house, viewer, id).await?;
    list(house, viewer, &HitQuery { token_id: Some(id.clone()), ..query }).await
}

/// One hit.
///
/// # Errors
/// `NotFound` where the viewer may not see it, or there is none.
pub async fn get(house: &House, viewer: &Viewer, id: &HitId) -> Result<Hit, Fault> {
    let found = store::hits::by_id(&mut *house.store.read().await?, id).await?;
    viewer.must_with(Act::SeeHits, Act::SeeHits, found.as_ref().map(|(_, team)| team), "hit")?;
    let (mut hit, _) = found.ok_or_else(|| Fault::not_found("hit"))?;
    house.atlas.locate(&mut hit, house.now());
    Ok(hit)
}

/// Whether the viewer may see a token's hits.
async fn may_see(house: &House, viewer: &Viewer, id: &TokenId) -> Result<(), Fault> {
    let row = store::tokens::by_id(&mut *house.store.read().await?, id).await?;
    viewer.must_with(Act::SeeHits, Act::SeeHits, row.as_ref().map(|row| &row.token.team_id), "token")
}

/// Incidents that the viewer may see, the latest hit first.
///
/// # Errors
/// `Forbidden` for those who may see none; `Invalid` where the cursor is none of ours.
pub async fn incidents(house: &House, viewer: &Viewer, query: &IncidentQuery) -> Result<Page<Incident>, Fault> {
    viewer.must(Act::SeeHits)?;
    let after = Cursor::decode_option(query.after.as_deref())?;
    let size = cursor::page_size(query.limit);
    let reach = viewer.reach(Act::SeeHits);
    let mut session = house.store.read().await?;
    let incidents = store::incidents::list(&mut session, &reach, query, after.as_ref(), size).await?;
    Ok(cursor::page(incidents, size, |incident| Cursor::new(incident.last_hit_at.0, incident.id.as_str())))
}

/// The latest incidents that nobody has resolved, and how many there are in all, of those that the viewer may see.
///
/// # Errors
/// Where the database refuses.
pub async fn unresolved(house: &House, viewer: &Viewer, most: u32) -> Result<(Vec<Incident>, i64), Fault> {
    let reach = viewer.reach(Act::SeeHits);
    Ok(store::incidents::unresolved(&mut *house.store.read().await?, &reach, most).await?)
}

/// How many incidents nobody has resolved, of those that the viewer may see.
///
/// # Errors
/// Where the database refuses.
pub async fn count_unresolved(house: &House, viewer: &Viewer) -> Result<i64, Fault> {
    Ok(unresolved(house, viewer, 0).await?.1)
}

/// One incident, and what a responder needs to know about its token.
///
/// # Errors
/// `NotFound` where the viewer may not see it, or there is none.
pub async fn incident(house: &House, viewer: &Viewer, id: &IncidentId) -> Result<IncidentView, Fault> {
    let mut session = house.store.read().await?;
    let found = store::incidents::by_id(&mut session, id).await?;
    viewer.must_with(Act::SeeHits, Act::SeeHits, found.as_ref().map(|(_, team)| team), "incident")?;
    let (incident, team) = found.ok_or_else(|| Fault::not_found("incident"))?;
    let row = store::tokens::by_id(&mut session, &incident.token_id).await?.ok_or_else(Fault::internal)?;
    let may_triage = viewer.may(Act::Triage, Some(&team));
    Ok(IncidentView { incident, may_triage, notes: row.token.notes, owner: row.token.owner })
}

/// Records that could not be read, newest first.
///
/// # Errors
/// `Forbidden` for those who may not see the state of the house.
pub async fn quarantine(house: &House, viewer: &Viewer, after: Option<&str>) -> Result<Page<Quarantined>, Fault> {
    viewer.must(Act::SeeHealth)?;
    let after = Cursor::decode_option(after)?;
    let size = cursor::page_size(0);
    let entries = store::quarantine::list(&mut *house.store.read().await?, after.as_ref(), size).await?;
    Ok(cursor::page(entries, size, |entry| Cursor::new(0, &entry.id)))
}
