//! What the chat services are told, before each writes it in its own form.

use super::news::cut;
use crate::{
    alerts::{body::Body, card::NOTES},
    house::House,
    mail::letter::one_line,
    store::alerts::{destinations::DestinationRow, queue::Due},
};
use app::model::{alert::AlertKind, hit::Hit, moment::Moment, token::Token};
use serde::Deserialize;

/// How long a label may be, in characters. Services cut values, and take a label whole.
const LABEL: usize = 80;

/// How urgent it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    /// Somebody is where they should not be.
    Alarm,
    /// Something ends, or does not work.
    Warning,
    /// It is good to know.
    Calm,
}

impl Mood {
    /// The more urgent of two.
    fn graver(self, other: Self) -> Self {
        match (self, other) {
            (Self::Alarm, _) | (_, Self::Alarm) => Self::Alarm,
            (Self::Warning, _) | (_, Self::Warning) => Self::Warning,
            _ => Self::Calm,
        }
    }

    /// Its colour, as a number of 24 bits.
    pub(super) fn colour(self) -> u32 {
        match self {
            Self::Alarm => 0x00c6_2828,
            Self::Warning => 0x00b2_6a00,
            Self::Calm => 0x002f_6fb0,
        }
    }
}

/// A message. All of its texts may come from outside, the labels of a digest too: they are places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    /// The alert's identifier; empty where it is none.
    pub id: String,
    /// How urgent it looks.
    pub mood: Mood,
    /// It in one line.
    pub title: String,
    /// What happened and what it means.
    pub sentence: String,
    /// Labels and values; none is empty.
    pub facts: Vec<(String, String)>,
    /// What the token's people wrote down to be done.
    pub notes: String,
    /// What can be pressed, and where it leads. The addresses are ours.
    pub links: Vec<(String, String)>,
    /// When it was caused.
    pub at: Moment,
}

/// The responder card in an alert's body, where it has one.
#[derive(Deserialize)]
struct Card {
    sentence: String,
    #[serde(default)]
    facts: Vec<CardFact>,
    #[serde(default)]
    actions: Vec<CardAction>,
}

#[derive(Deserialize)]
struct CardFact {
    label: String,
    value: String,
}

#[derive(Deserialize)]
struct CardAction {
    label: String,
    url: String,
}

impl Message {
    /// An alert.
    pub(super) fn of(house: &House, destination: &DestinationRow, due: &Due) -> Self {
        let here = format!("{}/destinations/{}", house.config.base_url, destination.id);
        Self::read(due, &here, house.now())
    }

    pub(super) fn read(due: &Due, here: &str, now: Moment) -> Self {
        let payload: serde_json::Value = serde_json::from_str(&due.payload).unwrap_or_default();
        let card = payload.pointer("/data/card").cloned().and_then(|card| serde_json::from_value::<Card>(card).ok());
        let body: Option<Body> = serde_json::from_value(payload).ok();
        let token = body.as_ref().and_then(|body| body.data.token.as_ref());
        let hit = body.as_ref().and_then(|body| body.data.hit.as_ref());
        let mut message = Self {
            id: due.id.0.clone(),
            mood: match body.as_ref().and_then(|body| body.data.digest.as_ref()) {
                Some(digest) => digest.items.iter().map(|item| mood(item.kind)).fold(Mood::Calm, Mood::graver),
                None => mood(due.kind),
            },
            title: due.summary.clone(),
            sentence: meaning(due.kind).to_owned(),
            facts: facts(token, hit),
            notes: token.map(|token| token.notes.trim().to_owned()).unwrap_or_default(),
            links: Vec::new(),
            at: body.as_ref().map_or(now, |body| body.timestamp),
        };
        let links = body.map(|body| body.data.links).unwrap_or_default();
        let known = [
            ("See the incident", links.incident),
            ("See the key and its uses", links.token),
            ("See the destination", links.destination),
            ("See the audit log", links.audit),
        ];
        message.links = known.into_iter().filter_map(|(text, link)| Some((text.to_owned(), link?))).collect();
        if let Some(card) = card {
            message.sentence = card.sentence;
            message.facts = card.facts.into_iter().map(|fact| (fact.label, fact.value)).collect();
            if !card.actions.is_empty() {
                message.links = card.actions.into_iter().map(|action| (action.label, action.url)).collect();
            }
        }
        for (label, _) in &mut message.facts {
            *label = cut(&one_line(label), LABEL);
        }
        // The notes are told as a whole, in a place of their own.
        let noted = !message.notes.is_empty();
        message.facts.retain(|(label, value)| !(value.trim().is_empty() || noted && label == NOTES));
        if message.links.is_empty() {
            message.links.push(("See this destination".to_owned(), here.to_owned()));
        }
        message
    }

    /// The question whether alerts are wanted, with the code that answers it.
    pub(super) fn proof(house: &House, destination: &DestinationRow, code: &str) -> Self {
        let here = format!("{}/destinations/{}", house.config.base_url, destination.id);
        Self {
            id: String::new(),
            mood: Mood::Calm,
            title: format!("{code} is the code to confirm alerts here"),
            sentence: format!(
                "{} wants Aviary to tell it here when a canary key is used. If that is right, type the code {code} in on \
                 the destination's page within a day. Otherwise do nothing, and nothing more is sent.",
                destination.created_by
            ),
            facts: vec![("Code".to_owned(), code.to_owned()), ("Destination".to_owned(), destination.name.clone())],
            notes: String::new(),
            links: vec![("Open the destination".to_owned(), here)],
            at: house.now(),
        }
    }
}

fn mood(kind: AlertKind) -> Mood {
    match kind {
        AlertKind::Hit | AlertKind::Exposed | AlertKind::Tampered | AlertKind::UnloggedUse => Mood::Alarm,
        AlertKind::Expiring | AlertKind::Expired | AlertKind::Failing => Mood::Warning,
        _ => Mood::Calm,
    }
}

/// What it means, where the title does not say all.
fn meaning(kind: AlertKind) -> &'static str {
    match kind {
        AlertKind::Hit => {
            "Nobody has a reason to use a canary key. Treat the place where it was planted as broken into."
        }
        AlertKind::Exposed => "AWS found this canary key where everybody can read it. Expect strangers to use it.",
        AlertKind::Tampered => "Somebody else than Aviary meant to change the user or the key of this canary.",
        AlertKind::UnloggedUse => {
            "IAM says that this canary key was used by an API that no trail logs. Treat its place as broken into."
        }
        AlertKind::Expiring => "When it expires it is disabled, and no longer tells when somebody uses it.",
        AlertKind::Expired => "From now on it does not tell when somebody uses it. Plant another one.",
        AlertKind::Test => "Somebody pressed “Send a test”. If you read this, alerts arrive here.",
        _ => "",
    }
}

fn facts(token: Option<&Token>, hit: Option<&Hit>) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    let mut add = |label: &str, value: &str| facts.push((label.to_owned(), value.to_owned()));
    if let Some(hit) = hit {
        add("Time", &hit.event_time.exact());
        add("From", &hit.source_ip);
        add("Call", &format!("{} ({})", hit.event_name, hit.event_source));
        let result = hit.error_code.as_ref().map_or("it succeeded".to_owned(), |code| format!("refused ({code})"));
        add("Result", &result);
        add("Region", &hit.aws_region);
        add("User agent", &hit.user_agent);
    }
    if let Some(token) = token {
        add("Planted in", &token.location);
        add("Looked after by", &token.owner);
        add("Team", &token.team);
        add("Key", &token.access_key_id);
    }
    facts
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use app::model::ids::DeliveryId;
    use serde_json::json;

    /// What nobody would plant and anybody may send.
    pub const NASTY: &str =
        "<!channel> @everyone `*x*` <https://evil.example|here> [l](https://evil.example) </b> & \u{202e}";

    /// A message whose every text is from outside, and much of it.
    pub fn nasty(length: usize) -> Message {
        let long = NASTY.repeat(length.div_ceil(NASTY.len()).max(1));
        Message {
            id: "0197d2a0-0000-7000-8000-000000000000".into(),
            mood: Mood::Alarm,
            title: format!("The key in {NASTY} was used"),
            sentence: long.clone(),
            facts: (0..30).map(|n| (format!("{NASTY} {n}"), long.clone())).collect(),
            notes: long,
            links: vec![("See the incident".into(), "https://aviary.example.com/incidents/1?a=1&b=2".into())],
            at: Moment::parse("2026-11-21T14:03:09Z").unwrap(),
        }
    }

    pub fn due(kind: AlertKind, payload: serde_json::Value) -> Due {
        Due {
            id: DeliveryId("d-1".into()),
            tries: 0,
            asked: false,
            kind,
            summary: "A key was used".into(),
            payload: payload.to_string(),
        }
    }

    fn read(kind: AlertKind, payload: serde_json::Value) -> Message {
        Message::read(&due(kind, payload), "https://aviary.example.com/destinations/1", Moment(0))
    }

    /// A digest, a destination that fails and a token that was minted, as they are told.
    pub fn told() -> Vec<(AlertKind, Message)> {
        use super::super::news::sample;
        let here = "https://aviary.example.com/destinations/1";
        let dues = [sample::digest(), sample::failing(), sample::minted(), sample::audit()];
        dues.iter().map(|due| (due.kind, Message::read(due, here, Moment(0)))).collect()
    }

    #[test]
    fn what_is_no_use_has_its_mood_and_says_where_to_look() {
        for (kind, message) in told() {
            let expected = match kind {
                AlertKind::Digest => Mood::Alarm,
                AlertKind::Failing => Mood::Warning,
                _ => Mood::Calm,
            };
            assert_eq!((message.mood, message.id.as_str()), (expected, "d-1"), "{kind:?}");
            assert!(!message.sentence.is_empty() && !message.links.is_empty(), "{message:?}");
            assert!(message.facts.iter().all(|(label, _)| label != "What it opens, what to rotate"), "{message:?}");
            let counted = message.facts.iter().any(|(_, value)| value.contains("sts:GetCallerIdentity (3)"));
            assert_eq!(counted, kind == AlertKind::Digest, "{message:?}");
        }
    }

    #[test]
    fn the_card_of_an_alert_is_what_is_said() {
        let message = read(
            AlertKind::Hit,
            json!({ "type": "hit", "timestamp": "2026-11-21T14:03:10Z", "data": { "card": {
                "sentence": "The key planted in Jenkins was used.",
                "facts": [{ "label": "From", "value": "203.0.113.7" }, { "label": "Tool", "value": " " }],
                "tools": ["boto3"],
                "actions": [{ "label": "Acknowledge", "url": "https://aviary.example.com/ack/1" }],
            } } }),
        );
        assert_eq!((message.sentence.as_str(), message.mood), ("The key planted in Jenkins was used.", Mood::Alarm));
        assert_eq!(message.facts, [("From".to_owned(), "203.0.113.7".to_owned())]);
        assert_eq!(message.links, [("Acknowledge".to_owned(), "https://aviary.example.com/ack/1".to_owned())]);
    }

    #[test]
    fn without_one_there_is_a_sentence_and_a_way_back() {
        let message = read(AlertKind::Test, json!({ "type": "test", "timestamp": "2026-11-21T14:03:10Z", "data": {} }));
        assert!(message.sentence.contains("alerts arrive here"));
        assert_eq!(message.links[0].1, "https://aviary.example.com/destinations/1");
        let unknown = read(AlertKind::Hit, json!("from another version"));
        assert_eq!((unknown.title.as_str(), unknown.links.len()), ("A key was used", 1));
    }
}
