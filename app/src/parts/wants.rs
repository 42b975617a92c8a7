//! The choices of a subscription: how often, and what of. All are made already, so that nobody has to think.

use super::{
    badge::alert_kind_text,
    form::{CheckGroup, Item, RadioGroup, SelectField, Typed},
};
use crate::model::{
    alert::AlertKind,
    pace::{KINDS, Pace, QUIET, QUIET_CHOICES, lasting},
};
use leptos::prelude::*;

/// How often and what of. The kinds are folded: the usual ones are right for nearly everybody.
#[component]
pub fn WantsFields(
    /// What was typed and refused.
    form: Typed,
    /// The kinds that are checked at first.
    kinds: Vec<AlertKind>,
    /// The pace at first.
    pace: Pace,
    /// How many minutes it is quiet after an alert at first.
    #[prop(default = QUIET)]
    quiet_minutes: i64,
    /// Whether to offer news of Aviary itself, which is for admins who subscribe to everything.
    #[prop(optional)]
    audit: bool,
) -> impl IntoView {
    let paces = Pace::ALL.into_iter().map(|pace| Item::new(pace.word(), pace.text()).says(pace.says())).collect();
    let offered = KINDS
        .into_iter()
        .filter(|kind| audit || *kind != AlertKind::Audit)
        .map(|kind| Item::new(kind.word(), alert_kind_text(kind)).says(says(kind)))
        .collect();
    let said = of_kinds(&kinds);
    let open = form.fault("kinds").is_some();
    let checked = kinds.iter().map(|kind| kind.word().to_owned()).collect();
    let same = form.clone();
    view! {
        <RadioGroup form=form.clone() name="pace" legend="How often" value=pace.word() options=paces>
            <SelectField
                form=same
                name="quiet_minutes"
                label="Quiet time"
                hint="For “First, then digests”: how long it is quiet after an alert, while the rest is counted."
                value=quiet_minutes.to_string()
                options=quiet_times(quiet_minutes)
            />
        </RadioGroup>
        <details class="fold" open=open>
            <summary>"Kinds of news: " {said}</summary>
            // Says that kinds were offered, also where none is checked.
            <input type="hidden" name="kinds" value="" />
            <CheckGroup form name="kinds" legend="Kinds of news" checked options=offered />
        </details>
    }
}

/// The quiet times to choose from, with the one that is chosen now: programs may have chosen any other.
fn quiet_times(now: i64) -> Vec<Item> {
    let mut times = QUIET_CHOICES.to_vec();
    if !times.contains(&now) {
        times.push(now);
        times.sort_unstable();
    }
    times.into_iter().map(|minutes| Item::new(minutes.to_string(), lasting(minutes))).collect()
}

/// What a kind of news is, in one sentence.
fn says(kind: AlertKind) -> &'static str {
    match kind {
        AlertKind::Hit => "Somebody used the key.",
        AlertKind::UnloggedUse => "The key was used by a call that no trail logs.",
        AlertKind::Exposed => "AWS found the key where everybody can read it.",
        AlertKind::Tampered => "Somebody else changed the key or its user.",
        AlertKind::Expiring => "The key expires within a week.",
        AlertKind::Expired => "The key is disabled because its time is over.",
        AlertKind::Minted => "Somebody made a new token.",
        AlertKind::Drill => "Aviary used the key itself and heard of it.",
        AlertKind::Failing => "Alerts no longer arrive at another destination that hears about the same.",
        AlertKind::Audit => {
            "Somebody changed or looked at something in Aviary itself. Only with “Everything”; each at once."
        }
        _ => "",
    }
}

/// The kinds of a subscription in a few words.
pub fn of_kinds(kinds: &[AlertKind]) -> String {
    if crate::model::pace::USUAL.iter().all(|usual| kinds.contains(usual)) {
        let more: Vec<_> = kinds.iter().filter(|kind| !crate::model::pace::USUAL.contains(kind)).collect();
        return match more.as_slice() {
            [] => "the usual ones".to_owned(),
            more => format!("the usual ones and {}", named(more)),
        };
    }
    named(&kinds.iter().collect::<Vec<_>>())
}

fn named(kinds: &[&AlertKind]) -> String {
    kinds.iter().map(|kind| alert_kind_text(**kind).to_lowercase()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::pace::USUAL;

    #[test]
    fn a_quiet_time_that_a_program_chose_can_stay() {
        let texts = |now| quiet_times(now).into_iter().map(|item| item.text).collect::<Vec<_>>().join(", ");
        assert_eq!(texts(QUIET), "5 minutes, 15 minutes, 30 minutes, 1 hour, 4 hours");
        assert_eq!(texts(45), "5 minutes, 15 minutes, 30 minutes, 45 minutes, 1 hour, 4 hours");
    }

    #[test]
    fn the_usual_kinds_need_no_list() {
        assert_eq!(of_kinds(&USUAL), "the usual ones");
        assert_eq!(of_kinds(&KINDS), "the usual ones and minted, drill, delivery failing, audit log");
        assert_eq!(of_kinds(&[AlertKind::Hit, AlertKind::Exposed]), "hit, exposed");
        assert!(KINDS.into_iter().all(|kind| !says(kind).is_empty()));
    }
}
