//! What services document as the most that they take, and digests that try to have more: of many keys, each with a long and
//! nasty place, name, label, call and source.

use super::{
    chat::Chat,
    discord,
    escape::units,
    google_chat, mattermost,
    message::{Message, tests::NASTY},
    news::sample,
    slack, teams,
};
use crate::alerts::{
    body::Body,
    digest::body::{Digest, Item},
    pace::Tally,
};
use app::model::{alert::AlertKind, incident::Incident, moment::Moment, token::Token};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How many keys a digest is about.
const KEYS: usize = 45;

/// What makes a text long, in the letters of several widths: of one byte, of two, of three, and of four (two units).
fn long(n: usize) -> String {
    format!("{n} {NASTY} \\\"'é漢😀\u{0}\u{202e}\r\n|[x](y)").repeat(100)
}

/// Digests of many keys, and of one key with all that it can have.
fn digests() -> Vec<Message> {
    let body: Body = serde_json::from_str(&sample::hit().payload).unwrap();
    let (token, incident) = (body.data.token.unwrap(), body.data.incident.unwrap());
    let item = |key: usize, n: usize| {
        // As long as the pace keeps them.
        let name: String = long(n).chars().take(200).collect();
        let named = |what: &str| -> BTreeMap<String, i64> {
            (0..50).map(|at| (format!("{what} {at} {name}"), i64::from(at) + 1)).collect()
        };
        let token = Token {
            id: format!("t-{key}").into(),
            location: long(key),
            owner: long(key),
            team: long(key),
            notes: long(key),
            user_name: long(key),
            labels: vec![long(key); 3],
            ..token.clone()
        };
        let incident = Incident { id: format!("i-{n}").into(), location: long(key), ..incident.clone() };
        let at = Some(body.timestamp);
        let tally = Tally { count: 9, by_call: named("call"), by_source: named("from"), first_at: at, last_at: at };
        Item::new("https://a.example", token, Some(incident), AlertKind::Hit, tally)
    };
    let of = |items: Vec<Item>| {
        let due = sample::told(&Body::digest(body.timestamp, Digest::of(items)));
        Message::read(&due, "https://a.example/destinations/1", Moment(0))
    };
    vec![of((0..KEYS).map(|n| item(n, n)).collect()), of((0..KEYS).map(|n| item(1, n)).collect())]
}

/// A card of another version, or of a kind that is yet to come: with as many facts as there are keys, and whole labels.
fn other() -> Message {
    let facts: Vec<Value> = (0..KEYS).map(|n| json!({ "label": long(n), "value": long(n) })).collect();
    let card =
        json!({ "sentence": long(0), "facts": facts, "actions": [{ "label": "See it", "url": "https://a.example" }] });
    let mut payload: Value = serde_json::from_str(&sample::hit().payload).unwrap();
    payload["data"]["card"] = card;
    payload["data"]["token"]["notes"] = long(0).into();
    let due = crate::store::alerts::queue::Due { payload: payload.to_string(), summary: long(0), ..sample::hit() };
    Message::read(&due, "https://a.example/destinations/1", Moment(0))
}

/// Each of them as a service gets it.
fn rendered(chat: &Chat) -> Vec<Value> {
    digests().iter().chain([&other()]).map(chat.render).collect()
}

/// Every text in it under one of these names.
fn texts<'a>(value: &'a Value, names: &[&str], found: &mut Vec<&'a str>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_str() {
                    Some(text) if names.contains(&name.as_str()) => found.push(text),
                    _ => texts(value, names, found),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| texts(value, names, found)),
        _ => {}
    }
}

fn texts_of<'a>(value: &'a Value, names: &[&str]) -> Vec<&'a str> {
    let mut found = Vec::new();
    texts(value, names, &mut found);
    assert!(found.len() > 3, "{found:?}");
    found
}

/// Nothing of what turns writing around, and no control character but the end of a line, reaches anybody.
fn is_tame(body: &Value) {
    let odd = |c: char| c == '\u{202e}' || (c.is_control() && c != '\n');
    let found = texts_of(body, &["text", "title", "name", "value", "topLabel", "subtitle", "description", "fallback"]);
    assert!(!found.iter().any(|text| text.contains(odd)), "{body}");
}

#[test]
fn the_digests_are_as_nasty_as_they_are_meant_to_be() {
    let digests = digests();
    assert!(digests[0].title.starts_with("Digest: 405 alerts about 45 keys"), "{}", digests[0].title);
    assert!(digests[1].notes.len() > 10_000 && digests[1].facts.len() > 10);
    assert!(digests.iter().all(|one| one.facts.iter().all(|(label, _)| label.chars().count() <= 80)));
    assert_eq!(other().facts.len(), KEYS);
}

/// <https://docs.slack.dev/reference/block-kit/blocks>: 50 blocks, 150 characters of a header, 3,000 of a text.
#[test]
fn slack_gets_no_more_than_it_takes() {
    for body in rendered(&slack::CHAT) {
        let blocks = body["blocks"].as_array().unwrap();
        assert!(blocks.len() <= 50, "{}", blocks.len());
        assert!(units(blocks[0]["text"]["text"].as_str().unwrap()) <= 150);
        assert!(texts_of(&body, &["text"]).into_iter().all(|text| (1..=3_000).contains(&units(text))), "{body}");
        for block in &blocks[1..] {
            assert_eq!(block["type"], "rich_text", "where nothing that is typed means anything");
        }
        let fallback = body["text"].as_str().unwrap();
        assert!(!fallback.contains(['<', '>']), "{fallback}");
        is_tame(&body);
    }
}

/// <https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook>: 28 KB.
#[test]
fn teams_gets_no_more_than_it_takes() {
    for body in rendered(&teams::CHAT) {
        assert!(body.to_string().len() <= 28 * 1024, "{}", body.to_string().len());
        assert!(!body.to_string().contains("\"TextBlock\""), "which would read Markdown");
        assert!(body["attachments"][0]["content"]["actions"].as_array().unwrap().len() <= 6);
        is_tame(&body);
    }
}

/// <https://discord.com/developers/docs/resources/message#embed-object-embed-limits>, and 2,000 characters of the text
/// besides, of which there is none.
#[test]
fn discord_gets_no_more_than_it_takes() {
    for body in rendered(&discord::CHAT) {
        assert!(body["content"].as_str().is_none_or(|text| units(text) <= 2_000));
        let [embed] = body["embeds"].as_array().unwrap().as_slice() else { panic!("{body}") };
        let size = |value: &Value| units(value.as_str().unwrap());
        let fields = embed["fields"].as_array().unwrap();
        assert!((1..=256).contains(&size(&embed["title"])) && (1..=4_096).contains(&size(&embed["description"])));
        assert!((1..=25).contains(&fields.len()), "{}", fields.len());
        for field in fields {
            assert!(
                (1..=256).contains(&size(&field["name"])) && (1..=1_024).contains(&size(&field["value"])),
                "{field}"
            );
        }
        let all: usize = fields.iter().map(|field| size(&field["name"]) + size(&field["value"])).sum();
        assert!(all + size(&embed["title"]) + size(&embed["description"]) <= 6_000);
        assert_eq!(body["allowed_mentions"], json!({ "parse": [] }));
        is_tame(&body);
    }
}

/// <https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages/create>: 32,000 bytes of text and
/// cards; <https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages>: 4,096 characters of a text.
#[test]
fn google_chat_gets_no_more_than_it_takes() {
    for body in rendered(&google_chat::CHAT) {
        assert!(body.to_string().len() <= 32_000, "{}", body.to_string().len());
        assert!(texts_of(&body, &["text", "fallbackText"]).into_iter().all(|text| units(text) <= 4_096));
        let sections = body["cardsV2"][0]["card"]["sections"].as_array().unwrap();
        let widgets: usize = sections.iter().map(|section| section["widgets"].as_array().unwrap().len()).sum();
        assert!(widgets <= 100, "{widgets}");
        assert!(!body["cardsV2"][0]["card"]["sections"].to_string().contains("<http"), "{body}");
        is_tame(&body);
    }
}

/// `PostMessageMaxRunesV2` of Mattermost's server: 16,383 characters of a post.
#[test]
fn mattermost_gets_no_more_than_it_takes() {
    for body in rendered(&mattermost::CHAT) {
        assert!(body.to_string().chars().count() <= 16_383, "{}", body.to_string().chars().count());
        assert!(!body.to_string().contains("@everyone"), "{body}");
        is_tame(&body);
    }
}
