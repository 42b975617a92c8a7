//! What narrows the audit log down.

use crate::{
    islands::auto_submit::AutoSubmit,
    model::audit::{AuditQuery, GROUPS, meaning},
};
use leptos::prelude::*;

/// Who, what, on what, when and from where.
#[component]
pub fn Filters(
    /// What is asked for now.
    asked: AuditQuery,
) -> impl IntoView {
    let narrow = asked.is_narrow();
    let acts = acts(&asked.act);
    let AuditQuery { who, subject, address, from, to, .. } = asked;
    view! {
        <form id="filters" class="filters" method="get" action="/settings/audit" role="search" aria-label="Which entries">
            <AutoSubmit form="filters".to_owned() />
            <label>
                "Act"
                <select name="act">
                    <option value="">"Any"</option>
                    {acts}
                </select>
            </label>
            <label>
                "Who" <input name="who" value=who placeholder="anybody" autocomplete="off" size="14" />
            </label>
            <label class="grow">
                "On what"
                <input type="search" name="subject" value=subject placeholder="A place, a key id, a name" />
            </label>
            <label>
                "From address"
                <input name="address" value=address placeholder="any" autocomplete="off" spellcheck="false" size="14" />
            </label>
            <label>
                "From day" <input type="date" name="from" value=from />
            </label>
            <label>
                "To day" <input type="date" name="to" value=to />
            </label>
            <button class="button">"Filter"</button>
            {narrow
                .then(|| {
                    view! {
                        <a class="button quiet" href="/settings/audit">
                            "Show all"
                        </a>
                    }
                })}
        </form>
    }
}

/// The acts in their groups. One that this list does not have, and that was asked for, stands there, too.
fn acts(asked: &str) -> impl IntoView + use<> {
    let groups = GROUPS
        .iter()
        .map(|(name, start, acts)| {
            let all = format!("{start}*");
            let here = all == asked;
            let text = format!("All of {start}…");
            let each = acts
                .iter()
                .map(|(act, meaning)| {
                    let here = *act == asked;
                    view! {
                        <option value=*act selected=here>
                            {*meaning}
                        </option>
                    }
                })
                .collect_view();
            view! {
                <optgroup label=*name>
                    <option value=all selected=here>
                        {text}
                    </option>
                    {each}
                </optgroup>
            }
        })
        .collect_view();
    let group = |asked: &str| GROUPS.iter().any(|(_, start, _)| asked.strip_suffix('*') == Some(*start));
    let other = (!asked.is_empty() && meaning(asked).is_none() && !group(asked)).then(|| {
        let value = asked.to_owned();
        let asked = asked.to_owned();
        view! {
            <option value=value selected=true>
                {asked}
            </option>
        }
    });
    view! {
        {other}
        {groups}
    }
}
