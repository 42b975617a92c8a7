//! Google Chat: a space's webhook, told as a card (<https://developers.google.com/workspace/chat/quickstart/webhooks>,
//! <https://developers.google.com/workspace/chat/api/reference/rest/v1/cards>).

use super::{
    chat::Chat,
    escape::{self, fit},
    http,
    message::Message,
};
use serde_json::{Value, json};

/// How large a message may be, in bytes: 32,000 with its text and cards
/// (<https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages/create>), of which something is
/// left for how it is counted.
const LARGEST: usize = 31_000;

/// How many facts are told. A card may have 100 widgets, and what is more is not shown
/// (<https://developers.google.com/workspace/chat/api/reference/rest/v1/cards>); one that long is not read either.
const FACTS: usize = 40;

/// The words of answers after which trying again is pointless: the space or the webhook is gone, the address was copied
/// wrongly, or the body is not understood.
const HOPELESS: &[&str] = &["NOT_FOUND", "PERMISSION_DENIED", "UNAUTHENTICATED", "INVALID_ARGUMENT"];

/// The service.
pub(super) static CHAT: Chat = Chat { path: "/v1/spaces/", hopeless: HOPELESS, render };

fn render(message: &Message) -> Value {
    http::within(LARGEST, |most| card(message, most))
}

/// The message with texts of at most so many characters.
fn card(message: &Message, most: usize) -> Value {
    let mut sections = Vec::new();
    if !message.sentence.is_empty() {
        sections.push(json!({ "widgets": [paragraph(&message.sentence, most)] }));
    }
    let facts: Vec<Value> = message
        .facts
        .iter()
        .take(FACTS)
        .map(|(label, value)| {
            let text = fit(value, most, escape::html);
            // Plain text by the documentation, where escapes would show; without brackets it is in any case.
            let label = label.replace(['<', '>'], " ");
            json!({ "decoratedText": { "topLabel": label, "text": text, "wrapText": true } })
        })
        .collect();
    if !facts.is_empty() {
        sections.push(json!({ "widgets": facts }));
    }
    if !message.notes.is_empty() {
        sections.push(json!({ "header": "What to do", "widgets": [paragraph(&message.notes, most)] }));
    }
    let buttons: Vec<Value> = message
        .links
        .iter()
        .map(|(text, url)| json!({ "text": text, "onClick": { "openLink": { "url": url } } }))
        .collect();
    sections.push(json!({ "widgets": [{ "buttonList": { "buttons": buttons } }] }));
    let subtitle = match message.id.as_str() {
        "" => message.at.exact(),
        id => format!("{}, alert {id}", message.at.exact()),
    };
    let title = fit(&message.title, 200, escape::plain);
    json!({
        // For notifications, and for whatever shows no cards.
        "fallbackText": title,
        "cardsV2": [{
            "cardId": "alert",
            "card": { "header": { "title": title, "subtitle": subtitle }, "sections": sections },
        }],
    })
}

fn paragraph(text: &str, most: usize) -> Value {
    json!({ "textParagraph": { "text": fit(text, most, escape::html) } })
}

#[cfg(test)]
mod tests {
    use super::{
        super::message::tests::{nasty, told},
        *,
    };

    #[test]
    fn a_message_keeps_the_bounds_and_has_no_tags_of_others() {
        for length in [0, 10_000] {
            let body = render(&nasty(length));
            assert!(body.to_string().len() <= LARGEST, "{}", body.to_string().len());
            let sections = body["cardsV2"][0]["card"]["sections"].to_string();
            assert!(!sections.contains("</b>") && !sections.contains("<http"), "{sections}");
        }
    }

    #[test]
    fn news_of_every_sort_are_told() {
        for (kind, message) in told() {
            let body = render(&message);
            assert!(body.to_string().len() <= LARGEST);
            assert!(body["cardsV2"][0]["card"]["header"]["title"].is_string());
            assert!(body.to_string().contains("d-1"), "{kind:?} has no identifier: {body}");
        }
    }
}
