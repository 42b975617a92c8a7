//! EventBridge's rules: whether one sends the users' events, all of them, and to somebody.

use super::rights;
use crate::issuers::aws::{AwsIssuer, code_of, words};
use app::model::health::{Check, Light};
use aws_sdk_eventbridge::{
    Client,
    operation::{list_rules::ListRulesError, list_targets_by_rule::ListTargetsByRuleError},
    types::{Rule, RuleState},
};
use aws_smithy_runtime_api::{client::result::SdkError, http::Response};

/// The state in which a rule sends calls that only read as well.
const COMPLETE: RuleState = RuleState::EnabledWithAllCloudtrailManagementEvents;

async fn client(issuer: &AwsIssuer, region: &str) -> Client {
    Client::new(&issuer.clients().config_in(region).await)
}

/// The path that a rule of ours looks for.
fn path(issuer: &AwsIssuer) -> String {
    format!(":user{}", issuer.settings().path)
}

/// Every rule on the region's default bus that looks for the account's users: by that a rule is known, not by its name.
async fn ours(issuer: &AwsIssuer, events: &Client) -> Result<Vec<Rule>, SdkError<ListRulesError, Response>> {
    let path = path(issuer);
    let mut ours = Vec::new();
    let mut next = None;
    loop {
        let page = events.list_rules().set_next_token(next).send().await?;
        next = page.next_token;
        let rules = page.rules.unwrap_or_default().into_iter();
        ours.extend(rules.filter(|rule| rule.event_pattern().is_some_and(|pattern| pattern.contains(&path))));
        if next.is_none() {
            return Ok(ours);
        }
    }
}

/// To whom a rule sends. The first page is enough: it holds a hundred, and a rule has at most five.
async fn targets(events: &Client, rule: &str) -> Result<Vec<String>, SdkError<ListTargetsByRuleError, Response>> {
    let answer = events.list_targets_by_rule().rule(rule).send().await?;
    Ok(answer.targets().iter().map(|target| target.arn().to_owned()).collect())
}

fn named(rule: &Rule) -> &str {
    rule.name().unwrap_or("(no name)")
}

/// How the rule of a region is doing.
pub(super) async fn look(issuer: &AwsIssuer, region: &str) -> Check {
    let name = format!("Rule in {region}");
    let check = |light, says| Check { name: name.clone(), light, says };
    let events = client(issuer, region).await;
    let ours = match ours(issuer, &events).await {
        Ok(ours) => ours,
        Err(error) => return check(Light::Bad, format!("{}.", words("events:ListRules", &error))),
    };
    let complete: Vec<&Rule> = ours.iter().filter(|rule| rule.state() == Some(&COMPLETE)).collect();
    let mut nowhere = None;
    for rule in &complete {
        let sends = format!("{} sends every management event of the users", named(rule));
        match targets(&events, named(rule)).await {
            Ok(targets) if targets.is_empty() => nowhere = Some(named(rule)),
            Ok(targets) => return check(Light::Good, format!("{sends} to {}.", targets.join(", "))),
            Err(error) => {
                let why = words("events:ListTargetsByRule", &error);
                return check(Light::Look, format!("{sends}, but where to is not known. {why}."));
            }
        }
    }
    if let Some(rule) = nowhere {
        let says = format!(
            "{rule} takes every management event of the users and sends nothing anywhere: it has no target. Give it the \
             queue of events, or in another region the bus of the home region."
        );
        return check(Light::Bad, says);
    }
    let enabled = ours.iter().find(|rule| rule.state() == Some(&RuleState::Enabled));
    match (enabled, ours.first()) {
        (Some(rule), _) => check(
            Light::Bad,
            format!(
                "{} is ENABLED, and so leaves out calls that only read (List…, Get…, Describe…), which is what a thief \
                 does first. Set its state to ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS.",
                named(rule)
            ),
        ),
        (None, Some(rule)) => check(Light::Bad, format!("{} is disabled.", named(rule))),
        (None, None) => check(
            Light::Bad,
            format!(
                "No rule looks for users under {}. Uses in this region are heard through log files only.",
                path(issuer)
            ),
        ),
    }
}

/// Whether the rights are there that [`look`] needs.
pub(super) async fn rights(issuer: &AwsIssuer) -> Vec<Check> {
    let events = client(issuer, &issuer.settings().region).await;
    let listed = ours(issuer, &events).await;
    let mut checks =
        vec![rights::judge("events:ListRules", "see whether a rule sends the users' events", &[], &listed)];
    if listed.as_ref().err().is_none_or(|error| rights::is_denied(code_of(error))) {
        // One that is not there does as well: AWS says so only to those who may ask.
        let rule =
            listed.ok().and_then(|rules| rules.into_iter().next()?.name).unwrap_or_else(|| "activity".to_owned());
        let why = "see whether that rule sends them to somebody";
        let answer = targets(&events, &rule).await;
        checks.push(rights::judge("events:ListTargetsByRule", why, &["ResourceNotFoundException"], &answer));
    }
    checks
}
