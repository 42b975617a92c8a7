//! Keys, ARNs and raw records: text that machines wrote.

use crate::islands::copy::Copy;
use leptos::prelude::*;

/// How many letters of a raw record a page shows; the API has the rest.
const SHOWN: usize = 32 * 1024;

/// A key, an ARN, or another text to take along, with a button that copies it.
#[component]
pub fn Code(
    /// The text.
    #[prop(into)]
    text: String,
    /// What it is, for the button's name: "access key id".
    what: &'static str,
) -> impl IntoView {
    view! {
        <span class="code">
            <code>{text.clone()}</code>
            <Copy text what=what.to_owned() />
        </span>
    }
}

/// Lines to type into a shell, with a button that copies them.
#[component]
pub fn Commands(
    /// The lines.
    #[prop(into)]
    text: String,
    /// What they are, for the button's name: "commands".
    what: &'static str,
) -> impl IntoView {
    view! {
        <div class="commands">
            <pre tabindex="0">
                <code>{text.clone()}</code>
            </pre>
            <Copy text what=what.to_owned() />
        </div>
    }
}

/// A raw record, readable, behind a line that opens it. It comes from outside: it is shown as text and nothing else.
#[component]
pub fn Raw(
    /// The record.
    record: serde_json::Value,
    /// The line that opens it.
    #[prop(optional, into)]
    says: Option<String>,
) -> impl IntoView {
    let says = says.unwrap_or_else(|| "Raw record".to_owned());
    view! {
        <details class="raw">
            <summary>{says.clone()}</summary>
            <pre tabindex="0" aria-label=says>
                <code>{pretty(&record)}</code>
            </pre>
        </details>
    }
}

/// A record as indented JSON, cut where it is longer than a page can show.
pub fn pretty(record: &serde_json::Value) -> String {
    let mut text = format!("{record:#}");
    if text.len() > SHOWN {
        let cut = (0..=SHOWN).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(cut);
        text.push_str("\n… cut here; the API gives the whole record.");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_huge_record_is_cut_between_two_letters() {
        let record = serde_json::json!({ "userAgent": "é".repeat(SHOWN) });
        let text = pretty(&record);
        assert!(text.len() < SHOWN + 100);
        assert!(text.ends_with("the whole record."));
    }
}
