//! The fields that minting, adopting and editing share.

use crate::{
    model::{
        alert::{Destination, DestinationState},
        pace::{Pace, USUAL},
        token::OnHit,
    },
    parts::{
        form::{AreaField, CheckGroup, Item, RadioGroup, TextField, Typed},
        wants::WantsFields,
    },
};
use leptos::prelude::*;

/// What people read at the fields, where it is more than their names.
pub const LABELS: &[(&str, &str)] = &[
    ("notes", "If it trips"),
    ("on_hit", "When somebody uses it"),
    ("destinations", "Who hears about it"),
    ("kinds", "Kinds of news"),
    ("pace", "How often"),
    ("quiet_minutes", "Quiet time"),
    ("access_key_id", "Access key id"),
    ("arn", "ARN of its user"),
];

/// What the fields hold before anything is typed.
#[derive(Clone, Debug, Default)]
pub struct First {
    /// Where it was put.
    pub location: String,
    /// Who looks after it.
    pub owner: String,
    /// What to do if it trips.
    pub notes: String,
    /// Words to find it by.
    pub labels: String,
    /// When it ends.
    pub expires: String,
    /// What happens on a hit.
    pub on_hit: OnHit,
}

/// Where it is put, and who needs to know what.
#[component]
pub fn PlacementFields(form: Typed, first: First) -> impl IntoView {
    view! {
        <TextField
            form=form.clone()
            name="location"
            label="Location"
            hint="Where you put it, so that whoever reads the alert finds the place: a path, a repository, a machine."
            placeholder="~/.aws/credentials on build-07"
            value=first.location
        />
        <TextField
            form=form.clone()
            name="owner"
            label="Owner"
            hint="Who looks after that place and is asked first when the key is used."
            value=first.owner
        />
        <AreaField
            form=form.clone()
            name="notes"
            label="If it trips"
            hint="For the responder: what else somebody who found this key could reach, and what to rotate."
            placeholder="Whoever reads this file can also read the deploy key. Rotate that first."
            value=first.notes
            optional=true
        />
        <TextField
            form
            name="labels"
            label="Labels"
            hint="Words to find it by, separated by commas."
            placeholder="ci, laptop"
            value=first.labels
            optional=true
        />
    }
}

/// How long it lives, and what a use of it leads to.
#[component]
pub fn LifeFields(form: Typed, first: First) -> impl IntoView {
    let after = match first.on_hit {
        OnHit::DisableAfter(n) if n > 1 => n.to_string(),
        _ => "5".to_owned(),
    };
    let on_hit = match first.on_hit {
        OnHit::Keep => "keep",
        OnHit::DisableAfter(1) => "disable",
        OnHit::DisableAfter(_) => "disable_after",
    };
    let options = vec![
        Item::new("keep", "Keep listening").says("The key stays active: you see everything else its user tries."),
        Item::new("disable", "Disable the key at the first hit").says("You see one use, and no more after it."),
        Item::new("disable_after", "Disable the key after several hits"),
    ];
    let number = form.value("on_hit_after", &after);
    view! {
        <TextField
            form=form.clone()
            name="expires"
            label="Expires"
            hint="A day such as 2027-03-01, or a number of days. Its people are warned a week before. Empty: never."
            value=first.expires
            suggest=vec![("30", "30 days"), ("90", "90 days"), ("180", "half a year"), ("365", "a year")]
            optional=true
        />
        <RadioGroup form name="on_hit" legend="When somebody uses it" value=on_hit options>
            <div class="choice-more">
                <label for="on_hit_after">"Number of hits"</label>
                <input
                    id="on_hit_after"
                    name="on_hit_after"
                    type="number"
                    min="1"
                    max="10000"
                    inputmode="numeric"
                    value=number
                />
            </div>
        </RadioGroup>
    }
}

/// Who hears about it.
#[component]
pub fn HearsFields(form: Typed, destinations: Vec<Destination>) -> impl IntoView {
    if destinations.is_empty() {
        return view! {
            <div class="callout">
                <p>
                    <strong>"Nobody hears about this token yet."</strong>
                </p>
                <p>
                    "Its hits will show here, but no alert goes out. You can mint it now and "
                    <a href="/destinations/new">"add a destination"</a> " afterwards."
                </p>
            </div>
        }
        .into_any();
    }
    // Somebody who has one destination wants to hear there; among several, one chooses. Nothing is sent to one that
    // nobody has confirmed, so that it is not taken for an answer.
    let checked = match destinations.as_slice() {
        [only] if only.state != DestinationState::Unconfirmed => vec![only.id.0.clone()],
        _ => Vec::new(),
    };
    let options = destinations
        .into_iter()
        .map(|destination| {
            let says = match destination.state {
                DestinationState::Unconfirmed => {
                    format!("{}. Not confirmed yet: nothing is sent there before that.", destination.address)
                }
                DestinationState::Failing => format!("{}. It no longer takes alerts.", destination.address),
                DestinationState::Confirmed => destination.address,
            };
            Item::new(destination.id.0, destination.name).says(says)
        })
        .collect();
    view! {
        <CheckGroup
            form=form.clone()
            name="destinations"
            legend="Who hears about it"
            hint="Besides those who hear about all tokens of the team."
            checked
            options
        />
        <WantsFields form kinds=USUAL.to_vec() pace=Pace::default() />
    }
    .into_any()
}
