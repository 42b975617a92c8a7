//! What the drills of a token prove.

use crate::{accounts, house::House, store, tokens};
use app::model::{
    drill::{Drill, DrillState, LatestRun, Proof, ProvenWay},
    fault::Fault,
    hit::Source,
    ids::TokenId,
    moment::{DAY, MINUTE, Moment},
    viewer::{Act, Viewer},
};

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
    let mut session = house.store.read().await?;
    let known = store::drills::of_token(&mut session, id, now.plus(-400 * DAY), 200).await?;
    // What was proven with a key from before says nothing of this one.
    let since = store::former_keys::of_token(&mut session, id).await?.first().map(|key| key.replaced_at);
    drop(session);
    let drills: Vec<Drill> = known.into_iter().map(|row| row.drill).collect();
    let mut ways: Vec<ProvenWay> = Vec::new();
    // Newest first: of each way and region the latest proof counts.
    for drill in drills.iter().filter(|drill| since.is_none_or(|since| drill.asked_at >= since)) {
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
    let missing = match over {
        true => Vec::new(),
        false => missing(&drills, &Expected::of(house, &row.token.account).await?, proven_at, now),
    };
    Ok(Proof { proven_at, ways, missing, drills: drills.into_iter().take(SHOWN).collect() })
}

/// How the latest drills of these tokens went, of those that the viewer may see. Tokens that were never drilled have none.
///
/// # Errors
/// `Forbidden` for those who may see no token.
pub async fn latest_runs(house: &House, viewer: &Viewer, tokens: &[TokenId]) -> Result<Vec<LatestRun>, Fault> {
    viewer.must(Act::SeeTokens)?;
    let mut runs: Vec<LatestRun> = Vec::new();
    for (team, row) in store::drills::latest_runs(&mut *house.store.read().await?, tokens).await? {
        if !viewer.may(Act::SeeTokens, Some(&team)) {
            continue;
        }
        let drill = row.drill;
        let known = runs.iter().position(|run| run.token_id == drill.token_id);
        let index = known.unwrap_or_else(|| {
            runs.push(LatestRun { token_id: drill.token_id.clone(), heard: None, unheard: Vec::new() });
            runs.len() - 1
        });
        let Some(run) = runs.get_mut(index) else { continue };
        let from = drill.called_at.unwrap_or(drill.asked_at);
        let ways = drill.heard.iter().map(|one| (one.source, one.received_at.since(from)));
        run.heard = run.heard.into_iter().chain(ways).min_by_key(|(_, lag)| *lag);
        if matches!(drill.state, DrillState::Silent | DrillState::Failed) {
            run.unheard.push(drill.region);
        }
    }
    Ok(runs)
}

/// By which ways the records of an account are to come.
#[derive(Debug, Default)]
struct Expected {
    events: bool,
    files: bool,
    topics: bool,
    /// By which ways, and from which regions, records came lately: nobody configures here who posts to Aviary.
    heard: Vec<(Source, String)>,
}

impl Expected {
    async fn of(house: &House, account: &str) -> Result<Self, Fault> {
        let Some(issuer) = house.issuers.aws_of(account) else { return Ok(Self::default()) };
        let (settings, now) = (issuer.settings(), house.now());
        let heard = store::heard::of_account(&mut *house.store.read().await?, account).await?;
        let lately = heard.into_iter().filter(|way| now.since(way.at) <= STALE);
        Ok(Self {
            events: !settings.events_queue.is_empty(),
            files: !settings.files_queue.is_empty(),
            topics: !settings.topics.is_empty(),
            heard: lately.map(|way| (way.source, way.region)).collect(),
        })
    }
}

/// The ways by which a drill has not come back, each in a sentence.
fn ways_missing(expected: &Expected, drill: &Drill) -> Vec<String> {
    let came = |source| drill.heard.iter().any(|one| one.source == source);
    let heard = |source| expected.heard.iter().any(|(known, region)| *known == source && *region == drill.region);
    let sns = heard(Source::Sns);
    let ways = [
        (expected.events && !came(Source::Eventbridge), "the queue of events"),
        (expected.files && !came(Source::Trail), "the queue of log files"),
        // A topic tells of records, or of log files.
        (sns && !came(Source::Sns), "the SNS topic"),
        (expected.topics && !expected.files && !sns && !came(Source::Sns) && !came(Source::Trail), "the SNS topic"),
        (heard(Source::Webhook) && !came(Source::Webhook), "what posts this account's records to Aviary"),
    ];
    let absent = ways.into_iter().filter(|(absent, _)| *absent);
    absent.map(|(_, what)| format!("{}: the latest drill has not come back by {what}.", drill.region)).collect()
}

fn missing(drills: &[Drill], expected: &Expected, proven_at: Option<Moment>, now: Moment) -> Vec<String> {
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
    for drill in &run {
        // One that nothing came back of was told above.
        let waited = drill.called_at.is_some_and(|at| now.since(at) > SLOW);
        if waited && !drill.heard.is_empty() {
            missing.extend(ways_missing(expected, drill));
        }
    }
    if proven_at.is_some_and(|at| now.since(at) > STALE) {
        missing.push("The last proof is more than 30 days old. Drill the token again.".to_owned());
    }
    missing
}
