//! A look at what an account speaks by: its trail, its rules, its queues, and when each way was last heard.

use super::unseen;
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
use aws_sdk_cloudtrail::types::Trail;
use aws_sdk_eventbridge::types::RuleState;
use aws_sdk_sqs::types::QueueAttributeName;
use std::collections::HashMap;

/// How often the running server looks at each account.
const EVERY: i64 = 10 * MINUTE;
/// A queue whose messages wait longer than this is worth a look.
const LATE: i64 = HOUR;
/// A drill that is older than this proves little.
const OLD: i64 = 30 * DAY;
/// From so many waiting messages on a queue is worth a look.
const WAITING: i64 = 10_000;

fn check(name: impl Into<String>, light: Light, says: impl Into<String>) -> Check {
    Check { name: name.into(), light, says: says.into() }
}

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
    let ears = inspect(house, &issuer).await?;
    let mut tx = house.store.begin().await?;
    store::accounts::lock(&mut tx, id).await?;
    if let Some(row) = store::accounts::by_id(&mut tx, id).await? {
        let status = AccountStatus { ears, looked_at: Some(house.now()), ..row.status };
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
    let mut checks = trails(issuer).await;
    let mut regions = vec![settings.region.clone()];
    regions.extend(settings.regions.iter().filter(|region| **region != settings.region).cloned());
    for region in &regions {
        let mut check = rule(issuer, region).await;
        // An API destination needs a rule too, so it is looked for; but nobody has said that there must be one.
        if settings.events_queue.is_empty() && check.light == Light::Bad {
            check.light = Light::Look;
            check.says.push_str(" No queue of events is set, so that is fine if records come by another way.");
        }
        checks.push(check);
    }
    for (what, address) in [("Queue of events", &settings.events_queue), ("Queue of files", &settings.files_queue)] {
        if !address.is_empty() {
            checks.extend(queue(house, issuer, what, address).await);
        }
    }
    checks.extend(last_drills(house, issuer.id(), &regions).await?);
    checks.extend(heard(house, issuer.id()).await?);
    Ok(checks)
}

/// The attributes of a queue that are asked for.
const ASKED: [QueueAttributeName; 3] = [
    QueueAttributeName::ApproximateNumberOfMessages,
    QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
    QueueAttributeName::RedrivePolicy,
];

type Attributes = HashMap<QueueAttributeName, String>;

async fn attributes(issuer: &AwsIssuer, address: &str) -> Result<Attributes, String> {
    let asked = issuer.clients().sqs(address).await.get_queue_attributes().queue_url(address);
    match asked.set_attribute_names(Some(ASKED.to_vec())).send().await {
        Ok(answer) => Ok(answer.attributes.unwrap_or_default()),
        Err(error) => Err(format!("{}.", words("sqs:GetQueueAttributes", &error))),
    }
}

async fn queue(house: &House, issuer: &AwsIssuer, what: &str, address: &str) -> Vec<Check> {
    let attributes = match attributes(issuer, address).await {
        Ok(attributes) => attributes,
        Err(why) => return vec![check(what, Light::Bad, why)],
    };
    let number = |name| attributes.get(&name).and_then(|text| text.parse::<i64>().ok()).unwrap_or(0);
    let waiting = number(QueueAttributeName::ApproximateNumberOfMessages);
    let in_work = number(QueueAttributeName::ApproximateNumberOfMessagesNotVisible);
    // SQS tells the age of what waits to CloudWatch alone. What was fetched last is as old as the queue is long.
    let age = match house.ears.queues.age(address) {
        Some((at, age)) => format!("; what was fetched at {} had waited {}", at.exact(), length(age)),
        None => "; this process has fetched nothing from it, so how long they wait is not known here".to_owned(),
    };
    let depth = format!("{waiting} messages wait, {in_work} are being worked on{age}");
    let dead = attributes.get(&QueueAttributeName::RedrivePolicy).and_then(|policy| dead_letters(address, policy));
    let Some(dead) = dead else {
        let says =
            format!("{depth}. It has no dead-letter queue: a message that cannot be read would come again for days.");
        return vec![check(what, Light::Look, says)];
    };
    let late = house.ears.queues.age(address).is_some_and(|(_, age)| age > LATE);
    let light = if waiting > WAITING || late { Light::Look } else { Light::Good };
    vec![check(what, light, format!("{depth}.")), put_aside(issuer, what, &dead).await]
}

/// What the queue puts aside, and how much of it there is.
async fn put_aside(issuer: &AwsIssuer, what: &str, address: &str) -> Check {
    let name = format!("{what}: put aside");
    let attributes = match attributes(issuer, address).await {
        Ok(attributes) => attributes,
        Err(why) => return check(name, Light::Look, why),
    };
    match attributes.get(&QueueAttributeName::ApproximateNumberOfMessages).map_or("0", String::as_str) {
        "0" => check(name, Light::Good, "Nothing."),
        count => check(
            name,
            Light::Bad,
            format!(
                "{count} messages lie in {address}. The quarantine says why; once that is put right, let SQS move them \
                 back (aws sqs start-message-move-task)."
            ),
        ),
    }
}

/// The address of the queue that a redrive policy names. It is in the same account and region as its source, so that
/// nobody has to be asked.
fn dead_letters(address: &str, policy: &str) -> Option<String> {
    let policy: serde_json::Value = serde_json::from_str(policy).ok()?;
    let mut arn = policy.get("deadLetterTargetArn")?.as_str()?.rsplit(':');
    let (name, account) = (arn.next()?, arn.next()?);
    let mut host = address.trim_end_matches('/').rsplitn(3, '/').skip(2);
    Some(format!("{}/{account}/{name}", host.next()?))
}

/// The latest drill in each region.
async fn last_drills(house: &House, account: &str, regions: &[String]) -> Result<Vec<Check>, Fault> {
    let mut checks = Vec::new();
    let now = house.now();
    let mut session = house.store.read().await?;
    for region in regions {
        let name = format!("Drill in {region}");
        let Some(drill) = store::drills::latest_in(&mut session, account, region).await?.map(|row| row.drill) else {
            checks.push(check(name, Light::Look, "No token was drilled here yet."));
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
        checks.push(check(name, light, says));
    }
    Ok(checks)
}

async fn rule(issuer: &AwsIssuer, region: &str) -> Check {
    let name = format!("Rule in {region}");
    let events = aws_sdk_eventbridge::Client::new(&issuer.clients().config_in(region).await);
    let mut rules = Vec::new();
    let mut next = None;
    loop {
        match events.list_rules().set_next_token(next).send().await {
            Ok(page) => {
                rules.extend(page.rules().iter().cloned());
                next = page.next_token().map(str::to_owned);
            }
            Err(error) => return check(name, Light::Bad, format!("{}.", words("events:ListRules", &error))),
        }
        if next.is_none() {
            break;
        }
    }
    // The rule is known by what it looks for: the path under which the account's users live.
    let path = format!(":user{}", issuer.settings().path);
    let ours: Vec<_> =
        rules.iter().filter(|rule| rule.event_pattern().is_some_and(|pattern| pattern.contains(&path))).collect();
    let complete = RuleState::EnabledWithAllCloudtrailManagementEvents;
    let named = |rule: &aws_sdk_eventbridge::types::Rule| rule.name().unwrap_or("(no name)").to_owned();
    if let Some(rule) = ours.iter().find(|rule| rule.state() == Some(&complete)) {
        return check(name, Light::Good, format!("{} sends every management event of the users.", named(rule)));
    }
    match ours.iter().find(|rule| rule.state() == Some(&RuleState::Enabled)) {
        Some(rule) => check(
            name,
            Light::Bad,
            format!(
                "{} is ENABLED, and so leaves out calls that only read (List…, Get…, Describe…), which is what a thief \
                 does first. Set its state to ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS.",
                named(rule)
            ),
        ),
        None => match ours.first() {
            Some(rule) => check(name, Light::Bad, format!("{} is disabled.", named(rule))),
            None => check(
                name,
                Light::Bad,
                format!("No rule looks for users under {path}. Uses in this region are heard through log files only."),
            ),
        },
    }
}

async fn trails(issuer: &AwsIssuer) -> Vec<Check> {
    let settings = issuer.settings();
    let users = format!("arn:{}:iam::{}:user{}", settings.partition, issuer.id(), settings.path);
    let cloudtrail = aws_sdk_cloudtrail::Client::new(issuer.clients().config().await);
    let trails = match cloudtrail.describe_trails().include_shadow_trails(true).send().await {
        Ok(answer) => answer.trail_list().to_vec(),
        Err(error) => {
            return vec![check("Trail", Light::Bad, format!("{}.", words("cloudtrail:DescribeTrails", &error)))];
        }
    };
    let mut checks = Vec::new();
    for trail in trails.iter().filter(|trail| trail.is_multi_region_trail() == Some(true)) {
        checks.extend(of_trail(&cloudtrail, trail, &users).await);
    }
    if checks.is_empty() {
        let says = match trails.len() {
            0 => "The account has no trail: no log files are written, and EventBridge sends no records either."
                .to_owned(),
            n => format!("None of the account's {n} trails covers all regions: a call in another one is not logged."),
        };
        checks.push(check("Trail", Light::Bad, says));
    }
    checks
}

async fn of_trail(cloudtrail: &aws_sdk_cloudtrail::Client, trail: &Trail, users: &str) -> Vec<Check> {
    let name = format!("Trail {}", trail.name().unwrap_or("(no name)"));
    let arn = trail.trail_arn().unwrap_or_default();
    match cloudtrail.get_trail_status().name(arn).send().await {
        Ok(status) if status.is_logging() == Some(true) => {
            if let Some(why) = status.latest_delivery_error().filter(|why| !why.is_empty()) {
                let says = format!("It is logging, but its files do not reach the bucket: AWS says {why}.");
                return vec![check(name, Light::Bad, says)];
            }
        }
        Ok(_) => return vec![check(name, Light::Bad, "It is not logging. Start it again.")],
        Err(error) => {
            return vec![check(name, Light::Look, format!("{}.", words("cloudtrail:GetTrailStatus", &error)))];
        }
    }
    match cloudtrail.get_event_selectors().trail_name(arn).send().await {
        Ok(selectors) => {
            let (says, bad) =
                unseen::of_trail(selectors.event_selectors(), selectors.advanced_event_selectors(), users);
            vec![
                check(name, Light::Good, "It is logging in all regions."),
                check("Not seen here", if bad { Light::Look } else { Light::Good }, says),
            ]
        }
        Err(error) => {
            vec![check(name, Light::Look, format!("It is logging. {}.", words("cloudtrail:GetEventSelectors", &error)))]
        }
    }
}

async fn heard(house: &House, account: &str) -> Result<Vec<Check>, Fault> {
    let now = house.now();
    let mut checks = Vec::new();
    for way in store::heard::of_account(&mut *house.store.read().await?, account).await? {
        let says = format!("Last heard at {}, {} after the call.", way.at.exact(), length(way.lag_ms));
        let light = if now.since(way.at) > 7 * DAY { Light::Look } else { Light::Good };
        checks.push(check(format!("{} from {}", way.source.word(), way.region), light, says));
    }
    if checks.is_empty() {
        checks.push(check(
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

#[cfg(test)]
mod tests {
    use super::dead_letters;

    #[test]
    fn the_dead_letter_queue_is_beside_its_source() {
        let policy = r#"{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111122223333:x-events-dlq","maxReceiveCount":5}"#;
        let dead = |address| dead_letters(address, policy).unwrap();
        let address = "https://sqs.eu-west-1.amazonaws.com/111122223333/x-events";
        assert_eq!(dead(address), format!("{address}-dlq"));
        assert_eq!(dead("http://127.0.0.1:4566/111122223333/q/"), "http://127.0.0.1:4566/111122223333/x-events-dlq");
        assert_eq!(dead_letters(address, "{}"), None);
    }
}
