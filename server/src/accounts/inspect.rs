//! A look at what an account speaks by: its trail, its rules, its queues, and when each way was last heard.

use super::{hearing, queues, rules, trails, users};
use crate::{
    house::House,
    issuers::aws::{AwsIssuer, words},
    store,
};
use app::model::{
    account::AccountStatus,
    drill::DrillState,
    fault::Fault,
    health::{Check, Light},
    hit::Sighting,
    moment::{DAY, HOUR, MINUTE},
};

/// How often the running server looks at each account.
const EVERY: i64 = 10 * MINUTE;
/// A drill that is older than this proves little.
const OLD: i64 = 30 * DAY;

/// Looks at every account that was not looked at for a while.
pub(super) async fn look_again(house: &House) -> Result<(), Fault> {
    let now = house.now();
    for row in store::accounts::all(&mut *house.store.read().await?).await? {
        if row.status.looked_at.is_none_or(|at| now.since(at) >= EVERY) {
            look(house, &row.id).await?;
        }
    }
    Ok(())
}

/// Looks at every account now.
///
/// # Errors
/// Where the database refuses. What AWS refuses is no error but a finding.
pub async fn look_at_all(house: &House) -> Result<(), Fault> {
    for issuer in house.issuers.aws().iter() {
        look(house, issuer.id()).await?;
    }
    Ok(())
}

async fn look(house: &House, id: &str) -> Result<(), Fault> {
    let Some(issuer) = house.issuers.aws_of(id) else { return Ok(()) };
    let (ears, summary) = tokio::join!(inspect(house, &issuer), users::ask(&issuer));
    let mut ears = ears?;
    let counted = match summary {
        Ok(summary) => users::read(&summary),
        Err(error) => {
            let why = words("iam:GetAccountSummary", &error);
            let says = format!("How many IAM users the account has could not be counted, so that may be old. {why}.");
            ears.push(Check::new("Capacity", Light::Look, says));
            None
        }
    };
    let mut tx = house.store.begin().await?;
    store::accounts::lock(&mut tx, id).await?;
    // What was seen with settings that are no longer so is not the answer; the next round looks again.
    if let Some(row) = store::accounts::by_id(&mut tx, id).await?.filter(|row| row.settings == *issuer.settings()) {
        let mut status = AccountStatus { ears, looked_at: Some(house.now()), ..row.status };
        users::note(&mut status, counted, house.now());
        store::accounts::set_status(&mut tx, id, &status).await?;
    }
    Ok(tx.commit().await?)
}

/// How the ways of one account are doing, region by region.
///
/// # Errors
/// Where the database refuses.
pub async fn inspect(house: &House, issuer: &AwsIssuer) -> Result<Vec<Check>, Fault> {
    let settings = issuer.settings();
    let known = store::accounts::by_id(&mut *house.store.read().await?, issuer.id()).await?;
    let known = known.map(|row| row.status).unwrap_or_default();
    let mut checks = match trails::describe(issuer).await {
        Ok(all) => {
            let mut checks = trails::look(issuer, &all).await;
            let files = hearing::of_files(issuer, &all).await;
            checks.extend(files.map(|right| Check { name: format!("Log files: {}", right.name), ..right }));
            checks
        }
        Err(error) => vec![Check::new("Trail", Light::Bad, format!("{}.", words("cloudtrail:DescribeTrails", &error)))],
    };
    let mut regions = vec![settings.region.clone()];
    regions.extend(settings.regions.iter().filter(|region| **region != settings.region).cloned());
    for region in &regions {
        let mut check = rules::look(issuer, region).await;
        // An API destination needs a rule too, so it is looked for; but nobody has said that there must be one.
        if settings.events_queue.is_empty() && check.light == Light::Bad {
            check.light = Light::Look;
            check.says.push_str(" No queue of events is set, so that is fine if records come by another way.");
        }
        checks.push(check);
    }
    for queue in queues::of(settings) {
        checks.extend(queues::look(house, issuer, queue, &known).await);
    }
    checks.extend(last_drills(house, issuer.id(), &regions).await?);
    checks.extend(heard(house, issuer.id()).await?);
    Ok(checks)
}

/// The latest drill in each region.
async fn last_drills(house: &House, account: &str, regions: &[String]) -> Result<Vec<Check>, Fault> {
    let mut checks = Vec::new();
    let now = house.now();
    let mut session = house.store.read().await?;
    for region in regions {
        let name = format!("Drill in {region}");
        let Some(drill) = store::drills::latest_in(&mut session, account, region).await?.map(|row| row.drill) else {
            checks.push(Check::new(name, Light::Look, "No token was drilled here yet."));
            continue;
        };
        let asked = drill.asked_at.exact();
        let (light, says) = match drill.state {
            DrillState::Heard => {
                let from = drill.called_at.unwrap_or(drill.asked_at);
                let way =
                    |one: &Sighting| format!("{} after {}", one.source.word(), length(one.received_at.since(from)));
                let ways: Vec<_> = drill.heard.iter().map(way).collect();
                let old = now.since(drill.asked_at) > OLD;
                let light = if old { Light::Look } else { Light::Good };
                (light, format!("The last one, of {asked}, was heard: {}.", ways.join(", ")))
            }
            DrillState::Silent => (
                Light::Bad,
                format!("The last one, of {asked}, never came back: somebody who uses a key here is not seen."),
            ),
            DrillState::Failed => {
                let why = drill.error.as_deref().unwrap_or("AWS gave no reason");
                (Light::Bad, format!("The last one, of {asked}, could not be made: {why}."))
            }
            DrillState::Due | DrillState::Called => (Light::Look, format!("The last one, of {asked}, is under way.")),
        };
        checks.push(Check::new(name, light, says));
    }
    Ok(checks)
}

async fn heard(house: &House, account: &str) -> Result<Vec<Check>, Fault> {
    let now = house.now();
    let mut checks = Vec::new();
    for way in store::heard::of_account(&mut *house.store.read().await?, account).await? {
        let says = format!("Last heard at {}, {} after the call.", way.at.exact(), length(way.lag_ms));
        let light = if now.since(way.at) > 7 * DAY { Light::Look } else { Light::Good };
        checks.push(Check::new(format!("{} from {}", way.source.word(), way.region), light, says));
    }
    if checks.is_empty() {
        checks.push(Check::new(
            "Records",
            Light::Look,
            "Nothing was heard from this account yet. Drill a token to prove its ways.",
        ));
    }
    Ok(checks)
}

/// `40 ms`, `12 s`, `5 min`, `3 h`.
pub(crate) fn length(ms: i64) -> String {
    match ms.max(0) {
        ms if ms < 1_000 => format!("{ms} ms"),
        ms if ms < MINUTE => format!("{} s", ms / 1_000),
        ms if ms < HOUR => format!("{} min", ms / MINUTE),
        ms => format!("{} h", ms / HOUR),
    }
}
