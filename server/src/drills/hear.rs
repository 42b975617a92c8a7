//! Knowing a drill's own call among the records.

use crate::{
    alerts::outbox,
    hits::record::Record,
    house::{ChanceExt as _, House},
    store::{self, Tx, tokens::TokenRow},
};
use app::model::{
    alert::AlertKind,
    fault::Fault,
    hit::{Hit, Sighting, Source},
    ids::DestinationId,
    moment::MINUTE,
};

/// What a mark begins with, and how many random bytes follow.
const MARK: &str = "svc-";
const LENGTH: usize = 10;
/// How far CloudTrail's clock may be from ours.
const APART: i64 = 10 * MINUTE;
/// The only call that a drill makes.
const CALL: &str = "GetCallerIdentity";

/// Whether a record of a token is the call of a drill; then it is noted by which way it came. The caller holds the
/// token's lock, and writes `armed_at`.
///
/// The mark in the user agent is random and known to nobody else; besides, only this one call at this very time is taken
/// for a drill, and each try of a drill takes one event only. So a thief who learns a mark from a log can hide nothing behind it.
///
/// # Errors
/// Where the database refuses.
pub async fn hear(tx: &mut Tx, row: &TokenRow, record: &Record, sighting: Sighting) -> Result<bool, Fault> {
    if record.event_name != CALL {
        return Ok(false);
    }
    let Some(mark) = mark_in(&record.user_agent) else { return Ok(false) };
    let Some(known) = store::drills::by_mark(tx, &row.token.id, mark).await? else { return Ok(false) };
    let in_time = record.event_time.is_some_and(|event| (event.0 - known.made_at.0).abs() <= APART);
    if !in_time || known.event_id.as_ref().is_some_and(|event| *event != record.event_id) {
        return Ok(false);
    }
    // However it was found: from now on this mark hides nothing else.
    store::drills::bind_event(tx, mark, &record.event_id).await?;
    let drill = known.row.drill;
    let mut heard = drill.heard;
    // What is found in an old file proves nothing about the ways by which records come.
    if sighting.source != Source::Scan && heard.iter().all(|one| one.source != sighting.source) {
        heard.push(sighting);
        store::drills::set_heard(tx, &drill.id, &record.event_id, &heard).await?;
        // The call of a key from before proves nothing of the token's own.
        if record.actor.key().is_none_or(|key| key == row.token.access_key_id) {
            store::drills::proven(tx, &row.token.id, sighting.received_at).await?;
        }
    }
    Ok(true)
}

/// A new mark. What looks like one more version number to everybody else.
pub(super) fn new_mark(house: &House) -> String {
    format!("{MARK}{}", hex::encode(house.chance.bytes::<LENGTH>()))
}

/// The mark in a user agent, if there is one.
fn mark_in(user_agent: &str) -> Option<&str> {
    let of_mark = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    user_agent.match_indices(MARK).find_map(|(at, _)| {
        let text = user_agent.get(at..at + MARK.len() + 2 * LENGTH)?;
        text.bytes().skip(MARK.len()).all(of_mark).then_some(text)
    })
}

/// Tells those who hear of drills, and the destination that this one was to go through.
///
/// # Errors
/// Where the database refuses.
pub(crate) async fn tell(house: &House, tx: &mut Tx, row: &TokenRow, hit: &Hit) -> Result<(), Fault> {
    let wanted = store::drills::by_event(tx, &row.token.id, &hit.event_id).await?;
    let through = wanted.map(|known| DestinationId(known.through)).filter(|through| !through.as_str().is_empty());
    let notice = outbox::Notice { kind: AlertKind::Drill, token: &row.token, hit: Some(hit), incident: None };
    if let Some(through) = &through {
        outbox::tell(house, tx, &notice, std::slice::from_ref(through)).await?;
    }
    outbox::announce_but(house, tx, &notice, through.as_ref()).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_found_wherever_it_stands() {
        let mark = "svc-0123456789abcdef0123";
        for agent in
            [format!("aws-sdk-rust/1.3 os/linux app/{mark}"), format!("[app/{mark} x]"), format!("svc-1 {mark}")]
        {
            assert_eq!(mark_in(&agent), Some(mark), "{agent}");
        }
        for agent in ["", "svc-", "app/svc-0123", "svc-0123456789ABCDEF0123", "svc-\u{fc}123456789abcdef01234"] {
            assert_eq!(mark_in(agent), None, "{agent}");
        }
    }
}
