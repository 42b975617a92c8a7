//! How an account is heard: what the last look at its rules, trails and queues found.

use crate::{
    model::account::AccountView,
    parts::{
        checks::Checks,
        empty::Empty,
        facts::{Fact, Facts},
        icon::Sign,
        panel::Panel,
        when::When,
    },
};
use leptos::prelude::*;

/// The ways by which records come, and how they are doing.
#[component]
pub fn Hearing(
    /// The account.
    account: AccountView,
) -> impl IntoView {
    let settings = account.settings;
    let status = account.status;
    let looked = status.looked_at.map(|at| view! { <span class="faint">"Looked at " <When at /></span> }.into_any());
    let checks = if status.ears.is_empty() {
        view! {
            <Empty sign=Sign::Pulse title="Not looked at yet">
                <p>"Aviary looks at trail, rules, queues and its rights on them every ten minutes, and for the first time within a minute."</p>
            </Empty>
        }
        .into_any()
    } else {
        view! { <Checks checks=status.ears /> }.into_any()
    };
    let way = |name: &'static str, address: String| {
        (!address.is_empty()).then(|| {
            view! {
                <Fact name>
                    <span class="mono">{address}</span>
                </Fact>
            }
        })
    };
    let last_used = if settings.last_used {
        format!("asked for, {} calls in a minute", settings.last_used_rate)
    } else {
        "not asked for: uses that no trail logs stay unseen".to_owned()
    };
    view! {
        <Panel title="Hearing" actions=looked.unwrap_or_else(|| ().into_any())>
            {checks}
            <div class="ways">
                <Facts>
                    {way("Events", settings.events_queue)}
                    {way("Files", settings.files_queue)}
                    {way("Topics", settings.topics.join("\n"))}
                    <Fact name="Last use">{last_used}</Fact>
                </Facts>
            </div>
        </Panel>
    }
}
