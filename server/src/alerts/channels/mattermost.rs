//! Mattermost: an incoming webhook, told as a message attachment
//! (<https://developers.mattermost.com/integrate/reference/message-attachments/>).

use super::{
    chat::Chat,
    escape::{self, fit},
    http,
    message::Message,
};
use serde_json::{Value, json};

/// How large a message may be, in bytes. The text of a post may have 16,383 characters, and its properties, among which
/// attachments count, 800,000 (`PostMessageMaxRunesV2` and `PostPropsMaxRunes` in
/// <https://github.com/mattermost/mattermost/blob/master/server/public/model/post.go>); what is longer than a post is not
/// read.
const LARGEST: usize = 16_000;

/// How many facts are told.
const FACTS: usize = 25;

/// The words of answers after which trying again is pointless: the webhook, its channel or its team is gone, or it may
/// not post there.
const HOPELESS: &[&str] = &[
    "web.incoming_webhook.invalid.app_error",
    "web.incoming_webhook.disabled.app_error",
    "web.incoming_webhook.channel.app_error",
    "web.incoming_webhook.permissions.app_error",
    "web.incoming_webhook.parse.app_error",
];

/// The service.
pub(super) static CHAT: Chat = Chat { path: "/hooks/", hopeless: HOPELESS, render };

fn render(message: &Message) -> Value {
    http::within(LARGEST, |most| attachment(message, most))
}

/// The message with texts of at most so many characters.
fn attachment(message: &Message, most: usize) -> Value {
    let mut text = fit(&message.sentence, most, escape::mattermost);
    if !message.notes.is_empty() {
        text.push_str("\n\n**What to do**\n");
        text.push_str(&fit(&message.notes, most, escape::mattermost));
    }
    let links: Vec<String> = message.links.iter().map(|(text, url)| format!("[{text}]({url})")).collect();
    text.push_str(&format!("\n\n{}", links.join("  ·  ")));
    if !message.id.is_empty() {
        text.push_str(&format!("\n\nAlert `{}`", message.id));
    }
    let fields: Vec<Value> = message
        .facts
        .iter()
        .take(FACTS)
        .map(|(label, value)| {
            let value = fit(value, most, escape::mattermost);
            json!({ "title": fit(label, 250, escape::mattermost), "short": escape::units(&value) <= 40, "value": value })
        })
        .collect();
    let title = fit(&message.title, 250, escape::mattermost);
    json!({
        "attachments": [{
            "fallback": title,
            "color": format!("#{:06x}", message.mood.colour()),
            "title": title,
            "title_link": message.links.first().map(|(_, url)| url),
            "text": text.trim_start(),
            "fields": fields,
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::{
        super::message::tests::{nasty, told},
        *,
    };

    #[test]
    fn a_message_keeps_the_bounds_and_mentions_nobody() {
        for length in [0, 10_000] {
            let body = render(&nasty(length)).to_string();
            assert!(body.len() <= LARGEST, "{}", body.len());
            assert!(!body.contains("@everyone") && body.contains("@\u{200b}everyone"), "{body}");
            assert!(!body.contains("https://evil.example"), "{body}");
        }
    }

    #[test]
    fn news_of_every_sort_are_told() {
        for (kind, message) in told() {
            let body = render(&message);
            assert!(body.to_string().len() <= LARGEST);
            assert_eq!(body["attachments"][0]["fields"].as_array().unwrap().len(), message.facts.len());
            assert!(body.to_string().contains("d-1"), "{kind:?} has no identifier: {body}");
        }
    }
}
