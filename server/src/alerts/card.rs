//! The card of an alert: what a responder wants to know, in the order in which they want to know it. Every channel shows
//! the same card in its own form. Pure: what is known of the matter goes in, sentences come out.

use super::body::{Data, Links};
use crate::mail::letter::one_line;
use app::model::{
    alert::AlertKind,
    audit::{self, AuditEntry},
    hit::{Hit, Source},
    moment::Moment,
    token::Token,
    tool::tools,
};
use serde::{Deserialize, Serialize};

/// What stands in an alert instead of the link to acknowledge. The link is made for each destination at the moment of
/// sending ([`super::acknowledge`]), so that what is kept of an alert, once for all who hear of it, opens nothing.
pub const ACKNOWLEDGE: &str = "aviary:acknowledge";

/// How long a fact may be, in characters.
const LONGEST: usize = 2_000;

/// How much of a place, an owner or a name stands in a sentence, in characters.
const NAMED: usize = 120;

/// The card. The names of the fields are part of the API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Card {
    /// What happened, in plain words.
    pub sentence: String,
    /// What is known about it, the most important first.
    pub facts: Vec<Fact>,
    /// Tools that the user agent speaks of.
    pub tools: Vec<String>,
    /// What can be done about it.
    pub actions: Vec<Action>,
}

/// The label of the fact that says how sure a hit is.
pub const SURE: &str = "How sure";
/// The label of the token's notes. Those who show notes in a place of their own leave this fact out of the others.
pub const NOTES: &str = "What it opens, what to rotate";

/// One line of a card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fact {
    /// What it says something about.
    pub label: String,
    /// What it says. It may have several lines.
    pub value: String,
}

/// Something that can be done, by following a link.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Action {
    /// What it is.
    pub label: String,
    /// Where it leads.
    pub url: String,
}

impl Card {
    /// The card of an alert about a token.
    pub fn about(kind: AlertKind, now: Moment, token: &Token, data: &Data) -> Self {
        let hit = data.hit.as_ref();
        let tools: Vec<&str> = hit.map(|hit| tools(&hit.user_agent)).unwrap_or_default();
        Self {
            sentence: sentence(kind, now, token, hit),
            facts: facts(kind, token, data, &tools),
            tools: tools.into_iter().map(str::to_owned).collect(),
            actions: actions(kind, data),
        }
    }

    /// The card of an entry of the audit log.
    pub fn audited(entry: &AuditEntry, links: &Links) -> Self {
        let mut facts = Vec::new();
        let mut add = |label: &str, value: &str| {
            let value: String = one_line(value).chars().take(LONGEST).collect();
            if !value.is_empty() {
                facts.push(Fact { label: label.to_owned(), value });
            }
        };
        let kind = entry.actor_kind.replace('_', " ");
        add("Who", &if kind.is_empty() { entry.actor.clone() } else { format!("{} ({kind})", entry.actor) });
        add("Act", &entry.act);
        add("On what", &entry.subject);
        add("Details", &entry.detail);
        for (name, before, after) in entry.changes() {
            let value = |side: Option<&serde_json::Value>| side.map(audit::shown).filter(|text| !text.is_empty());
            let changed = match (value(before), value(after)) {
                (None, None) => String::new(),
                (None, Some(after)) => after,
                (Some(before), None) => format!("was {before}"),
                (Some(before), Some(after)) => format!("{after} (was {before})"),
            };
            add(&format!("Fact {name}"), &changed);
        }
        add("From address", entry.address.as_deref().unwrap_or_default());
        add("Request", entry.request_id.as_deref().unwrap_or_default());
        add("Client", entry.agent.as_deref().unwrap_or_default());
        add("Entry", &format!("{}:{}", entry.seq, entry.hash));
        let page = links.audit.as_ref().map(|url| Action { label: "See the audit log".into(), url: url.clone() });
        Self {
            sentence: one_line(&format!("{}.", entry.sentence())),
            facts,
            actions: page.into_iter().collect(),
            ..Self::default()
        }
    }

    /// The card of an alert that says no more than this.
    pub fn plain(sentence: &str, links: &Links) -> Self {
        let page =
            links.destination.as_ref().map(|url| Action { label: "See the destination".into(), url: url.clone() });
        Self { sentence: one_line(sentence), actions: page.into_iter().collect(), ..Self::default() }
    }
}

/// `The key planted in laptop of ana (owner: build team) was used from 203.0.113.7 (AS64500, NL) at 14:03 UTC:
/// iam:ListUsers, refused.`
fn sentence(kind: AlertKind, now: Moment, token: &Token, hit: Option<&Hit>) -> String {
    let owner = match token.owner.trim() {
        "" => String::new(),
        owner => format!(" (owner: {})", brief(owner)),
    };
    let key = match token.location.trim() {
        "" => format!("The key {}{owner}", token.access_key_id),
        place => format!("The key planted in {}{owner}", brief(place)),
    };
    let told = match kind {
        AlertKind::Hit => format!("{key} was used"),
        AlertKind::Exposed => format!("AWS treats {} as public: it was found where everybody can read it", small(&key)),
        AlertKind::Tampered => match hit.is_some_and(|hit| hit.error_code.is_some()) {
            true => format!("Somebody tried to change the user or the key of a canary: {}", small(&key)),
            false => format!("Somebody changed the user or the key of a canary: {}", small(&key)),
        },
        AlertKind::UnloggedUse => {
            return format!(
                "{key} was used{}, says IAM, and no record of a call has come: an API was called that no trail logs.",
                hit.map(|hit| format!(" {}", at(hit.event_time, now))).unwrap_or_default()
            );
        }
        AlertKind::Drill => format!("{key} was used by Aviary itself, as somebody asked it to, and that was heard"),
        AlertKind::Expiring => {
            let when = token.expires_at.map_or("soon".to_owned(), |at| format!("on {}", at.day()));
            return format!("{key} expires {when}: from then on it does not tell when somebody uses it.");
        }
        AlertKind::Minted => {
            let by = brief(&token.created_by);
            return format!("{key} was minted by {by}. From now on its uses are alerts.");
        }
        AlertKind::Expired => return format!("{key} has expired: it no longer tells when somebody uses it."),
        _ => return format!("{key}: there is news about it."),
    };
    let Some(hit) = hit else { return format!("{told}.") };
    let place = hit.geo.as_ref().map(|geo| geo.short()).filter(|place| !place.is_empty());
    let place = place.map(|place| format!(" ({place})")).unwrap_or_default();
    let from = match hit.source_ip.as_str() {
        "" => String::new(),
        address => format!(" from {}{place}", brief(address)),
    };
    format!("{told}{from} {}: {}, {}.", at(hit.event_time, now), call(&hit.event_source, &hit.event_name), result(hit))
}

/// `at 14:03 UTC`, with the day where it is another one than today.
fn at(time: Moment, now: Moment) -> String {
    let exact = time.exact();
    let clock: String = exact.chars().skip(11).take(5).collect();
    if time.day() == now.day() { format!("at {clock} UTC") } else { format!("on {} at {clock} UTC", time.day()) }
}

/// A call as policies write it: `iam:ListUsers`.
pub fn call(event_source: &str, event_name: &str) -> String {
    let host = event_source.trim_end_matches(".amazonaws.com");
    let service = match host.split('.').next().unwrap_or_default() {
        "" => return brief(event_name),
        "monitoring" => "cloudwatch",
        "email" => "ses",
        "tagging" => "tag",
        "application-autoscaling" => "autoscaling",
        service => service,
    };
    brief(&format!("{service}:{event_name}"))
}

fn result(hit: &Hit) -> String {
    match hit.error_code.as_deref() {
        None => "it succeeded".to_owned(),
        Some(code) if code.contains("AccessDenied") || code.contains("Unauthorized") => "refused".to_owned(),
        Some(code) => format!("refused ({})", brief(code)),
    }
}

fn facts(kind: AlertKind, token: &Token, data: &Data, tools: &[&str]) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut add = |label: &str, value: String| {
        let value: String = value.trim().chars().take(LONGEST).collect();
        if !value.is_empty() {
            facts.push(Fact { label: label.to_owned(), value });
        }
    };
    if let Some(hit) = &data.hit {
        add(SURE, sure(hit));
    }
    let lines = token.notes.lines().map(one_line).collect::<Vec<_>>().join("\n");
    add(NOTES, lines);
    if let Some(incident) = &data.incident {
        add("First seen", incident.opened_at.exact());
        add("Last seen", incident.last_hit_at.exact());
        add("Calls in this incident", incident.hit_count.to_string());
    }
    add("Tools", tools.join(", "));
    if let Some(hit) = &data.hit {
        add("Call", call(&hit.event_source, &hit.event_name));
        let result = hit.error_code.as_ref().map_or("it succeeded".to_owned(), |code| format!("refused ({code})"));
        add("Result", one_line(&result));
        add("Source address", one_line(&hit.source_ip));
        add("Network", hit.geo.as_ref().map(|geo| one_line(&geo.long())).unwrap_or_default());
        add("Region", one_line(&hit.aws_region));
        add("User agent", one_line(&hit.user_agent));
    }
    add("Planted in", one_line(&token.location));
    add("Owner", one_line(&token.owner));
    add("Team", one_line(&token.team));
    add("Key", token.access_key_id.clone());
    add("User", one_line(&token.user_name));
    add("Account", one_line(&token.account));
    if matches!(kind, AlertKind::Expiring | AlertKind::Expired) {
        add("Expires", token.expires_at.map(|at| at.exact()).unwrap_or_default());
    }
    if !token.key_active {
        add("State", "the key is disabled".into());
    }
    facts
}

/// By which ways it was heard, and what that is worth.
fn sure(hit: &Hit) -> String {
    let mut ways: Vec<&str> = hit.sources.iter().map(|sighting| way(sighting.source)).collect();
    ways.dedup();
    let by = match ways.as_slice() {
        [] => return String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    };
    let worth = hit.sources.iter().map(|sighting| sighting.source).max_by_key(|source| weight(*source));
    let worth = match worth {
        Some(Source::Eventbridge | Source::Trail | Source::Sns) => "AWS recorded the call itself.",
        Some(Source::Scan) => "It stood in AWS's own log files; it may be long ago.",
        Some(Source::Sandbox) => "The sandbox was called itself.",
        Some(Source::LastUsed) => "IAM noted the use; which call it was, nobody knows.",
        _ => "As sure as whoever handed the record in.",
    };
    format!("Heard by {by}. {worth}")
}

fn way(source: Source) -> &'static str {
    match source {
        Source::Eventbridge => "EventBridge",
        Source::Trail => "a trail's log file",
        Source::Webhook => "the ingest API",
        Source::Sns => "SNS",
        Source::Scan => "a scan of log files",
        Source::Sandbox => "the sandbox",
        Source::LastUsed => "IAM's last-used data",
    }
}

fn weight(source: Source) -> u8 {
    match source {
        Source::Eventbridge | Source::Trail | Source::Sns => 4,
        Source::Sandbox => 3,
        Source::Scan => 2,
        Source::LastUsed => 1,
        Source::Webhook => 0,
    }
}

fn actions(kind: AlertKind, data: &Data) -> Vec<Action> {
    let mut actions = Vec::new();
    let mut add = |label: &str, url: &Option<String>| {
        actions.extend(url.as_ref().map(|url| Action { label: label.to_owned(), url: url.clone() }));
    };
    add("See the incident", &data.links.incident);
    if is_urgent(kind) && data.incident.is_some() {
        add("Acknowledge", &Some(ACKNOWLEDGE.to_owned()));
    }
    add("See the key and all its uses", &data.links.token);
    actions
}

/// Whether somebody has to do something about it now.
fn is_urgent(kind: AlertKind) -> bool {
    matches!(kind, AlertKind::Hit | AlertKind::Exposed | AlertKind::Tampered | AlertKind::UnloggedUse)
}

fn brief(text: &str) -> String {
    let line = one_line(text);
    if line.chars().count() <= NAMED { line } else { line.chars().take(NAMED - 1).chain(['…']).collect() }
}

/// The sentence's beginning, inside another sentence.
fn small(key: &str) -> String {
    format!("the {}", key.trim_start_matches("The "))
}

#[cfg(test)]
pub mod tests;
