//! What an alert says, as the JSON that a webhook gets and that mails are made from.

use super::{card::Card, digest::body::Digest};
use crate::mail::letter::one_line;
use app::model::{
    alert::AlertKind, audit::AuditEntry, hit::Hit, ids::DestinationId, incident::Incident, moment::Moment, token::Token,
};
use serde::{Deserialize, Serialize};

/// How large a CloudTrail record may be, in bytes of JSON, to travel in an alert. Receivers bound their bodies; the
/// token's page has the record in any case.
const RECORD: usize = 64 * 1024;

/// How long the line that tells an alert may be, in characters: a subject that mail programs show whole, nearly.
const SUMMARY: usize = 160;

/// How much of an error stands in a sentence, in characters.
const SENTENCE: usize = 200;

/// An alert's body. The names of the fields are part of the API.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Body {
    /// What sort of news.
    #[serde(rename = "type")]
    pub kind: AlertKind,
    /// When it was caused.
    pub timestamp: Moment,
    /// The news.
    pub data: Data,
}

/// What an alert is about. It never holds a secret.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Data {
    /// The token; absent in a test.
    pub token: Option<Token>,
    /// The hit, where one caused it. A record larger than 64 KiB is left out (`null`).
    pub hit: Option<Hit>,
    /// The incident that the hit belongs to.
    pub incident: Option<Incident>,
    /// The same in words, in the order in which a responder asks.
    pub card: Card,
    /// In a test: the destination under test. In `failing`: the one at which alerts no longer arrive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<Tested>,
    /// In `audit`: the entry of the audit log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit: Option<AuditEntry>,
    /// In a digest: what was held back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// Pages of the console.
    pub links: Links,
}

/// A destination that an alert is about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tested {
    /// Its identifier.
    pub id: DestinationId,
    /// Its name.
    pub name: String,
    /// Why alerts do not arrive there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Pages of the console.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Links {
    /// The token's page.
    pub token: Option<String>,
    /// The incident's page.
    pub incident: Option<String>,
    /// The page of the destination that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// The page of the audit log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit: Option<String>,
}

impl Body {
    /// What there is to say about a token.
    pub fn about(
        kind: AlertKind,
        now: Moment,
        base_url: &str,
        token: &Token,
        hit: Option<&Hit>,
        incident: Option<&Incident>,
    ) -> Self {
        let hit = hit.cloned().map(|mut hit| {
            if hit.record.to_string().len() > RECORD {
                hit.record = serde_json::Value::Null;
            }
            hit
        });
        let links = Links {
            token: Some(format!("{base_url}/tokens/{}", token.id)),
            incident: incident.map(|incident| format!("{base_url}/incidents/{}", incident.id)),
            ..Links::default()
        };
        let mut data = Data { token: Some(token.clone()), hit, incident: incident.cloned(), links, ..Data::default() };
        data.card = Card::about(kind, now, token, &data);
        let mut body = Self { kind, timestamp: now, data };
        if matches!(kind, AlertKind::Acknowledged | AlertKind::Resolved | AlertKind::Reopened) {
            body.data.card.sentence = format!("{}.", body.summary());
        }
        body
    }

    /// A test of a destination.
    pub fn test(now: Moment, id: &DestinationId, name: &str) -> Self {
        let destination = Some(Tested { id: id.clone(), name: name.to_owned(), error: None });
        let card =
            Card::plain("Somebody pressed “Send a test”. If you read this, alerts arrive here.", &Links::default());
        Self { kind: AlertKind::Test, timestamp: now, data: Data { destination, card, ..Data::default() } }
    }

    /// That alerts no longer arrive at a destination, and why.
    pub fn failing(now: Moment, base_url: &str, id: &DestinationId, name: &str, error: &str) -> Self {
        let then = "What is told there is kept, and can be sent again from its page once it is mended.";
        Self::silent(now, base_url, id, name, (error, then))
    }

    /// The same for those who may not see that destination: neither its name nor what it answered.
    pub fn failing_elsewhere(now: Moment, id: &DestinationId) -> Self {
        let then = "What is told there is kept. Whoever owns it can mend it.";
        let mut body = Self::silent(now, "", id, "a destination of somebody else", ("", then));
        body.data.links = Links::default();
        body.data.card.actions = Vec::new();
        body
    }

    /// The same, saying also to what those who get it are subscribed, so that they hear of it.
    pub fn because(mut self, of: &str) -> Self {
        let of: String = one_line(of).chars().take(SENTENCE).collect();
        self.data.card.sentence.push_str(&format!(" You are told because of the subscription to {of}."));
        self
    }

    /// That somebody who reads a destination's mail ended all that it hears.
    pub fn left(now: Moment, base_url: &str, id: &DestinationId, name: &str) -> Self {
        let why = "somebody followed the link in a mail that ends its subscriptions";
        let then = "What is told from now on does not reach it. Whoever owns it can subscribe it anew on its page.";
        Self::silent(now, base_url, id, name, (why, then))
    }

    /// That alerts no longer arrive at a destination: why, and what becomes of them.
    fn silent(now: Moment, base_url: &str, id: &DestinationId, name: &str, (error, then): (&str, &str)) -> Self {
        let links = Links { destination: Some(format!("{base_url}/destinations/{id}")), ..Links::default() };
        let error = Some(error).filter(|error| !error.is_empty()).map(str::to_owned);
        let destination = Some(Tested { id: id.clone(), name: name.to_owned(), error });
        let mut body =
            Self { kind: AlertKind::Failing, timestamp: now, data: Data { destination, links, ..Data::default() } };
        let sentence = format!("{}. {then}", body.news_of_failing(SENTENCE));
        body.data.card = Card::plain(&sentence, &body.data.links);
        body
    }

    /// That somebody did something in Aviary itself.
    pub fn audited(base_url: &str, entry: &AuditEntry) -> Self {
        let links = Links { audit: Some(format!("{base_url}/settings/audit")), ..Links::default() };
        let card = Card::audited(entry, &links);
        let data = Data { audit: Some(entry.clone()), card, links, ..Data::default() };
        Self { kind: AlertKind::Audit, timestamp: entry.at, data }
    }

    /// `Alerts no longer arrive at ops: it answered 410`
    fn news_of_failing(&self, most: usize) -> String {
        let about = self.data.destination.as_ref();
        let name = about.map(|about| about.name.as_str()).unwrap_or_default();
        let why = about.and_then(|about| about.error.as_deref()).unwrap_or_default().trim_end_matches('.');
        let mut letters = why.chars();
        let why: String = letters.next().into_iter().flat_map(char::to_lowercase).chain(letters).take(most).collect();
        if why.is_empty() {
            format!("Alerts no longer arrive at {name}")
        } else {
            format!("Alerts no longer arrive at {name}: {why}")
        }
    }

    /// The alert in one line.
    pub fn summary(&self) -> String {
        let key = self.data.token.as_ref().map(placed).unwrap_or_default();
        let by = self.data.hit.as_ref().map(|hit| format!(": {} from {}", hit.event_name, hit.source_ip));
        let by = by.unwrap_or_default();
        let line = match self.kind {
            AlertKind::Hit => format!("{key} was used{by}"),
            AlertKind::Exposed => format!("{key} is public{by}"),
            AlertKind::Tampered => format!("{key} was tampered with{by}"),
            AlertKind::UnloggedUse => format!("{key} was used, and no record of it came"),
            AlertKind::Drill => format!("{key} was drilled, and it was heard{by}"),
            AlertKind::Expiring => match self.data.token.as_ref().and_then(|token| token.expires_at) {
                Some(at) => format!("{key} expires on {}", at.day()),
                None => format!("{key} expires soon"),
            },
            AlertKind::Expired => format!("{key} has expired"),
            AlertKind::Failing => self.news_of_failing(SENTENCE),
            AlertKind::Audit => self.data.audit.as_ref().map(AuditEntry::sentence).unwrap_or_default(),
            AlertKind::Minted => {
                let by = self.data.token.as_ref().map(|token| token.created_by.as_str()).unwrap_or_default();
                format!("{key} was minted by {by}")
            }
            AlertKind::Digest => self.data.digest.as_ref().map(|digest| digest.summary(placed)).unwrap_or_default(),
            AlertKind::Acknowledged => match self.data.incident.as_ref().and_then(|it| it.acknowledged_by.as_ref()) {
                Some(by) => format!("{key}: {by} is on it"),
                None => format!("{key}: somebody is on it"),
            },
            AlertKind::Resolved => {
                let incident = self.data.incident.as_ref();
                let by = incident.and_then(|it| it.resolved_by.as_deref()).unwrap_or("somebody");
                let as_what = incident.and_then(|it| it.resolution).map(|as_what| as_what.text().to_lowercase());
                format!("{key}: resolved by {by}{}", as_what.map(|text| format!(" as {text}")).unwrap_or_default())
            }
            AlertKind::Reopened => format!("{key}: its incident is open again"),
            AlertKind::Test => {
                let name = self.data.destination.as_ref().map(|tested| tested.name.as_str()).unwrap_or_default();
                format!("A test: alerts arrive at {name}")
            }
        };
        let line = one_line(&line);
        if line.chars().count() <= SUMMARY { line } else { line.chars().take(SUMMARY).chain(['…']).collect() }
    }
}

/// The token by its place: `The key in laptop of ana`, or by its key id where it has none.
fn placed(token: &Token) -> String {
    match token.location.as_str() {
        "" => format!("The key {}", token.access_key_id),
        // A long place must not push out of the line what happened there.
        location if location.chars().count() > 80 => {
            format!("The key in {}…", location.chars().take(79).collect::<String>())
        }
        location => format!("The key in {location}"),
    }
}
