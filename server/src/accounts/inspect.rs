//! A look at what an account speaks by: its trail, its rules, its queues, and when each way was last heard.

use crate::{
    house::House,
    issuers::aws::{AwsIssuer, words},
    store,
};
use app::model::{
    account::AccountStatus,
    fault::Fault,
    health::{Check, Light},
    moment::{DAY, HOUR, MINUTE},
};
use aws_sdk_cloudtrail::types::{EventSelector, ReadWriteType, Trail};
use aws_sdk_eventbridge::types::RuleState;
use aws_sdk_sqs::types::QueueAttributeName;

/// How often the running server looks at each account.
const EVERY: i64 = 10 * MINUTE;
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
    if !settings.events_queue.is_empty() {
        for region in &regions {
            checks.push(rule(issuer, region).await);
        }
    }
    for (what, address) in [("Queue of events", &settings.events_queue), ("Queue of files", &settings.files_queue)] {
        if !address.is_empty() {
            checks.push(queue(issuer, what, address).await);
        }
    }
    checks.extend(heard(house, issuer.id()).await?);
    Ok(checks)
}

async fn queue(issuer: &AwsIssuer, what: &str, address: &str) -> Check {
    let asked = issuer
        .clients()
        .sqs(address)
        .await
        .get_queue_attributes()
        .queue_url(address)
        .attribute_names(QueueAttributeName::ApproximateNumberOfMessages)
        .attribute_names(QueueAttributeName::ApproximateNumberOfMessagesNotVisible)
        .attribute_names(QueueAttributeName::RedrivePolicy)
        .send()
        .await;
    let answer = match asked {
        Ok(answer) => answer,
        Err(error) => return check(what, Light::Bad, format!("{}.", words("sqs:GetQueueAttributes", &error))),
    };
    let of = |name: QueueAttributeName| answer.attributes().and_then(|all| all.get(&name)).cloned().unwrap_or_default();
    let waiting: i64 = of(QueueAttributeName::ApproximateNumberOfMessages).parse().unwrap_or(0);
    let in_work: i64 = of(QueueAttributeName::ApproximateNumberOfMessagesNotVisible).parse().unwrap_or(0);
    let depth = format!("{waiting} messages wait, {in_work} are being worked on");
    if of(QueueAttributeName::RedrivePolicy).is_empty() {
        let says =
            format!("{depth}. It has no dead-letter queue: a message that cannot be read would come again for days.");
        return check(what, Light::Look, says);
    }
    let light = if waiting > WAITING { Light::Look } else { Light::Good };
    check(what, light, format!("{depth}."))
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
    let cloudtrail = aws_sdk_cloudtrail::Client::new(issuer.clients().config().await);
    let trails = match cloudtrail.describe_trails().include_shadow_trails(true).send().await {
        Ok(answer) => answer.trail_list().to_vec(),
        Err(error) => {
            return vec![check("Trail", Light::Bad, format!("{}.", words("cloudtrail:DescribeTrails", &error)))];
        }
    };
    let mut checks = Vec::new();
    for trail in trails.iter().filter(|trail| trail.is_multi_region_trail() == Some(true)) {
        checks.extend(of_trail(&cloudtrail, trail).await);
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

async fn of_trail(cloudtrail: &aws_sdk_cloudtrail::Client, trail: &Trail) -> Vec<Check> {
    let name = format!("Trail {}", trail.name().unwrap_or("(no name)"));
    let arn = trail.trail_arn().unwrap_or_default();
    match cloudtrail.get_trail_status().name(arn).send().await {
        Ok(status) if status.is_logging() == Some(true) => {}
        Ok(_) => return vec![check(name, Light::Bad, "It is not logging. Start it again.")],
        Err(error) => {
            return vec![check(name, Light::Look, format!("{}.", words("cloudtrail:GetTrailStatus", &error)))];
        }
    }
    match cloudtrail.get_event_selectors().trail_name(arn).send().await {
        Ok(selectors) => {
            let advanced = !selectors.advanced_event_selectors().is_empty();
            let unseen = if advanced {
                unseen_by_advanced(&format!("{:?}", selectors.advanced_event_selectors()))
            } else {
                unseen(selectors.event_selectors())
            };
            vec![
                check(name, Light::Good, "It is logging in all regions."),
                check("Not seen here", if unseen.1 { Light::Look } else { Light::Good }, unseen.0),
            ]
        }
        Err(error) => {
            vec![check(name, Light::Look, format!("It is logging. {}.", words("cloudtrail:GetEventSelectors", &error)))]
        }
    }
}

/// What no trail tells whatever its selectors say.
const NEVER: &str =
    "calls to endpoints that AWS keeps out of CloudTrail are never logged: only last-used data shows them";

/// One sentence that says what a trail would not see, and whether it leaves out more than usual.
fn unseen(selectors: &[EventSelector]) -> (String, bool) {
    let management = selectors.iter().filter(|selector| selector.include_management_events() != Some(false));
    let reads: Vec<_> =
        management.map(|selector| selector.read_write_type().cloned().unwrap_or(ReadWriteType::All)).collect();
    let data: Vec<&str> = selectors
        .iter()
        .flat_map(|selector| selector.data_resources())
        .filter_map(|resource| resource.r#type())
        .collect();
    let mut missing = Vec::new();
    let mut bad = false;
    if reads.is_empty() && !selectors.is_empty() {
        missing.push("management calls of every kind".to_owned());
        bad = true;
    } else if !reads.is_empty() && !reads.contains(&ReadWriteType::All) {
        let only_writes = !reads.contains(&ReadWriteType::ReadOnly);
        missing.push(if only_writes { "calls that only read" } else { "calls that change something" }.to_owned());
        bad = true;
    }
    if data.is_empty() {
        missing.push("data calls such as s3:GetObject, sns:Publish or dynamodb:GetItem".to_owned());
    } else {
        missing.push(format!("data calls other than of {}", data.join(", ")));
    }
    (format!("The trail leaves out {}; {NEVER}.", missing.join(", and ")), bad)
}

/// The same of advanced selectors, which are a language of their own: it is enough to know whether management events and
/// reads are in.
fn unseen_by_advanced(text: &str) -> (String, bool) {
    let management = text.contains("\"Management\"");
    let filtered = text.contains("readOnly") || text.contains("eventSource");
    let says = match (management, filtered) {
        (false, _) => "The trail's advanced selectors leave out management calls",
        (true, true) => {
            "The trail's advanced selectors filter management calls; look whether reads and every service are in"
        }
        (true, false) => "The trail logs every management call, and the data calls that its advanced selectors name",
    };
    (format!("{says}; {NEVER}."), !management || filtered)
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
