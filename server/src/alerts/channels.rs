//! The channels: one file per kind of destination. Each reads what was typed for a new one (`read`), asks it to prove
//! that alerts are wanted there (`prove`), and hands one alert to it, once, and says what came of that (`send`).

mod address;
mod aws;
mod canarytokens;
mod chat;
mod discord;
pub mod email;
mod escape;
mod google_chat;
mod http;
pub mod jira;
#[cfg(test)]
mod limits;
mod mattermost;
mod message;
mod news;
mod pagerduty;
mod service;
mod slack;
mod splunk;
mod syslog;
mod teams;
pub mod webhook;

use crate::{
    house::House,
    net::NetError,
    store::alerts::{destinations::DestinationRow, queue::Due},
};
use app::model::{
    alert::{DestinationForm, DestinationKind},
    fault::FieldFault,
    secret::Secret,
};
use std::time::Duration;

/// How long the other side may take to accept an alert.
const PATIENCE: Duration = Duration::from_secs(15);

/// And how long it may take to prove itself: somebody waits for the page.
const PATIENCE_FOR_PROOF: Duration = Duration::from_secs(10);

/// How much is kept of what the other side said, in bytes.
const KEPT: usize = 4 * 1024;

/// How much of it stands beside the destination, in characters.
const SHOWN: usize = 200;

/// What a form for a new destination says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// The address in one spelling; of a kind that hides it, a mask.
    pub address: String,
    /// What else there is to know to send there: an object of texts without secrets.
    pub settings: serde_json::Value,
    /// What is to be sealed.
    pub secret: Option<Secret>,
}

impl Parts {
    /// An address and nothing else.
    pub fn new(address: String) -> Self {
        Self { address, settings: serde_json::json!({}), secret: None }
    }
}

/// What came of asking a destination for its proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It proved itself.
    Confirmed,
    /// It took a message with the code, which its owner now types in.
    CodeSent {
        /// What its owner should know, if something was not as it could be.
        remark: Option<String>,
    },
}

/// What came of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What is to happen next.
    pub verdict: Verdict,
    /// The status that the other side answered: HTTP or SMTP.
    pub status: Option<i64>,
    /// What it said, or why there was no answer.
    pub detail: String,
}

/// What is to happen after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing: it was accepted.
    Accepted,
    /// It is to be tried again, not sooner than in this many milliseconds.
    Later(Option<i64>),
    /// Trying again is pointless.
    Never,
}

impl Outcome {
    fn new(verdict: Verdict, status: Option<u16>, detail: &str) -> Self {
        Self { verdict, status: status.map(i64::from), detail: storable(detail) }
    }

    /// Whether it was accepted.
    pub fn ok(&self) -> bool {
        self.verdict == Verdict::Accepted
    }

    /// Why it was not accepted, in one line.
    pub fn error(&self) -> Option<String> {
        let said: String = crate::mail::letter::one_line(&self.detail).chars().take(SHOWN).collect();
        match (self.ok(), self.status) {
            (true, _) => None,
            (false, Some(status)) if said.is_empty() => Some(format!("It answered {status}.")),
            (false, Some(status)) => Some(format!("It answered {status}: {said}")),
            (false, None) => Some(said),
        }
    }
}

/// What can be kept of a text from outside: PostgreSQL has no text with a zero in it.
fn storable(text: &str) -> String {
    let mut kept = text.replace('\0', "\u{fffd}");
    let mut end = KEPT.min(kept.len());
    while !kept.is_char_boundary(end) {
        end -= 1;
    }
    kept.truncate(end);
    kept
}

/// Whether only an admin of the whole installation may make it: it acts with the role of an account, or what it calls
/// back with may triage incidents and disable keys.
pub fn is_for_admins(kind: DestinationKind, parts: &Parts) -> bool {
    match kind {
        DestinationKind::Sns | DestinationKind::Sqs | DestinationKind::Eventbridge => true,
        _ => acts_here(kind, &parts.settings),
    }
}

/// Whether what a destination calls back with may do something here.
pub fn acts_here(kind: DestinationKind, settings: &serde_json::Value) -> bool {
    kind == DestinationKind::Jira && !jira::acts(settings).is_empty()
}

/// What was typed for a new destination of a kind. `endpoints` are the hosts that stand for AWS besides its own.
///
/// # Errors
/// What is wrong with which field.
pub fn read(kind: DestinationKind, form: &DestinationForm, endpoints: &[String]) -> Result<Parts, Vec<FieldFault>> {
    match kind {
        DestinationKind::Email => address::mail(form),
        DestinationKind::Webhook => webhook::read(form),
        DestinationKind::Canarytokens => canarytokens::read(form),
        DestinationKind::Slack => slack::CHAT.read(form),
        DestinationKind::Teams => teams::CHAT.read(form),
        DestinationKind::Discord => discord::CHAT.read(form),
        DestinationKind::GoogleChat => google_chat::CHAT.read(form),
        DestinationKind::Mattermost => mattermost::CHAT.read(form),
        DestinationKind::Pagerduty => pagerduty::read(form),
        DestinationKind::Jira => jira::read(form),
        DestinationKind::Splunk => splunk::read(form),
        DestinationKind::Syslog => syslog::read(form),
        DestinationKind::Sns | DestinationKind::Sqs | DestinationKind::Eventbridge => aws::read(kind, form, endpoints),
    }
}

/// Hands one alert to one destination.
pub async fn send(house: &House, destination: &DestinationRow, due: &Due) -> Outcome {
    match destination.kind {
        DestinationKind::Email => email::send(house, destination, due).await,
        DestinationKind::Webhook => webhook::send(house, destination, due).await,
        DestinationKind::Canarytokens => canarytokens::send(house, destination, due).await,
        DestinationKind::Slack => slack::CHAT.send(house, destination, due).await,
        DestinationKind::Teams => teams::CHAT.send(house, destination, due).await,
        DestinationKind::Discord => discord::CHAT.send(house, destination, due).await,
        DestinationKind::GoogleChat => google_chat::CHAT.send(house, destination, due).await,
        DestinationKind::Mattermost => mattermost::CHAT.send(house, destination, due).await,
        DestinationKind::Pagerduty => pagerduty::send(house, destination, due).await,
        DestinationKind::Jira => jira::send(house, destination, due).await,
        DestinationKind::Splunk => splunk::send(house, destination, due).await,
        DestinationKind::Syslog => syslog::send(house, destination, due).await,
        DestinationKind::Sns | DestinationKind::Sqs | DestinationKind::Eventbridge => {
            aws::send(house, destination, due).await
        }
    }
}

/// Asks a destination to prove that alerts are wanted there. One that cannot answer by itself gets a message with the
/// code. Mail addresses are asked by a link instead (`destinations/proof.rs`).
///
/// # Errors
/// Why that failed, in a sentence for its owner.
pub async fn prove(house: &House, destination: &DestinationRow, code: &str) -> Result<Proof, String> {
    match destination.kind {
        DestinationKind::Webhook => webhook::prove(house, destination, code).await,
        DestinationKind::Canarytokens => canarytokens::prove(house, destination, code).await,
        DestinationKind::Slack => slack::CHAT.prove(house, destination, code).await,
        DestinationKind::Teams => teams::CHAT.prove(house, destination, code).await,
        DestinationKind::Discord => discord::CHAT.prove(house, destination, code).await,
        DestinationKind::GoogleChat => google_chat::CHAT.prove(house, destination, code).await,
        DestinationKind::Mattermost => mattermost::CHAT.prove(house, destination, code).await,
        DestinationKind::Pagerduty => pagerduty::prove(house, destination).await,
        DestinationKind::Jira => jira::prove(house, destination).await,
        DestinationKind::Splunk => splunk::prove(house, destination).await,
        DestinationKind::Syslog => syslog::prove(house, destination).await,
        DestinationKind::Sns | DestinationKind::Sqs | DestinationKind::Eventbridge => {
            aws::prove(house, destination).await
        }
        DestinationKind::Email => Err("Mail addresses are asked by a link.".to_owned()),
    }
}

/// What a destination hides: its address, key or API token. It never leaves the request that it is used in.
///
/// # Errors
/// Why there is none, in a sentence.
pub(super) fn unsealed(house: &House, destination: &DestinationRow) -> Result<Secret, String> {
    let sealed = destination.sealed_secret.as_deref().ok_or("It has no secret. Remove it and make it again.")?;
    // The log says more: the reason is with the operator, not with the owner.
    house.sealer.open(sealed, destination.id.as_str()).map_err(|_| "Its secret does not open.".to_owned())
}

/// The reason as a sentence.
fn sentence(error: &NetError) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).chain(['.']).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_an_answer_is_bounded_and_storable() {
        let outcome = Outcome::new(Verdict::Later(None), Some(500), &format!("a\0{}", "é".repeat(4_000)));
        assert!(outcome.detail.len() <= KEPT && !outcome.detail.contains('\0'));
        assert!(outcome.error().unwrap().starts_with("It answered 500: a\u{fffd}é"));
        assert!(outcome.error().unwrap().chars().count() < 230);
    }
}
