//! The safety net: IAM says when a key was last used, also by calls that no trail logs.
//!
//! It says so hours late and only of the latest use, to the minute. So a time that moved counts as unlogged only when no
//! record of that minute has come although there was time enough: since it was first seen, for a backlog to be read, and
//! since the use, for CloudTrail to deliver.

mod refused;
mod report;

pub use refused::Refused;

use crate::{
    hits::{
        bundle::{self, Found},
        names::Actor,
        record::Record,
    },
    house::House,
    issuers::{
        IssuerError,
        aws::{AwsIssuer, code_of, words},
    },
    store::{self, last_used::UsedRow},
    tokens,
};
use app::model::{
    fault::Fault,
    hit::{HitKind, Sighting, Source},
    moment::{HOUR, MINUTE, Moment},
};
use serde_json::json;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio_stream::{StreamExt as _, wrappers::IntervalStream};

/// How often each token is looked at, at most: IAM itself knows nothing newer for a while.
const EVERY: i64 = 15 * MINUTE;
/// How far IAM's minute and CloudTrail's second of one call may be apart.
const APART: i64 = 5 * MINUTE;
/// An account with more living tokens than this is looked at by its credential report, which is one call for all.
pub const MANY: i64 = 500;
/// How long an account is left alone that refused.
const REST: i64 = 5 * MINUTE;
/// While a queue does not answer, a record may lie on it: an unlogged use is told so many graces later, and not before
/// this time, but then it is told. A queue that never answers again must not silence the safety net.
const PATIENCE: i64 = 4;
const LONG: i64 = 6 * HOUR;
/// The only service that a drill calls: it explains no use of another one.
const DRILLED: &str = "sts";
/// How many calls a minute are made where an account does not say.
const RATE: u32 = 60;

/// What IAM says about a key's last use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastUse {
    /// The key; where only the user is known, the token's own.
    pub access_key_id: String,
    /// When, to the minute.
    pub at: Moment,
    /// `s3`
    pub service: String,
    /// `us-east-1`, or `N/A`.
    pub region: String,
    /// The action that said so.
    pub by: &'static str,
}

/// Looks at one token after the other until the shut-down, spread over each minute within each account's budget.
pub async fn run(house: Arc<House>, shutdown: impl Future<Output = ()>) {
    let mut seconds = IntervalStream::new(tokio::time::interval(Duration::from_secs(1)));
    let work = async {
        // In sixtieths of a call; and accounts that refused, until when they are left alone.
        let mut owed: BTreeMap<String, u32> = BTreeMap::new();
        let mut resting: BTreeMap<String, Moment> = BTreeMap::new();
        while seconds.next().await.is_some() {
            for issuer in house.issuers.aws().iter().filter(|issuer| issuer.settings().last_used) {
                if resting.get(issuer.id()).is_some_and(|until| house.now() < *until) {
                    continue;
                }
                let rate = Some(issuer.settings().last_used_rate).filter(|rate| *rate > 0).unwrap_or(RATE);
                let owed = owed.entry(issuer.id().to_owned()).or_default();
                *owed = (*owed + rate).min(60.max(rate));
                while *owed >= 60 {
                    match look(&house, issuer).await {
                        // A token with former keys takes several calls, and the next one waits the longer for it.
                        Ok(calls) if calls > 0 => *owed = owed.saturating_sub(60 * calls),
                        Ok(_) => break,
                        Err(fault) => {
                            tracing::warn!(account = issuer.id(), %fault, "last-used data could not be read; it is tried again");
                            *owed = 0;
                            resting.insert(issuer.id().to_owned(), house.now().plus(REST));
                        }
                    }
                }
            }
        }
    };
    tokio::select! { () = work => {}, () = shutdown => {} }
}

/// Looks at the one token of an account that waited longest, or at all of them by the credential report; how many calls
/// that took. 0 where none is due.
///
/// # Errors
/// Where the account or the database refuses.
pub async fn look(house: &House, issuer: &AwsIssuer) -> Result<u32, Fault> {
    let now = house.now();
    if store::last_used::count_living(&mut *house.store.read().await?, issuer.id()).await? > MANY {
        return report::look(house, issuer).await;
    }
    let mut tx = house.store.begin().await?;
    let Some(row) = store::last_used::next(&mut tx, issuer.id(), now.plus(-EVERY)).await? else { return Ok(0) };
    let ours = store::last_used::claim(&mut tx, &row, now).await?;
    tx.commit().await?;
    if !ours {
        return Ok(1);
    }
    let (calls, latest) = latest(house, issuer, &row).await?;
    if let Some(latest) = latest {
        weigh(house, issuer, &row, &latest).await?;
    }
    Ok(calls)
}

/// The latest use of a token's keys, those that were rotated away included; and how many calls it took to hear of it.
async fn latest(house: &House, issuer: &AwsIssuer, row: &UsedRow) -> Result<(u32, Option<LastUse>), Fault> {
    let former = store::former_keys::of_token(&mut *house.store.read().await?, &row.id).await?;
    let former = former.into_iter().filter(|key| key.active).map(|key| key.access_key_id);
    let (mut calls, mut latest) = (0, None::<LastUse>);
    for key in std::iter::once(row.access_key_id.clone()).chain(former) {
        calls += 1;
        let last = ask(house, issuer, &key).await?;
        latest = latest.into_iter().chain(last).max_by_key(|last| last.at);
    }
    Ok((calls, latest))
}

async fn ask(house: &House, issuer: &AwsIssuer, key: &str) -> Result<Option<LastUse>, Fault> {
    let iam = issuer.clients().iam().await;
    let refused = &house.ears.refused;
    let answer = match iam.get_access_key_last_used().access_key_id(key).send().await {
        Ok(answer) => answer,
        // A key that somebody deleted was not used since; the deletion is a hit of its own.
        Err(error) if code_of(&error) == "NoSuchEntity" => {
            refused.answered(issuer.id(), key);
            return Ok(None);
        }
        Err(error) => match words("iam:GetAccessKeyLastUsed", &error) {
            // Of one key, such as an adopted one outside the path that the role may ask about: the others go on.
            IssuerError::Refused(why) => {
                refused.note(issuer.id(), key, &why);
                return Ok(None);
            }
            error => return Err(unavailable(error)),
        },
    };
    refused.answered(issuer.id(), key);
    Ok(answer.access_key_last_used().and_then(|last| {
        let at = last.last_used_date()?.to_millis().ok()?;
        Some(LastUse {
            access_key_id: key.to_owned(),
            at: Moment(at),
            service: last.service_name().to_owned(),
            region: last.region().to_owned(),
            by: "iam:GetAccessKeyLastUsed",
        })
    }))
}

fn unavailable(error: IssuerError) -> Fault {
    Fault::new(app::model::fault::FaultKind::Unavailable, error.to_string())
}

/// Compares what IAM says with what is known of a token.
async fn weigh(house: &House, issuer: &AwsIssuer, row: &UsedRow, last: &LastUse) -> Result<(), Fault> {
    let now = house.now();
    if row.used_at.is_some_and(|known| last.at <= known) {
        return Ok(());
    }
    let mut tx = house.store.begin().await?;
    // What happened to a key before it was watched is nobody's alarm.
    let before = last.at.plus(MINUTE) < row.created_at;
    let (from, to) = (last.at.plus(-APART), last.at.plus(APART));
    if before || store::last_used::is_known(&mut tx, &row.id, from, to, last.service == DRILLED).await? {
        store::last_used::settle(&mut tx, &row.id, last.at).await?;
        return Ok(tx.commit().await?);
    }
    store::last_used::wonder(&mut tx, &row.id, now).await?;
    tx.commit().await?;
    let grace = i64::try_from(house.config.last_used_grace.as_millis()).unwrap_or(i64::MAX);
    let waited = now.since(row.since.unwrap_or(now)).min(now.since(last.at));
    let enough =
        if house.ears.queues.all_answer(issuer.id()) { grace } else { grace.saturating_mul(PATIENCE).max(LONG) };
    if waited < enough {
        return Ok(());
    }
    tracing::warn!(token = %row.id, at = %last.at.exact(), service = last.service, "a key was used, and no record of it came");
    file_unlogged(house, row, last).await
}

/// Files a use that no record tells of.
async fn file_unlogged(house: &House, row: &UsedRow, last: &LastUse) -> Result<(), Fault> {
    let known = |text: &str| if text == "N/A" { String::new() } else { text.to_owned() };
    let record = Record {
        text: json!({
            "said by": last.by,
            "AccessKeyId": last.access_key_id,
            "AccessKeyLastUsed": { "LastUsedDate": last.at, "ServiceName": last.service, "Region": last.region },
        })
        .to_string(),
        // The same whenever it is said, so that it is one hit.
        event_id: format!("last-used:{}:{}", last.access_key_id, last.at.rfc3339()),
        event_time: Some(last.at),
        event_name: String::new(),
        event_source: known(&last.service),
        aws_region: known(&last.region),
        account: String::new(),
        source_ip: String::new(),
        user_agent: String::new(),
        error_code: None,
        actor: Actor::default(),
        target: None,
    };
    let sighting = Sighting { source: Source::LastUsed, received_at: house.now() };
    let found = Found { token: row.id.clone(), kind: HitKind::UnloggedUse, record: Arc::new(record) };
    bundle::file(house, sighting, vec![found]).await?;
    let mut tx = house.store.begin().await?;
    store::last_used::settle(&mut tx, &row.id, last.at).await?;
    tx.commit().await?;
    // The hit is committed. Should the response fail, the sweep tries again.
    if let Err(fault) = tokens::respond(house, &row.id).await {
        tracing::warn!(token = %row.id, %fault, "the response to a hit failed");
    }
    Ok(())
}
