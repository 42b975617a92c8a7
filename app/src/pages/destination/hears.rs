//! What a destination hears about, how often, and what is held back for it now.

use super::words;
use crate::{
    model::{
        alert::{AlertKind, Destination, Scope, Subscription},
        pace::{Held, Pace, USUAL, paced},
        person::Team,
    },
    parts::{
        button::PostButton,
        form::{Item, RadioGroup, SelectField, TextField, Typed},
        lines::{Line, Lines},
        panel::Panel,
        wants::{WantsFields, of_kinds},
        when::When,
    },
};
use leptos::prelude::*;

/// The subscriptions of a destination.
pub fn subscribed(
    subscriptions: Vec<Subscription>,
    form: &Typed,
    here: &str,
    mine: bool,
    waiting: bool,
    admin: bool,
) -> impl IntoView + use<> {
    if subscriptions.is_empty() {
        let says = if waiting {
            "Nothing yet. Subscriptions made now count from the moment it is confirmed."
        } else {
            "Nothing yet, so no alert goes here."
        };
        return view! { <p class="calm-line pad">{says}</p> }.into_any();
    }
    let lines =
        subscriptions.into_iter().map(|subscription| line(subscription, form, here, mine, admin)).collect_view();
    view! { <Lines>{lines}</Lines> }.into_any()
}

fn line(subscription: Subscription, form: &Typed, here: &str, mine: bool, admin: bool) -> impl IntoView + use<> {
    let name = match &subscription.scope {
        Scope::Token { token_id } => {
            view! { <a href=format!("/tokens/{token_id}")>{subscription.about.clone()}</a> }.into_any()
        }
        Scope::Team { team } => format!("Team {team}").into_any(),
        Scope::Label { label, .. } => format!("Label {label}").into_any(),
        Scope::Everything => "Everything".into_any(),
    };
    let scope = match &subscription.scope {
        Scope::Token { .. } => "One token".to_owned(),
        Scope::Team { .. } => "All tokens of the team, also those to come".to_owned(),
        Scope::Label { team: Some(team), .. } => format!("All tokens of {team} with this label, also those to come"),
        Scope::Label { team: None, .. } => "All tokens of every team with this label".to_owned(),
        Scope::Everything => "All tokens of every team".to_owned(),
    };
    let often = paced(subscription.pace, subscription.quiet_minutes);
    let wants = format!("{scope}. {often}; {}.", of_kinds(&subscription.kinds));
    let change = mine.then(|| change(&subscription, form, here, admin));
    let remove = mine.then(|| {
        view! {
            <PostButton
                action=format!("/subscriptions/{}/remove", subscription.id)
                text="Unsubscribe"
                class="quiet"
                fields=vec![("back", here.to_owned())]
                label=format!("Unsubscribe from {}", subscription.about)
            />
        }
    });
    let says = view! {
        {wants}
        {change}
    };
    view! {
        <Line name says=says.into_any()>
            {remove}
        </Line>
    }
}

/// The folded form that changes a subscription's pace, quiet time and kinds.
fn change(subscription: &Subscription, form: &Typed, here: &str, admin: bool) -> impl IntoView + use<> {
    // Whoever may not choose it may leave it as it is.
    let audit = subscription.scope == Scope::Everything && (admin || subscription.kinds.contains(&AlertKind::Audit));
    let id = subscription.id.0.clone();
    let refused = form.value("subscription", "") == id;
    let form = if refused { form.clone() } else { Typed::blank() }.prefixed(format!("change-{id}"));
    let action = format!("/subscriptions/{id}/change");
    let unseen = format!(" how often {} is told here", subscription.about);
    view! {
        <details class="fold" open=refused>
            <summary>"Change" <span class="unseen">{unseen}</span></summary>
            <form class="stack" method="post" action=action>
                <input type="hidden" name="subscription" value=id />
                <input type="hidden" name="back" value=here.to_owned() />
                <WantsFields
                    form
                    kinds=subscription.kinds.clone()
                    pace=subscription.pace
                    quiet_minutes=subscription.quiet_minutes
                    audit
                />
                <button class="button">"Save"</button>
            </form>
        </details>
    }
}

/// Subscribes to a team, a label or everything; a single token is subscribed from its own page.
pub fn subscribe(
    destination: &Destination,
    form: &Typed,
    teams: Vec<Team>,
    everything: bool,
    admin: bool,
    here: &str,
) -> impl IntoView + use<> {
    let form = if form.has("scope") { form.clone() } else { Typed::blank() };
    let open = form.has("scope");
    let mut scopes = vec![
        Item::new("team", "A team").says("All its tokens, also those to come."),
        Item::new("label", "A label").says("All tokens that carry it, also those to come."),
    ];
    let mut options: Vec<Item> = teams.into_iter().map(|team| Item::new(team.name.clone(), team.name)).collect();
    if everything {
        scopes.push(Item::new("everything", "Everything").says("All tokens of every team."));
        options.push(Item::new("", "Every team"));
    }
    view! {
        <div class="pad subscribe">
            <details class="fold" open=open>
                <summary>"Subscribe to more"</summary>
                <form class="stack" method="post" action="/subscriptions/new">
                    <input type="hidden" name="destination_id" value=destination.id.0.clone() />
                    <input type="hidden" name="back" value=here.to_owned() />
                    <RadioGroup form=form.clone() name="scope" legend="What about" value="team" options=scopes />
                    <SelectField
                        form=form.clone()
                        name="team"
                        label="Team"
                        hint="The team, or the one in which the label counts."
                        options
                    />
                    <TextField
                        form=form.clone()
                        name="label"
                        label="Label"
                        hint="For a label only: one word, as it stands on the tokens."
                        optional=true
                    />
                    <WantsFields form kinds=USUAL.to_vec() pace=Pace::default() audit=admin />
                    <button class="button">"Subscribe"</button>
                </form>
            </details>
            <p class="hint">"A single token is subscribed from its own page."</p>
        </div>
    }
}

/// What is held back now, if anything is.
pub fn held(held: Vec<Held>) -> impl IntoView {
    if held.is_empty() {
        return ().into_any();
    }
    let lines = held
        .into_iter()
        .map(|one| {
            let address = match &one.incident_id {
                Some(id) => format!("/incidents/{id}"),
                None => format!("/tokens/{}", one.token_id),
            };
            let name = view! { <a href=address>{one.about.clone()}</a> }.into_any();
            let says = view! {
                {words::held(&one)}
                " ("
                <When at=one.due_at />
                ")"
            };
            view! { <Line name says=says.into_any() /> }
        })
        .collect_view();
    view! {
        <Panel title="Held back" says="Not told yet: it goes out counted, in one digest. Every call is on the incident's page already.">
            <Lines>{lines}</Lines>
        </Panel>
    }
    .into_any()
}
