//! Knowing a drill's own call among the records.

use crate::{
    alerts::outbox,
    hits::record::Record,
    house::House,
    store::{self, Tx, tokens::TokenRow},
};
use app::model::{
    alert::AlertKind,
    fault::Fault,
    hit::{Hit, Sighting, Source},
    ids::DestinationId,
    moment::{DAY, MINUTE},
};

/// AWS delivers log files up to 30 days late.
const LATE: i64 = 31 * DAY;
/// How far CloudTrail's clock may be from ours.
const APART: i64 = 10 * MINUTE;
/// The only call that a drill makes.
const CALL: &str = "GetCallerIdentity";

/// Whether a record of a token is the call of a drill; then it is noted by which way it came. The caller holds the
/// token's lock, and writes `armed_at`.
///
/// The mark in the user agent is random and known to nobody else; besides, only this one call at this very time is taken
/// for a drill, and each drill takes one event only. So a thief who learns a mark from a log can hide nothing behind it.
///
/// # Errors
/// Where the database refuses.
pub async fn hear(tx: &mut Tx, row: &TokenRow, record: &Record, sighting: Sighting) -> Result<bool, Fault> {
    if record.event_name != CALL {
        return Ok(false);
    }
    let since = sighting.received_at.plus(-LATE);
    for known in store::drills::of_token(tx, &row.token.id, since, 200).await? {
        let at = known.drill.called_at.unwrap_or(known.drill.asked_at);
        let in_time = record.event_time.is_some_and(|event| (event.0 - at.0).abs() <= APART);
        let marked = in_time && record.user_agent.contains(&known.mark);
        if !marked || known.event_id.as_ref().is_some_and(|event| *event != record.event_id) {
            continue;
        }
        let mut heard = known.drill.heard.clone();
        // What is found in an old file proves nothing about the ways by which records come.
        if sighting.source != Source::Scan && heard.iter().all(|one| one.source != sighting.source) {
            heard.push(sighting);
            store::drills::set_heard(tx, &known.drill.id, &record.event_id, &heard).await?;
            store::drills::proven(tx, &row.token.id, sighting.received_at).await?;
        }
        return Ok(true);
    }
    Ok(false)
}

/// Tells those who hear of drills, and the destination that this one was to go through.
///
/// # Errors
/// Where the database refuses.
pub(crate) async fn tell(house: &House, tx: &mut Tx, row: &TokenRow, hit: &Hit) -> Result<(), Fault> {
    let since = house.now().plus(-LATE);
    let drills = store::drills::of_token(tx, &row.token.id, since, 200).await?;
    let wanted = drills.into_iter().find(|known| known.event_id.as_ref() == Some(&hit.event_id));
    let through = wanted.map(|known| DestinationId(known.through)).filter(|through| !through.as_str().is_empty());
    let notice = outbox::Notice { kind: AlertKind::Drill, token: &row.token, hit: Some(hit), incident: None };
    if let Some(through) = &through {
        outbox::tell(house, tx, &notice, std::slice::from_ref(through)).await?;
    }
    outbox::announce_but(house, tx, &notice, through.as_ref()).await?;
    Ok(())
}
