//! What the channels to machines say of an alert: the same facts, in each one's own form.

use crate::{
    alerts::body::Body,
    mail::letter::one_line,
    store::alerts::{destinations::DestinationRow, queue::Due},
};
use app::model::{alert::AlertKind, incident::Incident, moment::Moment};

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
        AlertKind::Acknowledged | AlertKind::Resolved => Gravity::Notice,
        AlertKind::Drill | AlertKind::Test => Gravity::Info,
        _ => Gravity::Warning,
    }
}

/// One fact of an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The word for it that programs read.
    pub word: &'static str,
    /// Its name for people.
    pub name: &'static str,
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
        Self { due, sentence, body: whole.and_then(|whole| serde_json::from_value(whole).ok()) }
    }

    /// The incident that it is about.
    pub fn incident(&self) -> Option<&Incident> {
        self.body.as_ref()?.data.incident.as_ref()
    }

    /// What belongs together at the other end: the news of an incident, else this piece of news alone.
    pub fn thread(&self) -> &str {
        self.incident().map_or(self.due.id.as_str(), |incident| incident.id.as_str())
    }

    /// It in one sentence.
    pub fn sentence(&self) -> String {
        self.sentence.clone().unwrap_or_else(|| one_line(&self.due.summary))
    }

    /// When it happened: the call, else the news.
    pub fn at(&self, otherwise: Moment) -> Moment {
        let body = self.body.as_ref();
        let call = body.and_then(|body| body.data.hit.as_ref()).map(|hit| hit.event_time);
        call.filter(|_| !self.is_triage()).or(body.map(|body| body.timestamp)).unwrap_or(otherwise)
    }

    /// The page of the incident, else of the token.
    pub fn link(&self) -> Option<&str> {
        let links = &self.body.as_ref()?.data.links;
        links.incident.as_deref().or(links.token.as_deref())
    }

    /// The page of the token.
    pub fn token_link(&self) -> Option<&str> {
        self.body.as_ref()?.data.links.token.as_deref()
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
        matches!(self.due.kind, AlertKind::Acknowledged | AlertKind::Resolved)
    }

    /// What is known; nothing that is empty.
    pub fn facts(&self) -> Vec<Fact> {
        let mut facts = Vec::new();
        let mut add = |word, name, value: &str| {
            let value = one_line(value);
            if !value.is_empty() {
                facts.push(Fact { word, name, value });
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
        facts
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_read_whole() {
        let due = sample::hit();
        let news = News::of(&due);
        let words: Vec<_> = news.facts().iter().map(|fact| fact.word).collect();
        for word in ["event_time", "source_ip", "event_name", "access_key_id", "location", "incident_id"] {
            assert!(words.contains(&word), "{word} is missing in {words:?}");
        }
        assert!(!words.contains(&"error_code"));
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
    fn a_cut_text_says_so() {
        assert_eq!((cut("abc", 3), cut("abcd", 3)), ("abc".into(), "ab…".into()));
    }
}
