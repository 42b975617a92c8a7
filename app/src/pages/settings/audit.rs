//! `/settings/audit`: who did what, when, from where.

use super::SettingsHead;
use crate::{
    api::people::list_audit,
    model::audit::{AuditEntry, AuditQuery},
    parts::{
        empty::Empty,
        icon::Sign,
        load::{cursor, here_with, load, query},
        pager::Pager,
        table::{Cell, Table},
        when::When,
    },
};
use leptos::prelude::*;

/// The audit log, newest first; admins only.
#[component]
pub fn Audit() -> impl IntoView {
    let act = query("act").trim().to_owned();
    let asked = list_audit(AuditQuery { act: act.clone(), after: cursor(), limit: 0 });
    load(asked, move |page| {
        let lead = match act.as_str() {
            "" => "Every change, every secret that was shown, and every sign-in: who, when, and from where.".to_owned(),
            act => format!("Only entries of `{act}`."),
        };
        view! {
            <SettingsHead lead=lead.into_any() />
            <form class="filters" method="get" action="/settings/audit">
                <label class="grow">
                    "Act"
                    <input
                        type="search"
                        name="act"
                        value=act.clone()
                        list="acts"
                        placeholder="token.reveal"
                        spellcheck="false"
                        autocapitalize="off"
                    />
                </label>
                <datalist id="acts">
                    {ACTS.into_iter().map(|(act, text)| view! { <option value=act>{text}</option> }).collect_view()}
                </datalist>
                <button class="button">"Show"</button>
                {(!act.is_empty()).then(|| view! { <a class="button quiet" href="/settings/audit">"Show all"</a> })}
            </form>
            {if page.items.is_empty() {
                view! {
                    <Empty sign=Sign::Search title="No entry">
                        <p>
                            {if act.is_empty() { "Nothing was done so far." } else { "Nothing of this sort was done so far." }}
                        </p>
                    </Empty>
                }
                    .into_any()
            } else {
                view! {
                    <section class="panel">
                        <Table caption="Audit log" heads=vec!["When", "Who", "Act", "On", "Detail", "From"]>
                            {page.items.into_iter().map(row).collect_view()}
                        </Table>
                    </section>
                }
                    .into_any()
            }}
            <Pager next=page.next />
        }
    })
}

fn row(entry: AuditEntry) -> impl IntoView {
    let only = here_with(&[("act", &entry.act)]);
    view! {
        <tr>
            <Cell label="When">
                <When at=entry.at />
            </Cell>
            <Cell label="Who" class="who">{entry.actor}</Cell>
            <Cell label="Act" class="main">
                <a class="mono" href=only>
                    {entry.act}
                </a>
            </Cell>
            <Cell label="On">{entry.subject}</Cell>
            <Cell label="Detail" class="wide">
                {entry.detail}
            </Cell>
            <Cell label="From">
                <span class="mono">{entry.from}</span>
            </Cell>
        </tr>
    }
}

/// Acts that people look for, with what they mean. The log may hold others; any can be typed.
const ACTS: [(&str, &str); 12] = [
    ("token.mint", "A token was minted"),
    ("token.adopt", "A key was adopted"),
    ("token.reveal", "A secret was shown again"),
    ("token.edit", "A token's facts were changed"),
    ("token.disable", "A key was disabled"),
    ("token.revoke", "A key was deleted"),
    ("person.sign_in", "Somebody signed in"),
    ("person.invite", "Somebody was invited"),
    ("person.role", "A role was changed"),
    ("person.disable", "An account was switched off"),
    ("api_key.create", "An API key was made"),
    ("api_key.revoke", "An API key was revoked"),
];
