//! Discord: a channel's webhook, told as an embed (<https://discord.com/developers/docs/resources/webhook>).

use super::{
    chat::Chat,
    escape::{self, fit, units},
    message::Message,
};
use serde_json::{Value, json};

/// The bounds of an embed: 256 characters of a title, 4,096 of a description, 25 fields with a name of 256 and a value of
/// 1,024, and 6,000 in all of a message's embeds
/// (<https://discord.com/developers/docs/resources/message#embed-object-embed-limits>); and how long our texts may be so
/// that all of them together stay within that.
const TITLE: usize = 256;
const SENTENCE: usize = 1_000;
const NOTES: usize = 1_500;
const LABEL: usize = 64;
const VALUE: usize = 1_024;
const FIELDS: usize = 25;
const ALL: usize = 5_900;

/// The codes of answers after which trying again is pointless: the webhook is gone, its token is wrong, the body is not
/// understood.
const HOPELESS: &[&str] =
    &["\"code\": 10015", "\"code\":10015", "\"code\": 50027", "\"code\":50027", "\"code\": 50035", "\"code\":50035"];

/// The service.
pub(super) static CHAT: Chat = Chat { path: "/api/webhooks/", hopeless: HOPELESS, render };

fn render(message: &Message) -> Value {
    // A title is shown as Markdown too.
    let title = fit(&message.title, TITLE, escape::discord);
    let mut description = fit(&message.sentence, SENTENCE, escape::discord);
    if !message.notes.is_empty() {
        description.push_str("\n\n**What to do**\n");
        description.push_str(&fit(&message.notes, NOTES, escape::discord));
    }
    let links: Vec<String> = message.links.iter().map(|(text, url)| format!("[{text}]({url})")).collect();
    description.push_str(&format!("\n\n{}", links.join("  ·  ")));
    if !message.id.is_empty() {
        // What begins like this is shown small.
        description.push_str(&format!("\n-# Alert {}", message.id));
    }
    let mut left = ALL.saturating_sub(units(&title) + units(&description));
    let mut fields = Vec::new();
    for (label, value) in message.facts.iter().take(FIELDS) {
        let label = fit(label, LABEL, escape::discord);
        let room = left.saturating_sub(units(&label)).min(VALUE);
        // Less than this says nothing, and an empty field is refused.
        if room < 16 {
            break;
        }
        let value = fit(value, room, escape::discord);
        left -= units(&label) + units(&value);
        fields.push(json!({ "name": label, "value": value, "inline": units(&value) <= 40 }));
    }
    json!({
        "embeds": [{
            "title": title,
            "description": description.trim_start(),
            "color": message.mood.colour(),
            "fields": fields,
            "timestamp": message.at.rfc3339(),
        }],
        "allowed_mentions": { "parse": [] },
    })
}

#[cfg(test)]
mod tests {
    use super::{
        super::message::tests::{nasty, told},
        *,
    };
    use crate::alerts::channels::http::refused_with;

    #[test]
    fn a_message_keeps_the_bounds_and_means_nothing_but_what_it_says() {
        for length in [0, 300, 10_000] {
            let body = render(&nasty(length));
            let embed = &body["embeds"][0];
            let text = |value: &Value| units(value.as_str().unwrap());
            assert!(text(&embed["title"]) <= 256 && text(&embed["description"]) <= 4_096);
            let fields = embed["fields"].as_array().unwrap();
            assert!(!fields.is_empty() && fields.len() <= 25);
            assert!(
                fields.iter().all(|field| text(&field["name"]) <= 256 && (1..=1_024).contains(&text(&field["value"])))
            );
            let all: usize = fields.iter().map(|field| text(&field["name"]) + text(&field["value"])).sum();
            assert!(all + text(&embed["title"]) + text(&embed["description"]) <= 6_000);
            assert!(!embed["title"].as_str().unwrap().contains(" @everyone"), "{embed}");
        }
    }

    #[test]
    fn refusals_for_good_are_told_from_those_that_pass() {
        let reply = |status, body: &str| crate::net::Reply { status, retry_after: None, body_start: body.into() };
        assert!(refused_with(&reply(404, r#"{"message": "Unknown Webhook", "code": 10015}"#), HOPELESS));
        assert!(!refused_with(&reply(429, r#"{"message": "slow", "retry_after": 1.0, "code": 0}"#), HOPELESS));
    }

    #[test]
    fn news_of_every_sort_are_told() {
        for (kind, message) in told() {
            let body = render(&message);
            let embed = &body["embeds"][0];
            assert_eq!(embed["fields"].as_array().unwrap().len(), message.facts.len(), "{embed}");
            assert!(units(embed["description"].as_str().unwrap()) <= 4_096);
            assert!(body.to_string().contains("d-1"), "{kind:?} has no identifier: {body}");
        }
    }
}
