//! The account's trails: whether one logs in all regions, and what it leaves out.

use super::unseen;
use crate::issuers::aws::{AwsIssuer, words};
use app::model::health::{Check, Light};
use aws_sdk_cloudtrail::{Client, operation::describe_trails::DescribeTrailsError, types::Trail};
use aws_smithy_runtime_api::{client::result::SdkError, http::Response};

async fn client(issuer: &AwsIssuer) -> Client {
    Client::new(issuer.clients().config().await)
}

/// Every trail that the account has or that records it, of other regions and of the organisation too.
pub(super) async fn describe(issuer: &AwsIssuer) -> Result<Vec<Trail>, SdkError<DescribeTrailsError, Response>> {
    let answer = client(issuer).await.describe_trails().include_shadow_trails(true).send().await?;
    Ok(answer.trail_list.unwrap_or_default())
}

/// Whether a trail records all regions.
pub(super) fn covers_all(trail: &Trail) -> bool {
    trail.is_multi_region_trail() == Some(true)
}

/// How the account's trails are doing.
pub(super) async fn look(issuer: &AwsIssuer, trails: &[Trail]) -> Vec<Check> {
    let settings = issuer.settings();
    let users = format!("arn:{}:iam::{}:user{}", settings.partition, issuer.id(), settings.path);
    let cloudtrail = client(issuer).await;
    let mut checks = Vec::new();
    for trail in trails.iter().filter(|trail| covers_all(trail)) {
        checks.extend(of_trail(&cloudtrail, trail, &users).await);
    }
    if checks.is_empty() {
        let says = match trails.len() {
            0 => "The account has no trail: no log files are written, and EventBridge sends no records either."
                .to_owned(),
            n => format!("None of the account's {n} trails covers all regions: a call in another one is not logged."),
        };
        checks.push(Check::new("Trail", Light::Bad, says));
    }
    checks
}

async fn of_trail(cloudtrail: &Client, trail: &Trail, users: &str) -> Vec<Check> {
    let name = format!("Trail {}", trail.name().unwrap_or("(no name)"));
    let arn = trail.trail_arn().unwrap_or_default();
    match cloudtrail.get_trail_status().name(arn).send().await {
        Ok(status) if status.is_logging() == Some(true) => {
            if let Some(why) = status.latest_delivery_error().filter(|why| !why.is_empty()) {
                let says = format!("It is logging, but its files do not reach the bucket: AWS says {why}.");
                return vec![Check::new(name, Light::Bad, says)];
            }
        }
        Ok(_) => return vec![Check::new(name, Light::Bad, "It is not logging. Start it again.")],
        Err(error) => {
            return vec![Check::new(name, Light::Look, format!("{}.", words("cloudtrail:GetTrailStatus", &error)))];
        }
    }
    match cloudtrail.get_event_selectors().trail_name(arn).send().await {
        Ok(selectors) => {
            let (says, bad) =
                unseen::of_trail(selectors.event_selectors(), selectors.advanced_event_selectors(), users);
            vec![
                Check::new(name, Light::Good, "It is logging in all regions."),
                Check::new("Not seen here", if bad { Light::Look } else { Light::Good }, says),
            ]
        }
        Err(error) => {
            vec![Check::new(
                name,
                Light::Look,
                format!("It is logging. {}.", words("cloudtrail:GetEventSelectors", &error)),
            )]
        }
    }
}
