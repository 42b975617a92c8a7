//! The quiet hours on one's own account page.

use crate::{
    model::pace::{QuietHours, wall},
    parts::form::{Check, FormFault, Submit, TextField, Typed},
};
use leptos::prelude::*;

/// When somebody does not want to hear.
#[component]
pub fn Quiet(
    /// What was typed and refused.
    form: Typed,
    /// The quiet hours as they are.
    hours: Option<QuietHours>,
) -> impl IntoView {
    let (from, to, zone, exposed) = match hours {
        Some(QuietHours { from, to, zone, exposed }) => (wall(from), wall(to), zone, exposed),
        None => (String::new(), String::new(), String::new(), true),
    };
    view! {
        <form class="form pad" method="post" action="/settings/quiet-hours">
            <FormFault form=form.clone() labels=&[("zone", "Time zone"), ("to", "Until")] />
            <TextField
                form=form.clone()
                name="from"
                label="From"
                hint="Such as 22:00. Leave both times empty to hear at any hour."
                kind="time"
                value=from
                optional=true
            />
            <TextField form=form.clone() name="to" label="Until" kind="time" value=to optional=true />
            <TextField
                form=form.clone()
                name="zone"
                label="Time zone"
                hint="The name of your time zone, such as Europe/Berlin, America/New_York or UTC."
                placeholder="Europe/Berlin"
                value=zone
                optional=true
            />
            <Check
                form
                name="exposed"
                label="Tell me at once that a key is public"
                hint="Strangers may use it within minutes, so this comes at any hour."
                checked=exposed
            />
            <Submit text="Save quiet hours" />
        </form>
    }
}
