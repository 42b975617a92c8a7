//! A look at an account's queues: how many messages wait, what was put aside, and whether Aviary may do its work on them.

use super::{hearing, inspect::length, rights};
use crate::{
    house::House,
    intake,
    issuers::aws::{AwsIssuer, code_of, words},
};
use app::model::{
    account::{AccountSettings, AccountStatus},
    health::{Check, Light},
    moment::HOUR,
};
use aws_sdk_sqs::{operation::get_queue_attributes::GetQueueAttributesError, types::QueueAttributeName};
use aws_smithy_runtime_api::{client::result::SdkError, http::Response};
use std::collections::HashMap;

/// A queue whose messages wait longer than this is worth a look.
const LATE: i64 = HOUR;
/// From so many waiting messages on a queue is worth a look.
const WAITING: i64 = 10_000;
/// The attributes of a queue that are asked for.
const ASKED: [QueueAttributeName; 3] = [
    QueueAttributeName::ApproximateNumberOfMessages,
    QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
    QueueAttributeName::RedrivePolicy,
];

type Attributes = HashMap<QueueAttributeName, String>;
type Refused = SdkError<GetQueueAttributesError, Response>;

/// The queues that are set: what each is called, and its address.
pub(super) fn of(settings: &AccountSettings) -> impl Iterator<Item = (&'static str, &str)> {
    let queues = [("Queue of events", settings.events_queue.as_str()), ("Queue of files", &settings.files_queue)];
    queues.into_iter().filter(|(_, address)| !address.is_empty())
}

async fn attributes(issuer: &AwsIssuer, address: &str) -> Result<Attributes, Refused> {
    let asked = issuer.clients().sqs(address).await.get_queue_attributes().queue_url(address);
    Ok(asked.set_attribute_names(Some(ASKED.to_vec())).send().await?.attributes.unwrap_or_default())
}

fn unasked(error: &Refused) -> String {
    format!("{}.", words("sqs:GetQueueAttributes", error))
}

/// How a queue is doing. `known` is what was written down of the account.
pub(super) async fn look(
    house: &House,
    issuer: &AwsIssuer,
    (what, address): (&str, &str),
    known: &AccountStatus,
) -> Vec<Check> {
    let (mut checks, goes_on) = match attributes(issuer, address).await {
        Ok(attributes) => (waiting(house, issuer, what, address, &attributes).await, true),
        Err(error) => (vec![Check::new(what, Light::Bad, unasked(&error))], rights::is_denied(code_of(&error))),
    };
    // A queue that is not there, or does not answer, says nothing of rights.
    if goes_on && reads(house, issuer, address) {
        let rights = hearing::of_queue(house, issuer, (what, address), known).await;
        checks.extend(rights.into_iter().map(|right| Check { name: format!("{what}: {}", right.name), ..right }));
    }
    checks
}

/// Whether the rights are there that reading the account's queues needs.
pub(super) async fn rights(house: &House, issuer: &AwsIssuer, known: &AccountStatus) -> Vec<Check> {
    let mut checks = Vec::new();
    for (what, address) in of(issuer.settings()).filter(|(_, address)| reads(house, issuer, address)) {
        let answer = attributes(issuer, address).await;
        let why = format!("see how many messages wait in the {}", what.to_lowercase());
        checks.push(rights::judge("sqs:GetQueueAttributes", &why, &[], &answer));
        if answer.as_ref().err().is_none_or(|error| rights::is_denied(code_of(error))) {
            checks.extend(hearing::of_queue(house, issuer, (what, address), known).await);
        }
    }
    checks
}

/// Whether it is this account by whose role a queue is read: one that two accounts share is read by one of them.
fn reads(house: &House, issuer: &AwsIssuer, address: &str) -> bool {
    intake::queues::reader(house, address).is_some_and(|reader| reader.id() == issuer.id())
}

async fn waiting(house: &House, issuer: &AwsIssuer, what: &str, address: &str, attributes: &Attributes) -> Vec<Check> {
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
        return vec![Check::new(what, Light::Look, says)];
    };
    let late = house.ears.queues.age(address).is_some_and(|(_, age)| age > LATE);
    let light = if waiting > WAITING || late { Light::Look } else { Light::Good };
    vec![Check::new(what, light, format!("{depth}.")), put_aside(issuer, what, &dead).await]
}

/// What the queue puts aside, and how much of it there is.
async fn put_aside(issuer: &AwsIssuer, what: &str, address: &str) -> Check {
    let name = format!("{what}: put aside");
    let attributes = match attributes(issuer, address).await {
        Ok(attributes) => attributes,
        Err(error) => return Check::new(name, Light::Look, unasked(&error)),
    };
    match attributes.get(&QueueAttributeName::ApproximateNumberOfMessages).map_or("0", String::as_str) {
        "0" => Check::new(name, Light::Good, "Nothing."),
        count => Check::new(
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
