//! What a destination did not take, and the form that sends it again.

use crate::{
    model::alert::{Destination, Kept},
    parts::{
        form::{Check, TextField, Typed},
        head::plural,
        panel::Panel,
        when::When,
    },
};
use leptos::prelude::*;

/// What is kept for a destination, and a form to send it again from a moment on.
#[component]
pub fn ReplayPanel(
    /// The destination.
    destination: Destination,
    /// What is kept for it.
    kept: Kept,
    /// What was typed and refused.
    form: Typed,
) -> impl IntoView {
    let Kept { alerts, since } = kept;
    let first = since.map(|since| since.rfc3339()).unwrap_or_default();
    let oldest = since.map(|at| view! { ", the oldest from " <When at /> });
    let says =
        "It goes out again under the same identifiers, the oldest first, so that a receiver can drop what it has.";
    let action = format!("/destinations/{}/replay", destination.id);
    view! {
        <Panel title="Send again" says>
            <div class="pad stack">
                <p>{plural(alerts, "alert is kept", "alerts are kept")} {oldest} "."</p>
                {destination
                    .mine
                    .then(|| {
                        view! {
                            <form class="form" method="post" action=action>
                                <TextField
                                    form=form.clone()
                                    name="from"
                                    label="What was caused since"
                                    hint="A day, or a time such as 2027-03-01T14:00:00Z."
                                    value=first
                                />
                                <Check form name="all" label="Also what was accepted already" />
                                <div class="submit">
                                    <button class="button">"Send again"</button>
                                </div>
                            </form>
                        }
                    })}
            </div>
        </Panel>
    }
}
