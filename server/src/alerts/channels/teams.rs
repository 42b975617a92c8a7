//! Microsoft Teams: a workflow that posts to a channel or chat when a webhook request is received, told as an adaptive
//! card (<https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using>).
//!
//! Every text from outside stands in a `TextRun` of a `RichTextBlock`, which knows no Markdown
//! (<https://adaptivecards.io/explorer/TextRun.html>, since version 1.2 of the schema): Teams reads Markdown in
//! `TextBlock` and `FactSet`
//! (<https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format>), of which there is
//! none here. What the card needs is in version 1.4; Teams shows cards up to 1.5. Of the actions only those that open an
//! address work without a bot behind the card.
//!
//! The workflow answers 202 before it hands the card to the channel. What fails after that stands in the workflow's own
//! list of runs and nowhere else, so nothing may be sent that Teams could refuse.

use super::{
    chat::Chat,
    escape::{self, fit},
    http,
    message::{Message, Mood},
};
use serde_json::{Value, json};

/// How large a message may be, in bytes. Teams takes 28 KB
/// (<https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook>), and does
/// not say of what: posts of 21 KB in our form have been refused. A refusal would be told to nobody here.
const LARGEST: usize = 20_000;

/// How many facts are told. Each has a size even if it says nothing.
const FACTS: usize = 30;

/// How many actions a card shows (<https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-actions>).
const ACTIONS: usize = 6;

/// The words of answers after which trying again is pointless: the workflow is gone, or the address was copied wrongly.
const HOPELESS: &[&str] =
    &["WorkflowNotFound", "DirectApiAuthorizationRequired", "DirectApiInvalidAuthorizationScheme"];

/// The service.
pub(super) static CHAT: Chat = Chat { path: "/", hopeless: HOPELESS, render };

fn render(message: &Message) -> Value {
    http::within(LARGEST, |most| card(message, most))
}

/// The message with texts of at most so many characters.
fn card(message: &Message, most: usize) -> Value {
    let colour = match message.mood {
        Mood::Alarm => "Attention",
        Mood::Warning => "Warning",
        Mood::Calm => "Accent",
    };
    let title = fit(&message.title, 300, escape::plain);
    let mut body = vec![rich(vec![
        json!({ "type": "TextRun", "text": title, "size": "Large", "weight": "Bolder", "color": colour }),
    ])];
    if !message.sentence.is_empty() {
        body.push(rich(vec![run(&message.sentence, most)]));
    }
    body.extend(message.facts.iter().take(FACTS).map(|(label, value)| {
        let label = json!({ "type": "TextRun", "text": format!("{label}: "), "weight": "Bolder" });
        json!({ "type": "RichTextBlock", "spacing": "Small", "inlines": [label, run(value, most)] })
    }));
    if !message.notes.is_empty() {
        let heading = json!({ "type": "TextRun", "text": "What to do", "weight": "Bolder" });
        let notes = message.notes.lines().map(|line| rich(vec![run(line, most)]));
        let notes: Vec<Value> = std::iter::once(rich(vec![heading])).chain(notes.take(most / 40)).collect();
        body.push(json!({ "type": "Container", "style": "emphasis", "items": notes }));
    }
    if !message.id.is_empty() {
        body.push(rich(vec![json!({ "type": "TextRun", "text": format!("Alert {}", message.id), "size": "Small" })]));
    }
    let actions: Vec<Value> = message
        .links
        .iter()
        .take(ACTIONS)
        .map(|(text, url)| json!({ "type": "Action.OpenUrl", "title": text, "url": url }))
        .collect();
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "msteams": { "width": "Full" },
                "fallbackText": fit(&message.title, 300, escape::plain),
                "body": body,
                "actions": actions,
            },
        }],
    })
}

fn rich(inlines: Vec<Value>) -> Value {
    json!({ "type": "RichTextBlock", "inlines": inlines })
}

fn run(text: &str, most: usize) -> Value {
    json!({ "type": "TextRun", "text": fit(text, most, escape::plain) })
}

#[cfg(test)]
mod tests {
    use super::{
        super::message::tests::{nasty, told},
        *,
    };

    #[test]
    fn a_message_keeps_the_bounds_and_has_no_markdown() {
        for length in [0, 10_000] {
            let mut message = nasty(length);
            message.notes = message.notes.replace('&', "\n");
            let body = render(&message);
            assert!(body.to_string().len() <= LARGEST, "{}", body.to_string().len());
            let card = &body["attachments"][0]["content"];
            assert!(!card.to_string().contains("\"TextBlock\""), "a block of text would read Markdown");
            assert_eq!(card["actions"][0]["url"], "https://aviary.example.com/incidents/1?a=1&b=2");
        }
    }

    #[test]
    fn news_of_every_sort_are_told() {
        for (kind, message) in told() {
            let body = render(&message);
            assert!(body.to_string().len() <= LARGEST);
            assert!(!body["attachments"][0]["content"]["actions"].as_array().unwrap().is_empty());
            assert!(body.to_string().contains("d-1"), "{kind:?} has no identifier: {body}");
        }
    }
}
