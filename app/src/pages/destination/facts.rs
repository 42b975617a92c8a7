//! What there is to know about one destination.

use super::words;
use crate::{
    model::alert::Destination,
    parts::{
        facts::{Fact, Facts},
        when::When,
    },
};
use leptos::prelude::*;

/// Its facts.
pub fn facts(destination: &Destination) -> impl IntoView + use<> {
    let Destination { kind, address, team, created_by, created_at, last_error, mine, settings, .. } =
        destination.clone();
    let belongs = team.map_or_else(|| created_by.clone(), |team| format!("Team {team}"));
    let note = match (mine, kind.hides_address()) {
        (_, true) => Some("Shortened: whoever knows all of it can write there."),
        (false, false) => Some("Shortened: it belongs to somebody else."),
        (true, false) => None,
    };
    let old = destination.old_secret_until.map(|until| {
        view! {
            <Fact name="Old secret">
                "Counts too, until "
                <When at=until />
            </Fact>
        }
    });
    view! {
        <Facts>
            <Fact name="Kind">{words::kind(kind)}</Fact>
            <Fact name="Address">
                <span class="mono">{address}</span>
                {note.map(|note| view! { <span class="under">{note}</span> })}
            </Fact>
            {settings_of(&settings)}
            {old}
            <Fact name="Belongs to">{belongs}</Fact>
            <Fact name="Made">
                <When at=created_at />
                " by "
                {created_by}
            </Fact>
            {last_error.map(|error| view! { <Fact name="Last error">{error}</Fact> })}
        </Facts>
    }
}

/// What else the kind needs: `issue_type: Task` reads as `Issue type`, `Task`.
fn settings_of(settings: &serde_json::Value) -> impl IntoView + use<> {
    let pairs: Vec<(String, String)> = settings
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((called(name), value.as_str()?.to_owned())))
        .filter(|(_, value)| !value.is_empty())
        // A certificate is longer than a page is patient.
        .map(|(name, value)| if value.starts_with("-----BEGIN") { (name, "set".to_owned()) } else { (name, value) })
        .collect();
    pairs
        .into_iter()
        .map(|(name, value)| {
            view! {
                <div>
                    <dt>{name}</dt>
                    <dd>{value}</dd>
                </div>
            }
        })
        .collect_view()
}

fn called(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
