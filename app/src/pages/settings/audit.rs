//! `/settings/audit`: who did what, when, from where, and what it was before and after.

mod entry;
mod filters;

use super::SettingsHead;
use crate::{
    api::people::list_audit,
    model::audit::{AuditQuery, meaning},
    parts::{
        empty::Empty,
        icon::{Icon, Sign},
        load::{cursor, here_with, load, query},
        pager::Pager,
        table::Table,
    },
};
use entry::row;
use filters::Filters;
use leptos::prelude::*;

/// The audit log, newest first; admins only.
#[component]
pub fn Audit() -> impl IntoView {
    let text = |name: &str| query(name).trim().to_owned();
    let asked = AuditQuery {
        act: text("act"),
        who: text("who"),
        subject: text("subject"),
        address: text("address"),
        from: text("from"),
        to: text("to"),
        after: cursor(),
        limit: 0,
    };
    let here = here_with(&[]);
    load(list_audit(asked.clone()), move |page| {
        let narrow = asked.is_narrow();
        let lead = lead(&asked);
        view! {
            <SettingsHead title="Audit log" lead=lead.into_any() actions=exports(&here).into_any() />
            <Filters asked />
            {if page.items.is_empty() {
                view! {
                    <Empty sign=Sign::Search title="No entry">
                        <p>{if narrow { "Nothing of this sort was done." } else { "Nothing was done so far." }}</p>
                        {narrow
                            .then(|| {
                                view! {
                                    <p class="empty-actions">
                                        <a class="button" href="/settings/audit">
                                            "Show all"
                                        </a>
                                    </p>
                                }
                            })}
                    </Empty>
                }
                    .into_any()
            } else {
                view! {
                    <section class="panel audit">
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

fn lead(asked: &AuditQuery) -> String {
    match meaning(&asked.act) {
        Some(meaning) => format!("Only `{}`: “{meaning}”.", asked.act),
        None if asked.is_narrow() => "Only what the fields below ask for.".to_owned(),
        None => "Every change, every secret that was shown, and every sign-in: who, when, and from where. Each entry is bound \
                 to the one before, so that none can be changed or taken away unseen."
            .to_owned(),
    }
}

/// The same entries as files. Nothing of the page's own place goes with them.
fn exports(here: &str) -> impl IntoView + use<> {
    let of = |ending: &str| here.replacen("/settings/audit", &format!("/settings/audit.{ending}"), 1);
    view! {
        <a class="button" href=of("csv") aria-label="Download these entries as CSV">
            <Icon sign=Sign::Download />
            "CSV"
        </a>
        <a class="button" href=of("jsonl") aria-label="Download these entries as JSON lines">
            <Icon sign=Sign::Download />
            "JSON"
        </a>
    }
}
