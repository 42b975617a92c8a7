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
            <SettingsHead title="Audit log" lead=lead.into_any() />
            <form class="filters" method="get" action="/settings/audit" aria-label="Which entries">
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
                    {ACTS.iter().copied().map(|(act, text)| view! { <option value=act>{text}</option> }).collect_view()}
                </datalist>
                <button class="button">"Filter"</button>
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
                        <Table caption="Audit log" heads=vec!["Act", "Who", "Detail", "When", "From"]>
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
    let AuditEntry { at, actor, act, subject, detail, from, .. } = entry;
    let blank = || view! { <span class="faint">"–"</span> }.into_any();
    let detail = if detail.is_empty() { blank() } else { detail.into_any() };
    let from = from.map_or_else(blank, |from| view! { <span class="mono">{from}</span> }.into_any());
    view! {
        <tr>
            <Cell label="Act" class="main">
                <a class="mono" href=only>
                    {act}
                </a>
                <span class="under">{subject}</span>
            </Cell>
            <Cell label="Who" class="who">
                {actor}
            </Cell>
            <Cell label="Detail">{detail}</Cell>
            <Cell label="When" class="tight">
                <When at />
            </Cell>
            <Cell label="From" class="tight">
                {from}
            </Cell>
        </tr>
    }
}

/// Acts that people look for, with what they mean. The log may hold others; any can be typed.
const ACTS: &[(&str, &str)] = &[
    ("token.mint", "A token was minted"),
    ("token.adopt", "A key was adopted"),
    ("token.reveal", "A secret was shown again"),
    ("token.edit", "A token's facts were changed"),
    ("token.disable", "A key was disabled"),
    ("token.expire", "A key's time was over"),
    ("token.revoke", "A key was deleted"),
    ("incident.resolve", "An incident was resolved"),
    ("destination.create", "A destination was made"),
    ("destination.remove", "A destination was removed"),
    ("destination.rotate", "A webhook's signing secret was rotated"),
    ("destination.reveal", "A destination's address was revealed"),
    ("subscription.create", "A destination was subscribed"),
    ("subscription.remove", "A subscription ended"),
    ("person.sign_in", "Somebody signed in"),
    ("person.second_refused", "A second factor was wrong"),
    ("person.second_on", "An app for codes was set up"),
    ("person.second_off", "An app for codes was switched off"),
    ("person.second_reset", "Somebody's second factors were taken away"),
    ("person.passkey_add", "A passkey was added"),
    ("person.passkey_remove", "A passkey was removed"),
    ("person.invite", "Somebody was invited"),
    ("person.role", "A role was changed"),
    ("person.disable", "An account was switched off"),
    ("api_key.create", "An API key was made"),
    ("api_key.revoke", "An API key was revoked"),
];
