//! One entry: a row, and what it opens to.

use crate::{
    model::audit::{AuditEntry, shown},
    parts::{
        facts::{Fact, Facts},
        load::here_with,
        table::Cell,
        when::When,
    },
};
use leptos::prelude::*;

/// An entry's row, and the row below it with what changed and by which request.
pub fn row(entry: AuditEntry) -> impl IntoView {
    let only = here_with(&[("act", &entry.act)]);
    let more = more(&entry);
    let subject = match page_of(&entry) {
        Some(page) => view! { <a href=page>{entry.subject.clone()}</a> }.into_any(),
        None => entry.subject.clone().into_any(),
    };
    let kind = kind_text(&entry.actor_kind);
    let AuditEntry { at, actor, act, detail, address, .. } = entry;
    let blank = || view! { <span class="faint">"–"</span> }.into_any();
    let detail = if detail.is_empty() { blank() } else { detail.into_any() };
    let address = address.map_or_else(blank, |address| view! { <span class="mono">{address}</span> }.into_any());
    view! {
        <tr>
            <Cell label="Act" class="main">
                <a class="mono" href=only>
                    {act}
                </a>
                <span class="under">{subject}</span>
            </Cell>
            <Cell label="Who" class="who">
                <span>{actor}</span>
                {kind.map(|kind| view! { <span class="under">{kind}</span> })}
            </Cell>
            <Cell label="Detail">{detail}</Cell>
            <Cell label="When" class="tight">
                <When at />
            </Cell>
            <Cell label="From" class="tight">
                {address}
            </Cell>
        </tr>
        {more}
    }
}

/// What sort of somebody it was, where that is not plain from the name.
fn kind_text(kind: &str) -> Option<&'static str> {
    match kind {
        "api_key" => Some("API key"),
        "link" => Some("By a link"),
        "jira" => Some("Jira"),
        "destination" => Some("The other end"),
        "command_line" => Some("On the server"),
        "system" => Some("Aviary itself"),
        "nobody" => Some("Not signed in"),
        _ => None,
    }
}

/// The page of the thing that it is about, if that has one. The entry of its removal leads nowhere.
fn page_of(entry: &AuditEntry) -> Option<String> {
    let id = Some(&entry.subject_id).filter(|id| !id.is_empty())?;
    match (entry.subject_kind.as_str(), entry.act.as_str()) {
        ("token", _) => Some(format!("/tokens/{id}")),
        ("incident", _) => Some(format!("/incidents/{id}")),
        (_, "destination.remove" | "account.remove") => None,
        ("destination", _) => Some(format!("/destinations/{id}")),
        ("delivery", _) => Some(format!("/deliveries/{id}")),
        ("account", _) => Some(format!("/settings/accounts/{id}")),
        _ => None,
    }
}

fn more(entry: &AuditEntry) -> impl IntoView + use<> {
    let summary = match (&entry.before, &entry.after) {
        (None, None) => "Request".to_owned(),
        (None, Some(_)) => "As it was made".to_owned(),
        (Some(_), None) => "As it was before".to_owned(),
        (Some(_), Some(_)) => match entry.changes().as_slice() {
            [] => "Request".to_owned(),
            changes => {
                let names: Vec<_> = changes.iter().map(|(name, ..)| name_of(name)).collect();
                format!("Changed: {}", names.join(", "))
            }
        },
    };
    let unseen = format!(" (entry {})", entry.seq);
    let difference = difference(entry);
    let request = entry.request_id.clone().map(|id| {
        view! {
            <Fact name="Request">
                <span class="mono">{id}</span>
            </Fact>
        }
    });
    let agent = entry.agent.clone().map(|agent| view! { <Fact name="Client">{agent}</Fact> });
    let place = format!("{}:{}", entry.seq, entry.hash);
    view! {
        <tr class="more">
            <td colspan="5">
                <details class="fold">
                    <summary>{summary} <span class="unseen">{unseen}</span></summary>
                    {difference}
                    <Facts>
                        {request} {agent} <Fact name="Entry">
                            <span class="mono">{place}</span>
                        </Fact>
                    </Facts>
                </details>
            </td>
        </tr>
    }
}

/// The facts that changed, before and after in two columns.
fn difference(entry: &AuditEntry) -> Option<impl IntoView + use<>> {
    let changes = entry.changes();
    if changes.is_empty() {
        return None;
    }
    let side = |value: Option<&serde_json::Value>| match value.map(shown) {
        None => view! { <span class="faint">"–"</span> }.into_any(),
        Some(text) if text.is_empty() => view! { <span class="faint">"nothing"</span> }.into_any(),
        Some(text) => text.into_any(),
    };
    let rows = changes
        .into_iter()
        .map(|(name, before, after)| {
            view! {
                <div>
                    <dt>{name_of(name)}</dt>
                    <dd class="was">
                        <span class="unseen">"before: "</span>
                        {side(before)}
                    </dd>
                    <dd class="is">
                        <span class="unseen">"after: "</span>
                        {side(after)}
                    </dd>
                </div>
            }
        })
        .collect_view();
    Some(view! {
        <div class="difference">
            <p class="difference-heads" aria-hidden="true">
                <span></span>
                <span>"Before"</span>
                <span>"After"</span>
            </p>
            <dl>{rows}</dl>
        </div>
    })
}

/// `expires_at` as people read it: `expires at`.
fn name_of(name: &str) -> String {
    name.replace('_', " ")
}
