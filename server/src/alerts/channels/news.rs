//! What the channels to machines say of an alert: the same facts, in each one's own form.

use crate::{
    alerts::{
        body::{Body, Data},
        card::NOTES,
        digest::body::{Digest, Item},
    },
    mail::letter::one_line,
    store::alerts::{destinations::DestinationRow, queue::Due},
};
use app::model::{alert::AlertKind, incident::Incident, moment::Moment};
use std::collections::BTreeSet;

/// How many entries of a digest are facts.
const ITEMS: usize = 12;

/// The longest word for a fact: what RFC 5424 allows a name.
const WORD: usize = 32;

/// How grave a piece of news is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gravity {
    /// Somebody is where nobody should be.
    Critical,
    /// Something will go wrong unless somebody acts.
    Warning,
    /// People did something.
    Notice,
    /// Nothing has to be done.
    Info,
}

/// How grave this kind of news is.
pub fn gravity(kind: AlertKind) -> Gravity {
    match kind {
        AlertKind::Hit | AlertKind::Exposed | AlertKind::Tampered | AlertKind::UnloggedUse => Gravity::Critical,
        // As grave as what it is about.
        AlertKind::Reopened => Gravity::Critical,
        AlertKind::Acknowledged | AlertKind::Resolved | AlertKind::Audit => Gravity::Notice,
        AlertKind::Drill | AlertKind::Minted | AlertKind::Test => Gravity::Info,
        _ => Gravity::Warning,
    }
}

/// One fact of an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The word for it that programs read.
    pub word: String,
    /// Its name for people.
    pub name: String,
    /// What it is, in one line. From outside and not to be trusted.
    pub value: String,
}

/// An alert, read for a machine.
#[derive(Debug)]
pub struct News<'a> {
    /// The delivery.
    pub due: &'a Due,
    body: Option<Body>,
    sentence: Option<String>,
    summary: String,
    thread: String,
}

impl<'a> News<'a> {
    /// The news of a delivery. What an older or a newer Aviary wrote in another form is told by its summary alone.
    pub fn of(due: &'a Due) -> Self {
        let whole: Option<serde_json::Value> = serde_json::from_str(&due.payload).ok();
        let sentence = whole
            .as_ref()
            .and_then(|whole| whole.pointer("/data/card/sentence"))
            .and_then(serde_json::Value::as_str)
            .map(one_line)
            .filter(|sentence| !sentence.is_empty());
        let body: Option<Body> = whole.and_then(|whole| serde_json::from_value(whole).ok());
        let thread = body.as_ref().and_then(|body| thread(due.kind, &body.data)).unwrap_or_else(|| due.id.0.clone());
        Self { due, sentence, body, summary: one_line(&due.summary), thread }
    }

    /// The parts of a digest, for those who have each incident as a thing of their own: one for each incident, and one
    /// for each token with other news. Empty where it is no digest.
    pub fn parts(&self) -> Vec<News<'a>> {
        let Some((body, digest)) = self.body.as_ref().and_then(|body| Some((body, body.data.digest.as_ref()?))) else {
            return Vec::new();
        };
        let mut threads: Vec<(String, Vec<Item>)> = Vec::new();
        for item in &digest.items {
            let thread = match &item.incident {
                Some(incident) => incident.id.0.clone(),
                None => format!("token-{}", item.token.id),
            };
            match threads.iter_mut().find(|(known, _)| *known == thread) {
                Some((_, items)) => items.push(item.clone()),
                None => threads.push((thread, vec![item.clone()])),
            }
        }
        let part = |(thread, items): (String, Vec<Item>)| {
            let body = Body::digest(body.timestamp, Digest::of(items));
            let summary = body.summary();
            Self { due: self.due, sentence: Some(format!("{summary}.")), body: Some(body), summary, thread }
        };
        threads.into_iter().map(part).collect()
    }

    /// The incident that it is about.
    pub fn incident(&self) -> Option<&Incident> {
        self.body.as_ref()?.data.incident.as_ref()
    }

    /// What belongs together at the other end: the news of an incident, else those of a token, or of a destination at
    /// which alerts no longer arrive, else this piece of news alone.
    pub fn thread(&self) -> &str {
        &self.thread
    }

    /// It in one line.
    pub fn summary(&self) -> &str {
        &self.summary
    }

    /// It in one sentence.
    pub fn sentence(&self) -> String {
        self.sentence.clone().unwrap_or_else(|| self.summary.clone())
    }

    /// When it happened: the call, else the news.
    pub fn at(&self, otherwise: Moment) -> Moment {
        let body = self.body.as_ref();
        let call = body.and_then(|body| body.data.hit.as_ref()).map(|hit| hit.event_time);
        call.filter(|_| !self.is_triage()).or(body.map(|body| body.timestamp)).unwrap_or(otherwise)
    }

    /// The page of the incident, else of the token, else of the destination, else of the audit log.
    pub fn link(&self) -> Option<&str> {
        let links = &self.body.as_ref()?.data.links;
        let about = [&links.incident, &links.token, &links.destination, &links.audit];
        about.into_iter().find_map(Option::as_deref)
    }

    /// The page of the token.
    pub fn token_link(&self) -> Option<&str> {
        self.body.as_ref()?.data.links.token.as_deref()
    }

    /// The link by which whoever reads this acknowledges the incident, where there is one.
    pub fn acknowledge_link(&self) -> Option<&str> {
        let actions = &self.body.as_ref()?.data.card.actions;
        actions.iter().map(|action| action.url.as_str()).find(|url| url.contains("/acknowledge/"))
    }

    /// What to do, in the words of whoever planted the token.
    pub fn notes(&self) -> &str {
        let token = self.body.as_ref().and_then(|body| body.data.token.as_ref());
        token.map(|token| token.notes.as_str()).unwrap_or_default()
    }

    /// What the news comes from, for people: the place of the key.
    pub fn source(&self) -> String {
        let Some(token) = self.body.as_ref().and_then(|body| body.data.token.as_ref()) else {
            return "Aviary".to_owned();
        };
        one_line(if token.location.is_empty() { &token.access_key_id } else { &token.location })
    }

    /// Whether it tells what people decided about an incident.
    pub fn is_triage(&self) -> bool {
        matches!(self.due.kind, AlertKind::Acknowledged | AlertKind::Resolved | AlertKind::Reopened)
    }

    /// What is known; nothing that is empty.
    pub fn facts(&self) -> Vec<Fact> {
        let mut facts = Vec::new();
        let mut words = BTreeSet::new();
        let mut add = |word: &str, name: &str, value: &str| {
            let value = one_line(value);
            if !value.is_empty() && words.insert(word.to_owned()) {
                facts.push(Fact { word: word.to_owned(), name: name.to_owned(), value });
            }
        };
        let Some(data) = self.body.as_ref().map(|body| &body.data) else { return facts };
        if let Some(hit) = &data.hit {
            add("event_time", "Time", &hit.event_time.rfc3339());
            add("source_ip", "Source address", &hit.source_ip);
            add("event_name", "Call", &hit.event_name);
            add("event_source", "Service", &hit.event_source);
            add("aws_region", "Region", &hit.aws_region);
            add("error_code", "Refused with", hit.error_code.as_deref().unwrap_or_default());
            add("user_agent", "User agent", &hit.user_agent);
            add("event_id", "Event", &hit.event_id);
        }
        if let Some(token) = &data.token {
            add("location", "Planted in", &token.location);
            add("owner", "Looked after by", &token.owner);
            add("team", "Team", &token.team);
            add("access_key_id", "Key", &token.access_key_id);
            add("user_name", "User", &token.user_name);
            add("account", "Account", &token.account);
            add("token_id", "Token", token.id.as_str());
        }
        if let Some(incident) = &data.incident {
            add("incident_id", "Incident", incident.id.as_str());
            add("incident_hits", "Uses so far", &incident.hit_count.to_string());
        }
        if let Some(about) = data.destination.as_ref().filter(|_| self.due.kind == AlertKind::Failing) {
            add("destination", "Destination", &about.name);
            add("destination_id", "Destination's identifier", about.id.as_str());
            add("error", "Why", about.error.as_deref().unwrap_or_default());
        }
        if let Some(entry) = &data.audit {
            add("actor_kind", "Sort of actor", &entry.actor_kind);
            add("actor_id", "Actor's identifier", &entry.actor_id);
            add("actor", "Who", &entry.actor);
            add("act", "Act", &entry.act);
            add("subject_kind", "Sort of thing", &entry.subject_kind);
            add("subject_id", "Thing's identifier", &entry.subject_id);
            add("subject", "On what", &entry.subject);
            add("detail", "Details", &entry.detail);
            add("address", "From address", entry.address.as_deref().unwrap_or_default());
            add("request_id", "Request", entry.request_id.as_deref().unwrap_or_default());
            add("agent", "Client", entry.agent.as_deref().unwrap_or_default());
            add("seq", "Entry", &entry.seq.to_string());
            add("hash", "Hash", &entry.hash);
        }
        if let Some(digest) = &data.digest {
            add("held_back", "Held back", &digest.count.to_string());
            for (n, item) in digest.items.iter().take(ITEMS).enumerate() {
                let line = format!("{}: {}", cut(&one_line(item.place()), 60), item.line());
                add(&format!("item_{}", n + 1), "Held back", &line);
            }
            if let Some(more) = digest.items.len().checked_sub(ITEMS).filter(|more| *more > 0) {
                add("more_items", "And more", &format!("{more} entries"));
            }
        } else {
            let told = |label: &str| is_told(label) || (data.audit.is_some() && !label.starts_with("Fact "));
            for fact in data.card.facts.iter().filter(|fact| !told(&fact.label)) {
                add(&word(&fact.label), &cut(&one_line(&fact.label), 60), &fact.value);
            }
        }
        add("tools", "Tools", &data.card.tools.join(", "));
        facts
    }
}

/// What the news belong to, besides themselves.
fn thread(kind: AlertKind, data: &Data) -> Option<String> {
    if let Some(incident) = &data.incident {
        return Some(incident.id.0.clone());
    }
    match kind {
        AlertKind::Test | AlertKind::Audit => None,
        AlertKind::Failing => data.destination.as_ref().map(|about| format!("destination-{}", about.id)),
        _ => data.token.as_ref().map(|token| format!("token-{}", token.id)),
    }
}

/// Whether a fact of the card is among the others in another form.
fn is_told(label: &str) -> bool {
    matches!(
        label,
        NOTES
            | "Calls in this incident"
            | "Call"
            | "Source address"
            | "Region"
            | "User agent"
            | "Planted in"
            | "Owner"
            | "Team"
            | "Key"
            | "User"
            | "Account"
    )
}

/// A label as a word for programs: letters, digits and underscores.
fn word(label: &str) -> String {
    let plain = label.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
    let word: String = plain.take(WORD).collect();
    match word.trim_matches('_') {
        "" => "fact".to_owned(),
        word => word.to_owned(),
    }
}

/// At most so many characters of a text; the last one says that there was more.
pub fn cut(text: &str, most: usize) -> String {
    match text.chars().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// A setting of a destination; empty where it has none of this name.
pub fn setting<'a>(destination: &'a DestinationRow, name: &str) -> &'a str {
    destination.settings.get(name).and_then(serde_json::Value::as_str).unwrap_or_default()
}

#[cfg(test)]
pub mod sample {
    //! A hit to render.

    use super::*;
    use app::model::ids::DeliveryId;

    /// A delivery of a hit by somebody who tries to break out of every format.
    pub fn hit() -> Due {
        due(AlertKind::Hit, "hit")
    }

    /// The same incident, as news of another kind.
    pub fn due(kind: AlertKind, word: &str) -> Due {
        let payload = serde_json::json!({ "type": word, "timestamp": "2026-11-21T14:03:10Z", "data": {
            "token": {
                "id": "t-1", "account": "sandbox", "access_key_id": "AKIAEXAMPLE", "user_name": "svc-backup", "arn": "",
                "team": "Security", "owner": "ana@example.com", "location": "laptop of <ana> {noformat} [x]",
                "notes": "Wipe it.\nCall *Ana*.", "labels": [], "state": "triggered", "on_hit": "keep",
                "created_at": "2026-11-21T14:00:00Z", "expires_at": null, "last_hit_at": null, "hit_count": 1,
                "adopted": false, "key_active": true, "team_id": "m-1", "created_by": "ana", "expired_at": null,
                "revoked_at": null, "proven_at": null
            },
            "hit": {
                "id": "h-1", "token_id": "t-1", "kind": "use", "event_id": "e-1", "event_time": "2026-11-21T14:03:09Z",
                "event_name": "GetCallerIdentity", "event_source": "sts.amazonaws.com", "aws_region": "eu-west-1",
                "source_ip": "203.0.113.7", "user_agent": "x\"]\\\r\n<1>é", "error_code": null, "sources": [],
                "incident_id": "i-1", "record": { "eventID": "e-1" }
            },
            "incident": {
                "id": "i-1", "token_id": "t-1", "team": "Security", "location": "laptop", "access_key_id": "AKIAEXAMPLE",
                "state": "open", "resolution": null, "opened_at": "2026-11-21T14:03:09Z",
                "last_hit_at": "2026-11-21T14:03:09Z", "hit_count": 1, "acknowledged_by": null, "acknowledged_at": null,
                "resolved_by": null, "resolved_at": null, "comment": ""
            },
            "links": { "token": "https://a.example/tokens/t-1", "incident": "https://a.example/incidents/i-1" }
        }});
        Due {
            id: DeliveryId("d-1".into()),
            tries: 0,
            asked: false,
            kind,
            summary: "The key in laptop was used: GetCallerIdentity from 203.0.113.7".into(),
            payload: payload.to_string(),
        }
    }

    /// A body as a delivery.
    pub fn told(body: &Body) -> Due {
        Due { payload: serde_json::to_string(body).unwrap(), summary: body.summary(), ..due(body.kind, "") }
    }

    /// A digest of the uses in two incidents, and of what happened to a third token.
    pub fn digest() -> Due {
        let body: Body = serde_json::from_str(&hit().payload).unwrap();
        let (token, incident) = (body.data.token.unwrap(), body.data.incident.unwrap());
        let item = |incident: Option<Incident>, kind, id: &str| {
            let token = app::model::token::Token { id: id.into(), ..token.clone() };
            let by = |name: &str| std::collections::BTreeMap::from([(name.to_owned(), 3)]);
            let tally = crate::alerts::pace::Tally {
                count: 3,
                by_call: by("sts:GetCallerIdentity"),
                by_source: by("203.0.113.7"),
                first_at: Some(body.timestamp),
                last_at: Some(body.timestamp),
            };
            Item::new("https://a.example", token, incident, kind, tally)
        };
        let other = Incident { id: "i-2".into(), ..incident.clone() };
        let items = vec![
            item(Some(incident.clone()), AlertKind::Hit, "t-1"),
            item(Some(other), AlertKind::Hit, "t-2"),
            item(Some(incident), AlertKind::Tampered, "t-1"),
            item(None, AlertKind::Minted, "t-3"),
        ];
        told(&Body::digest(body.timestamp, Digest::of(items)))
    }

    /// That alerts no longer arrive at a destination.
    pub fn failing() -> Due {
        told(&Body::failing(Moment(0), "https://a.example", &"x-1".into(), "ops ]\" <b>", "it answered 410"))
    }

    /// That somebody tried to break out of every format by what they did.
    pub fn audit() -> Due {
        let facts = |text: &str| Some(std::collections::BTreeMap::from([("owner".to_owned(), text.into())]));
        told(&Body::audited(
            "https://a.example",
            &app::model::audit::AuditEntry {
                seq: 12,
                at: Moment(0),
                actor_kind: "person".into(),
                actor_id: "p-1".into(),
                actor: "ana@example.com".into(),
                act: "token.edit".into(),
                subject_kind: "token".into(),
                subject: "AKIAEXAMPLE (laptop ]\" <b>)".into(),
                before: facts("ana"),
                after: facts("x\"]\\\r\n<1>é"),
                agent: Some("curl ]\"".into()),
                hash: "ab".repeat(32),
                ..Default::default()
            },
        ))
    }

    /// That a token was minted.
    pub fn minted() -> Due {
        let body: Body = serde_json::from_str(&hit().payload).unwrap();
        let token = body.data.token.unwrap();
        told(&Body::about(AlertKind::Minted, body.timestamp, "https://a.example", &token, None, None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_read_whole() {
        let due = sample::hit();
        let news = News::of(&due);
        let words: Vec<String> = news.facts().into_iter().map(|fact| fact.word).collect();
        for word in ["event_time", "source_ip", "event_name", "access_key_id", "location", "incident_id"] {
            assert!(words.iter().any(|one| one == word), "{word} is missing in {words:?}");
        }
        assert!(!words.iter().any(|one| one == "error_code"));
        assert_eq!((news.thread(), news.link()), ("i-1", Some("https://a.example/incidents/i-1")));
        assert_eq!(news.at(Moment(0)), Moment::parse("2026-11-21T14:03:09Z").unwrap());
    }

    #[test]
    fn what_cannot_be_read_is_told_by_its_summary() {
        let due = Due { payload: "{\"type\":\"hit\"}".into(), ..sample::hit() };
        let news = News::of(&due);
        assert_eq!((news.thread(), news.facts().len(), news.link()), ("d-1", 0, None));
        assert_eq!(news.sentence(), due.summary);
    }

    #[test]
    fn news_without_an_incident_belong_to_what_they_are_about() {
        assert_eq!(News::of(&sample::minted()).thread(), "token-t-1");
        let due = sample::failing();
        let news = News::of(&due);
        assert_eq!((news.thread(), news.link()), ("destination-x-1", Some("https://a.example/destinations/x-1")));
        assert!(news.facts().iter().any(|fact| fact.word == "error" && fact.value == "it answered 410"));
    }

    #[test]
    fn an_entry_of_the_audit_log_is_told_with_its_place_and_what_changed() {
        let due = sample::audit();
        let news = News::of(&due);
        let facts = news.facts();
        let value = |word: &str| facts.iter().find(|fact| fact.word == word).map(|fact| fact.value.as_str());
        assert_eq!(
            (value("actor"), value("act"), value("seq")),
            (Some("ana@example.com"), Some("token.edit"), Some("12"))
        );
        assert!(value("fact_owner").is_some_and(|value| value.ends_with("(was ana)")), "{facts:?}");
        assert_eq!(value("hash").map(str::len), Some(64));
        assert_eq!((news.thread(), news.link()), ("d-1", Some("https://a.example/settings/audit")));
        assert!(due.summary.starts_with("A token's facts were changed by ana@example.com"), "{}", due.summary);
    }

    #[test]
    fn a_digest_has_a_part_for_each_incident() {
        let due = sample::digest();
        let news = News::of(&due);
        assert_eq!(news.thread(), "d-1");
        assert!(news.facts().iter().any(|fact| fact.word == "item_4"), "{:?}", news.facts());
        let parts = news.parts();
        let threads: Vec<&str> = parts.iter().map(News::thread).collect();
        assert_eq!(threads, ["i-1", "i-2", "token-t-3"]);
        assert!(
            parts.iter().all(|part| part.link().is_some() && part.facts().iter().any(|fact| fact.word == "item_1"))
        );
        assert!(News::of(&sample::hit()).parts().is_empty());
    }

    #[test]
    fn a_label_is_a_safe_word() {
        assert_eq!((word("How sure"), word(" ]=\" "), word("é1")), ("how_sure".into(), "fact".into(), "1".into()));
    }

    #[test]
    fn a_cut_text_says_so() {
        assert_eq!((cut("abc", 3), cut("abcd", 3)), ("abc".into(), "ab…".into()));
    }
}
