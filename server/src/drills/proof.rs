//! What the drills of a token prove.

use crate::{accounts, house::House, store, tokens};
use app::model::{
    drill::{Drill, DrillState, Proof, ProvenWay},
    fault::Fault,
    hit::Source,
    ids::TokenId,
    moment::{DAY, MINUTE, Moment},
    viewer::Viewer,
};
use std::collections::BTreeSet;

/// How many drills the page shows.
const SHOWN: usize = 12;
/// After this time something that works would have come back: CloudTrail delivers files after about 5 minutes.
const SLOW: i64 = 20 * MINUTE;
/// A proof that is older than this wants to be renewed.
const STALE: i64 = 30 * DAY;

/// What the drills of a token prove, and what is missing.
///
/// # Errors
/// `NotFound` where the viewer may not see the token.
pub async fn proof(house: &House, viewer: &Viewer, id: &TokenId) -> Result<Proof, Fault> {
    let row = tokens::find(house, viewer, id).await?;
    let now = house.now();
    let known = store::drills::of_token(&mut *house.store.read().await?, id, now.plus(-400 * DAY), 200).await?;
    let drills: Vec<Drill> = known.into_iter().map(|row| row.drill).collect();
    let mut ways: Vec<ProvenWay> = Vec::new();
    // Newest first: of each way and region the latest proof counts.
    for drill in &drills {
        for sighting in &drill.heard {
            if ways.iter().all(|way| (way.region.as_str(), way.source) != (drill.region.as_str(), sighting.source)) {
                ways.push(ProvenWay {
                    region: drill.region.clone(),
                    source: sighting.source,
                    at: sighting.received_at,
                    lag_ms: sighting.received_at.since(drill.called_at.unwrap_or(drill.asked_at)),
                });
            }
        }
    }
    ways.sort_by(|one, other| (&one.region, one.source).cmp(&(&other.region, other.source)));
    let proven_at = ways.iter().map(|way| way.at).max().or(row.proven_at);
    let over = row.token.revoked_at.is_some() || row.token.adopted;
    let missing = if over { Vec::new() } else { missing(house, &row.token.account, &drills, &ways, proven_at, now) };
    Ok(Proof { proven_at, ways, missing, drills: drills.into_iter().take(SHOWN).collect() })
}

fn missing(
    house: &House,
    account: &str,
    drills: &[Drill],
    ways: &[ProvenWay],
    proven_at: Option<Moment>,
    now: Moment,
) -> Vec<String> {
    let Some(latest) = drills.first() else {
        return Vec::new();
    };
    let mut missing = Vec::new();
    let run: Vec<_> = drills.iter().filter(|drill| drill.asked_at == latest.asked_at).collect();
    for drill in &run {
        let waited = drill.called_at.map(|at| now.since(at));
        match (drill.state, waited) {
            (DrillState::Failed, _) => missing.push(format!(
                "{}: the call could not be made: {}",
                drill.region,
                drill.error.as_deref().unwrap_or("AWS gave no reason")
            )),
            (DrillState::Silent, _) => missing.push(format!(
                "{}: the call was made and never came back. Somebody who uses the key there is not seen.",
                drill.region
            )),
            (DrillState::Called, Some(waited)) if waited > SLOW => missing.push(format!(
                "{}: nothing came back for {}; log files usually come after 5 minutes.",
                drill.region,
                accounts::length(waited)
            )),
            _ => {}
        }
    }
    if let Some(issuer) = house.issuers.aws_of(account) {
        let settings = issuer.settings();
        let proven: BTreeSet<Source> = ways.iter().map(|way| way.source).collect();
        let waited = latest.called_at.is_some_and(|at| now.since(at) > SLOW);
        for (source, set, what) in [
            (Source::Eventbridge, !settings.events_queue.is_empty(), "the queue of events"),
            (Source::Trail, !settings.files_queue.is_empty(), "the queue of log files"),
        ] {
            if set && waited && !proven.contains(&source) {
                missing.push(format!("No drill has come back by {what} yet."));
            }
        }
    }
    if proven_at.is_some_and(|at| now.since(at) > STALE) {
        missing.push("The last proof is more than 30 days old. Drill the token again.".to_owned());
    }
    missing
}
