//! Files matched records as hits. A hit and all that follows from it are one transaction: its hour in the chart, its
//! incident, what it changes about its token, and the deliveries that tell of it.

use super::{ledger::Ledger, record::Record};
use crate::{
    alerts::{herald::Herald, outbox::Notice},
    drills,
    house::House,
    live::HitRing,
    store::{Tx, hits::NewHit, tokens::TokenRow},
};
use app::model::{
    alert::AlertKind,
    fault::Fault,
    hit::{Hit, HitKind, Sighting, Source},
    ids::{HitId, IncidentId, TokenId},
    incident::{Incident, IncidentState},
    moment::{HOUR, Moment},
    token::{OnHit, TokenState},
};
use std::collections::BTreeMap;

/// Hits of one token that are no further apart than this belong together.
pub const APART: i64 = 6 * HOUR;

/// A record that matched a token.
#[derive(Clone, Copy, Debug)]
pub struct Match<'a> {
    /// The token.
    pub token: &'a TokenId,
    /// What the record says about it.
    pub kind: HitKind,
    /// The record.
    pub record: &'a Record,
    /// By which way it came, and when.
    pub sighting: Sighting,
    /// Who brought it.
    pub bundle: usize,
}

/// Files what matched one token, whose lock the caller holds, in the order of the events, into a ledger; returns the hits
/// that are new, each with the bundle that brought it.
pub(super) async fn of_token<'a>(
    house: &House,
    tx: &mut Tx,
    ledger: &mut Ledger<'a>,
    mut row: TokenRow,
    matches: &[Match<'a>],
) -> Result<Vec<(usize, HitRing)>, Fault> {
    let before = row.token.state;
    let known = ledger.unresolved(&row.token.id);
    let mut open: Vec<_> = known.into_iter().map(|incident| (incident, false)).collect();
    let mut hours: BTreeMap<i64, i64> = BTreeMap::new();
    let mut rings = Vec::new();
    let mut armed = false;
    let mut herald = Herald::of(house, tx, &row.token).await?;
    for one in matches {
        let sighting = one.sighting;
        let drilled = one.kind == HitKind::Use
            && row.drilled_at.is_some()
            && drills::hear(tx, &row, one.record, sighting).await?;
        if !ledger.is_new(tx, one).await? {
            // A drill that was first found in an old file proves something only now.
            armed |= drilled && arm(house, &mut row, sighting);
            continue;
        }
        let mut hit = hit(house, one);
        if drilled {
            hit.kind = HitKind::Drill;
            let ring = ring(&row, &hit, true);
            of_drill(house, tx, ledger, &mut row, one, hit).await?;
            rings.push((one.bundle, ring));
            continue;
        }
        let index = join(house, &mut open, &row, &hit);
        let Some((incident, changed)) = open.get_mut(index) else { continue };
        hit.incident_id = Some(incident.id.clone());
        *changed = true;
        incident.hit_count += 1;
        incident.opened_at = incident.opened_at.min(hit.event_time);
        incident.last_hit_at = incident.last_hit_at.max(hit.event_time);
        *hours.entry(hit.event_time.0.div_euclid(HOUR)).or_default() += 1;
        learn(&mut row, &hit, sighting.source, house.now());
        let notice = Notice { kind: alert(hit.kind), token: &row.token, hit: Some(&hit), incident: Some(incident) };
        herald.tell(tx, &notice).await?;
        rings.push((one.bundle, ring(&row, &hit, false)));
        ledger.keep(one, new(&row, one, hit));
    }
    if rings.is_empty() && !armed {
        return Ok(rings);
    }
    ledger.news.extend(herald.finish(tx).await?);
    let changed = open.into_iter().filter(|(_, changed)| *changed);
    ledger.incidents.extend(changed.map(|(incident, _)| (incident, row.token.team_id.clone())));
    ledger.hours.extend(hours.into_iter().map(|(hour, hits)| (row.token.id.clone(), hour, hits)));
    if row.token.state != before {
        tx.recount();
    }
    ledger.tokens.push(row);
    Ok(rings)
}

/// What says that a hit of a token was filed.
fn ring(row: &TokenRow, hit: &Hit, drill: bool) -> HitRing {
    let (token_id, team_id) = (row.token.id.clone(), row.token.team_id.clone());
    let limited = row.token.on_hit != OnHit::Keep;
    HitRing { token_id, team_id, hit_id: Some(hit.id.clone()), limited, drill }
}

/// A hit as it is kept.
fn new<'a>(row: &TokenRow, one: &Match<'a>, hit: Hit) -> NewHit<'a> {
    let (team, received_at) = (row.token.team_id.clone(), one.sighting.received_at);
    NewHit { hit, team, received_at, record: &one.record.text }
}

/// Keeps the call of a drill: it proves that the token is heard, and is no incident, no use and no alert, but to whoever
/// asked to hear of it.
async fn of_drill<'a>(
    house: &House,
    tx: &mut Tx,
    ledger: &mut Ledger<'a>,
    row: &mut TokenRow,
    one: &Match<'a>,
    hit: Hit,
) -> Result<(), Fault> {
    ledger.write_hit(tx, one, new(row, one, hit.clone())).await?;
    arm(house, row, one.sighting);
    drills::tell(house, tx, row, &hit).await
}

/// A drill that came by itself proves that the token is heard; whether that is news.
fn arm(house: &House, row: &mut TokenRow, sighting: Sighting) -> bool {
    if sighting.source == Source::Scan || row.facts.armed_at.is_some() {
        return false;
    }
    row.facts.armed_at = Some(house.now());
    row.token.state = TokenState::of(&row.facts, house.now());
    true
}

/// When the call was made; a record that does not say so counts from its arrival.
pub(super) fn time_of(one: &Match<'_>) -> Moment {
    one.record.event_time.unwrap_or(one.sighting.received_at)
}

fn hit(house: &House, one: &Match<'_>) -> Hit {
    let record = one.record;
    Hit {
        id: HitId(house.new_id()),
        token_id: one.token.clone(),
        kind: one.kind,
        event_id: record.event_id.clone(),
        event_time: time_of(one),
        event_name: record.event_name.clone(),
        event_source: record.event_source.clone(),
        aws_region: record.aws_region.clone(),
        source_ip: record.source_ip.clone(),
        geo: house.atlas.of(&record.source_ip, house.now()),
        user_agent: record.user_agent.clone(),
        error_code: record.error_code.clone(),
        sources: vec![one.sighting],
        incident_id: None,
        // It was read before, so it can be read again.
        record: serde_json::from_str(&record.text).unwrap_or_default(),
    }
}

/// The place of the incident that a hit belongs to: the nearest one that is open, else a new one. A record that comes
/// late joins by the time of its event, not of its arrival.
fn join(house: &House, open: &mut Vec<(Incident, bool)>, row: &TokenRow, hit: &Hit) -> usize {
    let gap = |incident: &Incident| {
        incident.opened_at.since(hit.event_time).max(hit.event_time.since(incident.last_hit_at)).max(0)
    };
    let near = open.iter().enumerate().map(|(index, (incident, _))| (gap(incident), index)).min();
    if let Some((gap, index)) = near
        && gap <= APART
    {
        return index;
    }
    let incident = Incident {
        id: IncidentId(house.new_id()),
        token_id: row.token.id.clone(),
        team: row.token.team.clone(),
        location: row.token.location.clone(),
        access_key_id: row.token.access_key_id.clone(),
        state: IncidentState::Open,
        resolution: None,
        opened_at: hit.event_time,
        last_hit_at: hit.event_time,
        hit_count: 0,
        acknowledged_by: None,
        acknowledged_at: None,
        resolved_by: None,
        resolved_at: None,
        comment: String::new(),
    };
    open.push((incident, false));
    open.len() - 1
}

/// What a hit says about its token.
fn learn(row: &mut TokenRow, hit: &Hit, source: Source, now: Moment) {
    let earliest = |known: Option<Moment>| Some(known.map_or(hit.event_time, |known| known.min(hit.event_time)));
    match hit.kind {
        HitKind::Exposed => row.facts.exposed_at = earliest(row.facts.exposed_at),
        HitKind::Use | HitKind::Tampered | HitKind::UnloggedUse => {
            row.facts.first_hit_at = earliest(row.facts.first_hit_at)
        }
        // Aviary's own call says nothing about others.
        HitKind::Drill => return,
    }
    // A record that came by itself proves that the token is heard. One that was found in an old file proves nothing, and
    // last-used data even less.
    if !matches!(source, Source::Scan | Source::LastUsed) && row.facts.armed_at.is_none() {
        row.facts.armed_at = Some(now);
    }
    row.token.last_hit_at = row.token.last_hit_at.max(Some(hit.event_time));
    row.token.hit_count += 1;
    row.token.state = TokenState::of(&row.facts, now);
}

fn alert(kind: HitKind) -> AlertKind {
    match kind {
        HitKind::Use => AlertKind::Hit,
        HitKind::Exposed => AlertKind::Exposed,
        HitKind::Tampered => AlertKind::Tampered,
        HitKind::UnloggedUse => AlertKind::UnloggedUse,
        HitKind::Drill => AlertKind::Drill,
    }
}
