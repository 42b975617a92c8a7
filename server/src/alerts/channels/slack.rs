//! Slack: an incoming webhook, told in blocks (<https://docs.slack.dev/reference/block-kit/blocks>).
//!
//! What comes from outside stands in rich text, whose elements of type `text` are shown as they are: no mention, link
//! or markup in them means anything.

use super::{
    chat::Chat,
    escape::{self, fit},
    message::Message,
};
use serde_json::{Value, json};

/// How long the header may be (<https://docs.slack.dev/reference/block-kit/blocks/header-block>).
const HEADER: usize = 150;

/// How long one text may be. Slack takes 3,000 characters of one
/// (<https://docs.slack.dev/reference/block-kit/composition-objects/text-object>), of the text for notifications 4,000
/// (<https://docs.slack.dev/reference/methods/chat.postMessage#truncating>), and of all blocks about ten thousand. Of 50
/// blocks that a message may have, these are six at most.
const TEXT: usize = 2_000;

/// How long the value of a fact may be, and how many there may be, so that all of them stay within that too.
const VALUE: usize = 240;
const FACTS: usize = 20;

/// The words of answers after which trying again is pointless
/// (<https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/#handling_errors>).
const HOPELESS: &[&str] = &[
    "action_prohibited",
    "channel_is_archived",
    "channel_not_found",
    // Another time the same message would not be taken either.
    "invalid_blocks",
    "invalid_payload",
    "invalid_token",
    "msg_blocks_too_long",
    "no_active_hooks",
    "no_service",
    "no_team",
    "no_text",
    "posting_to_general_channel_denied",
    "team_disabled",
    "too_many_attachments",
    "user_not_found",
];

/// The service.
pub(super) static CHAT: Chat = Chat { path: "/services/", hopeless: HOPELESS, render };

fn render(message: &Message) -> Value {
    let mut blocks = vec![json!({
        "type": "header",
        "text": { "type": "plain_text", "text": fit(&message.title, HEADER, escape::plain), "emoji": false },
    })];
    if !message.sentence.is_empty() {
        blocks.push(rich(vec![section(vec![text(&message.sentence, TEXT)])]));
    }
    let facts: Vec<Value> = message
        .facts
        .iter()
        .take(FACTS)
        .map(|(label, value)| {
            let label = json!({ "type": "text", "text": format!("{label}: "), "style": { "bold": true } });
            section(vec![label, text(value, VALUE)])
        })
        .collect();
    if !facts.is_empty() {
        blocks.push(rich(vec![json!({ "type": "rich_text_list", "style": "bullet", "elements": facts })]));
    }
    if !message.notes.is_empty() {
        let heading = json!({ "type": "text", "text": "What to do", "style": { "bold": true } });
        let quote = json!({ "type": "rich_text_quote", "elements": [text(&message.notes, TEXT)] });
        blocks.push(rich(vec![section(vec![heading]), quote]));
    }
    let links = message.links.iter().enumerate().flat_map(|(n, (text, url))| {
        let gap = (n > 0).then(|| json!({ "type": "text", "text": "  ·  " }));
        gap.into_iter().chain([json!({ "type": "link", "url": url, "text": text })])
    });
    blocks.push(rich(vec![section(links.collect())]));
    if !message.id.is_empty() {
        blocks.push(rich(vec![section(vec![text(&format!("Alert {}", message.id), TEXT)])]));
    }
    json!({
        // For notifications, and for whatever shows no blocks.
        "text": fit(&message.title, TEXT, escape::slack),
        "blocks": blocks,
        "unfurl_links": false,
        "unfurl_media": false,
    })
}

fn rich(elements: Vec<Value>) -> Value {
    json!({ "type": "rich_text", "elements": elements })
}

fn section(elements: Vec<Value>) -> Value {
    json!({ "type": "rich_text_section", "elements": elements })
}

fn text(text: &str, most: usize) -> Value {
    json!({ "type": "text", "text": fit(text, most, escape::plain) })
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
        let body = render(&nasty(10_000));
        let blocks = body["blocks"].as_array().unwrap();
        assert!(blocks.len() <= 50 && body.to_string().len() < 16_000, "{}", body.to_string().len());
        assert!(escape::units(blocks[0]["text"]["text"].as_str().unwrap()) <= 150);
        // Outside of rich text, where `<…>` means something, it is escaped.
        let fallback = body["text"].as_str().unwrap();
        assert!(fallback.contains("&lt;!channel&gt;") && !fallback.contains('<'), "{fallback}");
        assert!(blocks[1..].iter().all(|block| block["type"] == "rich_text"));
    }

    #[test]
    fn refusals_for_good_are_told_from_those_that_pass() {
        let reply = |status, body: &str| crate::net::Reply { status, retry_after: None, body_start: body.into() };
        assert!(refused_with(&reply(404, "no_service"), HOPELESS));
        assert!(refused_with(&reply(403, "invalid_token"), HOPELESS));
        assert!(!refused_with(&reply(500, "rollup_error"), HOPELESS));
        assert!(!refused_with(&reply(404, "<html>"), HOPELESS));
    }

    #[test]
    fn news_of_every_sort_are_told() {
        for (kind, message) in told() {
            let body = render(&message);
            let blocks = body["blocks"].as_array().unwrap();
            assert!(blocks.len() <= 50 && body.to_string().len() < 16_000, "{body}");
            let facts = body.to_string().matches("\"bold\":true").count();
            assert!(facts >= message.facts.len(), "{facts} of {}", message.facts.len());
            assert!(body.to_string().contains("d-1"), "{kind:?} has no identifier: {body}");
        }
    }
}
