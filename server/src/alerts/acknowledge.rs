//! The link in an alert by which an incident is acknowledged, by whoever the alert was sent to.
//!
//! Its code says for which incident and destination it is and until when it is good, and carries a seal over that. It is
//! made at the moment of sending and kept nowhere; of one that was used its hash is kept, so that it works once.
//! Following the link changes nothing: programs that look at mail follow links too.

use super::card::ACKNOWLEDGE;
use crate::{
    hits,
    house::House,
    people::code_hash,
    store::{
        self,
        alerts::{destinations::DestinationRow, links, queue::Due},
    },
};
use app::model::{
    acknowledge::{Acknowledging, Standing},
    alert::AlertKind,
    fault::{Fault, FaultKind},
    ids::{DestinationId, IncidentId, TeamId},
    incident::{Incident, IncidentState},
    moment::{DAY, Moment, SECOND},
    viewer::{Actor, Grant, Origin, Role, Viewer},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use uuid::Uuid;

/// How long a link is good, in milliseconds from the news on.
const GOOD_FOR: i64 = 7 * DAY;

/// What the seal is for, so that nothing that is sealed for something else fits here.
const PURPOSE: &str = "a link that acknowledges an incident";

/// How many bytes a code has: two identifiers, a time, a seal.
const CODE: usize = 16 + 16 + 8 + 32;

/// What a code says.
struct Claim {
    incident: IncidentId,
    destination: DestinationId,
    until: Moment,
}

/// The code for an incident and a destination; `None` where these are no identifiers of ours. It is the same each time,
/// so that an alert that is sent again says the same.
fn code(house: &House, incident: &str, destination: &DestinationId, until: Moment) -> Option<String> {
    let mut bytes = Vec::with_capacity(CODE);
    bytes.extend_from_slice(Uuid::parse_str(incident).ok()?.as_bytes());
    bytes.extend_from_slice(Uuid::parse_str(destination.as_str()).ok()?.as_bytes());
    bytes.extend_from_slice(&until.0.div_euclid(SECOND).to_be_bytes());
    let seal = house.sealer.sign(PURPOSE, &bytes);
    bytes.extend_from_slice(&seal);
    Some(URL_SAFE_NO_PAD.encode(bytes))
}

/// What a code says, if it is one of ours. It may be too old.
fn read(house: &House, code: &str) -> Option<Claim> {
    let bytes = URL_SAFE_NO_PAD.decode(code).ok().filter(|bytes| bytes.len() == CODE)?;
    let (said, seal) = bytes.split_at_checked(CODE - 32)?;
    if !house.sealer.is_signed(PURPOSE, said, seal) {
        return None;
    }
    let (incident, rest) = said.split_at_checked(16)?;
    let (destination, until) = rest.split_at_checked(16)?;
    let id = |bytes: &[u8]| Uuid::from_slice(bytes).ok().map(|id| id.to_string());
    let until = i64::from_be_bytes(until.try_into().ok()?).checked_mul(SECOND)?;
    Some(Claim {
        incident: IncidentId(id(incident)?),
        destination: DestinationId(id(destination)?),
        until: Moment(until),
    })
}

/// What has to be known of an alert for its link: each delivery is read once more for it, so no more of it than this.
#[derive(Deserialize)]
struct About {
    timestamp: Moment,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    incident: Option<Which>,
}

#[derive(Deserialize)]
struct Which {
    id: IncidentId,
}

/// A delivery with the link to acknowledge in its alert, where there is something to acknowledge.
pub(super) fn with_link(house: &House, destination: &DestinationRow, due: Due) -> Due {
    let urgent = matches!(due.kind, AlertKind::Hit | AlertKind::Exposed | AlertKind::Tampered | AlertKind::UnloggedUse);
    if !urgent || !due.payload.contains(ACKNOWLEDGE) {
        return due;
    }
    let about: Option<About> = serde_json::from_str(&due.payload).ok();
    let code = about.and_then(|About { timestamp, data: Data { incident } }| {
        code(house, incident?.id.as_str(), &destination.id, timestamp.plus(GOOD_FOR))
    });
    let link = match code {
        Some(code) => format!("{}/acknowledge/{code}", house.config.base_url),
        None => house.config.base_url.clone(),
    };
    // The address of the console is none of the texts that JSON has to escape, nor is a code.
    Due { payload: due.payload.replace(ACKNOWLEDGE, &link), ..due }
}

/// What a link is for, and whether there is still something to acknowledge.
///
/// # Errors
/// `NotFound` where the link is not ours, too old, or whoever got it is no longer to hear of this; `Forbidden` where it went
/// to somebody who may not triage.
pub async fn acknowledging(house: &House, code: &str) -> Result<Acknowledging, Fault> {
    let (claim, destination, incident, _) = find(house, code).await?;
    let used = links::is_used(&mut *house.store.read().await?, &code_hash(code)).await?;
    Ok(Acknowledging {
        standing: standing(&incident, used),
        location: incident.location,
        access_key_id: incident.access_key_id,
        opened_at: incident.opened_at,
        last_hit_at: incident.last_hit_at,
        hit_count: incident.hit_count,
        destination: destination.name,
        until: claim.until,
    })
}

fn standing(incident: &Incident, used: bool) -> Standing {
    match incident.state {
        IncidentState::Resolved => Standing::Resolved,
        _ if used => Standing::Used,
        IncidentState::Open => Standing::Open,
        IncidentState::Acknowledged => {
            Standing::Acknowledged { by: incident.acknowledged_by.clone().unwrap_or_default() }
        }
    }
}

/// Acknowledges the incident that a link is for. Needs nobody to be signed in: whoever has the link got the alert.
///
/// # Errors
/// As [`acknowledging`]; `Conflict` where the link was used, or somebody was faster.
pub async fn acknowledge_by_link(house: &House, code: &str, origin: Origin) -> Result<(), Fault> {
    let (_, destination, incident, team) = find(house, code).await?;
    let name = &destination.name;
    let viewer = Viewer {
        actor: Actor::System("link".into()),
        name: format!("somebody at {name}"),
        grants: vec![Grant::of(Some(team.clone()), Role::Reviewer)],
        origin,
        proven_at: None,
    };
    let mut tx = house.store.begin().await?;
    if !links::take(&mut tx, &code_hash(code), &incident.id, house.now()).await? {
        return Err(Fault::conflict("This link was used already."));
    }
    let how = format!("by a link sent to {name}");
    hits::acknowledge_in(house, &mut tx, &viewer, &incident.id, &how).await?;
    tx.commit().await?;
    house.bell.look_again(incident.token_id, team);
    Ok(())
}

async fn find(house: &House, code: &str) -> Result<(Claim, DestinationRow, Incident, TeamId), Fault> {
    let gone = || {
        Fault::new(
            FaultKind::NotFound,
            "This link is older than seven days, or does not work any more. Sign in to see the incident.",
        )
    };
    let claim = read(house, code).filter(|claim| claim.until > house.now()).ok_or_else(gone)?;
    let mut session = house.store.read().await?;
    let (incident, team) = store::incidents::by_id(&mut session, &claim.incident).await?.ok_or_else(gone)?;
    if !links::may_hear(&mut session, &claim.destination, &team).await? {
        return Err(gone());
    }
    // The link is no more than its owner could do when signed in.
    if !links::may_triage(&mut session, &claim.destination, &team).await? {
        return Err(Fault::forbidden(
            "Only reviewers and admins may acknowledge incidents, and the owner of this address is neither.",
        ));
    }
    let row = store::alerts::destinations::by_id(&mut session, &claim.destination).await?.ok_or_else(gone)?;
    Ok((claim, row, incident, team))
}
