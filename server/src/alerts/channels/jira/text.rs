//! What an issue says, as a document of Cloud (Atlassian Document Format) and as the wiki text of Data Center.

use crate::{
    alerts::channels::news::{News, cut},
    mail::letter::one_line,
};
use app::model::alert::AlertKind;
use serde_json::{Value, json};

/// The longest summary of an issue, in characters.
const SUMMARY: usize = 255;

/// How much of one value is written, in characters: an issue takes 32,767 in all.
const VALUE: usize = 500;

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A paragraph.
    Say(String),
    /// Lines to be read as they are.
    Lines(String),
    /// What to press, and where it leads.
    Link(&'static str, String),
}

/// The label by which the issue of an incident is found.
pub(super) fn label(thread: &str) -> String {
    format!("aviary-{thread}")
}

/// An issue's summary.
pub(super) fn summary(news: &News<'_>) -> String {
    cut(news.summary(), SUMMARY)
}

/// A new issue's description.
pub(super) fn description(news: &News<'_>) -> Vec<Part> {
    let mut parts = comment(news, false);
    if !news.notes().trim().is_empty() {
        let lines: Vec<_> = news.notes().lines().map(one_line).collect();
        parts.insert(1, Part::Lines(format!("What to do:\n{}", lines.join("\n"))));
    }
    parts
}

/// A comment on an issue.
pub(super) fn comment(news: &News<'_>, last: bool) -> Vec<Part> {
    let mut parts = vec![Part::Say(news.sentence())];
    let facts: Vec<_> = news.facts().iter().map(|fact| format!("{}: {}", fact.name, cut(&fact.value, VALUE))).collect();
    if !facts.is_empty() && !news.is_triage() && news.due.kind != AlertKind::Test {
        parts.push(Part::Lines(facts.join("\n")));
    }
    if let Some(link) = news.link() {
        parts.push(Part::Link("See it in Aviary", link.to_owned()));
    }
    if last {
        parts.push(Part::Say(
            "This is the last comment about further uses. The incident's page counts on and has them all.".to_owned(),
        ));
    }
    parts
}

/// As a document.
pub(super) fn document(parts: &[Part]) -> Value {
    let content: Vec<Value> = parts
        .iter()
        .map(|part| match part {
            Part::Say(text) => json!({ "type": "paragraph", "content": [{ "type": "text", "text": text }] }),
            Part::Lines(text) => json!({ "type": "codeBlock", "content": [{ "type": "text", "text": text }] }),
            Part::Link(text, href) => json!({ "type": "paragraph", "content": [
                { "type": "text", "text": text, "marks": [{ "type": "link", "attrs": { "href": href } }] }
            ] }),
        })
        .collect();
    json!({ "type": "doc", "version": 1, "content": content })
}

/// As wiki text. What comes from outside stands in blocks that Jira does not read.
pub(super) fn wiki(parts: &[Part]) -> String {
    let parts = parts.iter().map(|part| match part {
        Part::Say(text) | Part::Lines(text) => {
            format!("{{noformat}}\n{}\n{{noformat}}", text.replace("{noformat", "(noformat"))
        }
        Part::Link(text, href) => format!("[{text}|{href}]"),
    });
    parts.collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::channels::news::sample;

    #[test]
    fn an_issue_says_what_happened_and_what_to_do() {
        let due = sample::hit();
        let parts = description(&News::of(&due));
        let text = document(&parts).to_string();
        for needed in ["203.0.113.7", "AKIAEXAMPLE", "What to do:\\nWipe it.\\nCall *Ana*.", "/incidents/i-1"] {
            assert!(text.contains(needed), "{needed} is not in {text}");
        }
        assert!(text.len() < 32_000);
    }

    #[test]
    fn text_from_outside_does_not_end_its_block() {
        let due = sample::hit();
        let text = wiki(&description(&News::of(&due)));
        assert!(text.contains("laptop of <ana> (noformat} [x]"), "{text}");
        assert_eq!(text.matches("{noformat}").count() % 2, 0);
        assert!(text.contains("[See it in Aviary|https://a.example/incidents/i-1]"));
    }

    #[test]
    fn a_part_of_a_digest_says_what_was_held_back() {
        let due = sample::digest();
        for part in News::of(&due).parts() {
            let text = document(&comment(&part, false)).to_string();
            assert!(text.contains("Held back: laptop of <ana>") && text.contains("https://a.example/"), "{text}");
            assert_eq!(wiki(&description(&part)).matches("{noformat}").count() % 2, 0);
        }
    }

    #[test]
    fn what_people_decided_is_one_sentence() {
        let due = sample::due(AlertKind::Resolved, "resolved");
        let parts = comment(&News::of(&due), false);
        assert!(matches!(parts.as_slice(), [Part::Say(_), Part::Link(..)]), "{parts:?}");
    }
}
