//! What a subscription hears of, and how eagerly: choosing and changing it.

use super::{about, audit_subject, may_change, shown};
use crate::{
    alerts::destinations::{find_to_change, must_change_some},
    audit::{self, Audited as _},
    house::House,
    store::{
        Tx,
        alerts::{
            destinations::DestinationRow,
            subscriptions::{self, SubscriptionRow, Wants},
        },
    },
};
use app::model::{
    alert::{AlertKind, Scope, Subscription},
    fault::Fault,
    ids::SubscriptionId,
    pace::{KINDS, Pace, QUIET_RANGE, SubscriptionChange, lasting},
    token::TokenForm,
    viewer::{Act, Viewer},
};

/// What a form says, as texts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Typed<'a> {
    /// Kinds of news, where any were offered.
    pub kinds: Option<&'a [String]>,
    /// The pace; empty: not chosen.
    pub pace: &'a str,
    /// The quiet time in minutes; empty: not chosen.
    pub quiet_minutes: &'a str,
}

/// Reads what a form says of kinds, pace and quiet time; what is absent stays as it is, or is as usual. No kinds at all are
/// the usual ones; a list of none is a mistake.
///
/// # Errors
/// `Invalid` for `kinds`, `pace` or `quiet_minutes`.
pub fn chosen(typed: Typed<'_>) -> Result<SubscriptionChange, Fault> {
    let Typed { kinds, pace, quiet_minutes } = typed;
    let read = |word: &String| AlertKind::parse(word).ok_or_else(unknown);
    let kinds = kinds.map(|kinds| kinds.iter().map(read).collect::<Result<Vec<_>, _>>()).transpose()?;
    let kinds = kinds.as_deref().map(checked).transpose()?;
    let pace = match pace.trim() {
        "" => None,
        word => Some(Pace::parse(word).ok_or_else(|| Fault::field("pace", "expected every, incident or daily"))?),
    };
    let quiet_minutes = match quiet_minutes.trim() {
        "" => None,
        number => Some(quiet(number.parse().map_err(|_| too_quiet())?)?),
    };
    Ok(SubscriptionChange { kinds, pace, quiet_minutes })
}

/// As [`chosen`], for what somebody is to hear of one token.
///
/// # Errors
/// As [`chosen`].
pub fn chosen_of_token(form: &TokenForm) -> Result<SubscriptionChange, Fault> {
    let kinds = form.kinds.as_deref();
    let chosen = chosen(Typed { kinds, pace: &form.pace, quiet_minutes: &form.quiet_minutes })?;
    if chosen.kinds.as_ref().is_some_and(|kinds| kinds.contains(&AlertKind::Audit)) {
        return Err(of_everything());
    }
    Ok(chosen)
}

/// Whether a viewer may choose these kinds for a subscription to this. What is done in Aviary itself is for admins.
pub(super) fn may_choose(viewer: &Viewer, scope: &Scope, kinds: &[AlertKind]) -> Result<(), Fault> {
    if !kinds.contains(&AlertKind::Audit) {
        return Ok(());
    }
    if *scope != Scope::Everything {
        return Err(of_everything());
    }
    if !viewer.may(Act::ManagePeople, None) {
        return Err(Fault::forbidden("Only an admin of the installation may subscribe to the audit log."));
    }
    Ok(())
}

fn of_everything() -> Fault {
    Fault::field("kinds", "the audit log belongs to no token, team or label: choose it for everything")
}

/// Kinds in their usual order, each once.
pub(super) fn checked(kinds: &[AlertKind]) -> Result<Vec<AlertKind>, Fault> {
    if kinds.is_empty() {
        return Err(Fault::field("kinds", "choose at least one kind of news"));
    }
    if kinds.iter().any(|kind| !KINDS.contains(kind)) {
        return Err(unknown());
    }
    Ok(KINDS.into_iter().filter(|kind| kinds.contains(kind)).collect())
}

/// What somebody asks for, with its kinds in order and its numbers within their bounds.
pub(super) fn sound(asked: SubscriptionChange) -> Result<SubscriptionChange, Fault> {
    let kinds = asked.kinds.as_deref().map(checked).transpose()?;
    let quiet_minutes = asked.quiet_minutes.map(quiet).transpose()?;
    Ok(SubscriptionChange { kinds, quiet_minutes, ..asked })
}

fn quiet(minutes: i64) -> Result<i64, Fault> {
    if QUIET_RANGE.contains(&minutes) { Ok(minutes) } else { Err(too_quiet()) }
}

fn too_quiet() -> Fault {
    Fault::field("quiet_minutes", "expected a whole number of minutes from 1 to 1440")
}

fn unknown() -> Fault {
    let words: Vec<_> = KINDS.iter().map(|kind| kind.word()).collect();
    Fault::field("kinds", format!("expected some of {}", words.join(", ")))
}

/// Changes what a subscription hears of, or how eagerly.
///
/// # Errors
/// `NotFound`, `Invalid`, or `Forbidden` for those who neither own the destination nor made the subscription.
pub async fn change_subscription(
    house: &House,
    viewer: &Viewer,
    id: &SubscriptionId,
    change: &SubscriptionChange,
) -> Result<Subscription, Fault> {
    must_change_some(viewer)?;
    let gone = || Fault::not_found("subscription");
    let row = subscriptions::by_id(&mut *house.store.read().await?, id).await?.ok_or_else(gone)?;
    let destination = find_to_change(house, viewer, &row.subscription.destination_id).await.map_err(|_| gone())?;
    if !may_change(&destination, &row, viewer) {
        return Err(not_yours());
    }
    let change = sound(change.clone())?;
    let mut tx = house.store.begin().await?;
    let row = subscriptions::by_id(&mut tx, id).await?.ok_or_else(gone)?;
    let row = apply(house, &mut tx, viewer, &destination, row, change).await?;
    tx.commit().await?;
    Ok(shown(row, viewer))
}

fn not_yours() -> Fault {
    Fault::forbidden("Only those who own the destination or made the subscription may change it.")
}

/// Changes a subscription in the caller's transaction, if there is anything to change.
pub(super) async fn apply(
    house: &House,
    tx: &mut Tx,
    viewer: &Viewer,
    destination: &DestinationRow,
    mut row: SubscriptionRow,
    change: SubscriptionChange,
) -> Result<SubscriptionRow, Fault> {
    let before = row.subscription.clone();
    row.subscription.kinds = change.kinds.unwrap_or(row.subscription.kinds);
    row.subscription.pace = change.pace.unwrap_or(row.subscription.pace);
    row.subscription.quiet_minutes = change.quiet_minutes.unwrap_or(row.subscription.quiet_minutes);
    if row.subscription == before {
        return Ok(row);
    }
    if !may_change(destination, &row, viewer) {
        return Err(not_yours());
    }
    if !before.kinds.contains(&AlertKind::Audit) {
        may_choose(viewer, &before.scope, &row.subscription.kinds)?;
    }
    let id = before.id.clone();
    let before = SubscriptionRow { subscription: before, ..row.clone() };
    let (detail, subject) = (described(&row), audit_subject(&row, destination));
    let what = ("subscription.change", detail.as_str());
    // Who no longer hears of the audit log with this is told so.
    if before.subscription.kinds.contains(&AlertKind::Audit) {
        tx.hearers().await?;
    }
    let Subscription { kinds, pace, quiet_minutes, .. } = &row.subscription;
    subscriptions::change(tx, &id, Wants { kinds, pace: *pace, quiet_minutes: *quiet_minutes }).await?;
    audit::changed(house, tx, viewer, what, subject, before.audited(), row.audited()).await?;
    Ok(row)
}

/// What a subscription is about, of which kinds, at which pace: for the audit log.
pub(super) fn described(row: &SubscriptionRow) -> String {
    let Subscription { kinds, pace, quiet_minutes, .. } = &row.subscription;
    let kinds: Vec<_> = kinds.iter().map(|kind| kind.word()).collect();
    let quiet = match pace {
        Pace::Incident => format!(", quiet for {}", lasting(*quiet_minutes)),
        Pace::Every | Pace::Daily => String::new(),
    };
    format!("{}: {}, at the pace {}{quiet}", about(row), kinds.join(", "), pace.word())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_chooses_or_leaves_things_as_they_are() {
        assert_eq!(chosen(Typed::default()).unwrap(), SubscriptionChange::default());
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let kinds = words(&["drill", "hit", "hit"]);
        let typed = Typed { kinds: Some(&kinds), pace: "daily", quiet_minutes: " 240 " };
        let kinds = Some(vec![AlertKind::Hit, AlertKind::Drill]);
        let expected = SubscriptionChange { kinds, pace: Some(Pace::Daily), quiet_minutes: Some(240) };
        assert_eq!(chosen(typed).unwrap(), expected);
        for (kinds, pace, quiet_minutes, field) in [
            (words(&[]), "", "", "kinds"),
            (words(&["test"]), "", "", "kinds"),
            (words(&["x"]), "", "", "kinds"),
            (words(&["hit"]), "x", "", "pace"),
            (words(&["hit"]), "", "0", "quiet_minutes"),
            (words(&["hit"]), "", "1441", "quiet_minutes"),
            (words(&["hit"]), "", "1.5", "quiet_minutes"),
            (words(&["hit"]), "", "99999999999999999999", "quiet_minutes"),
        ] {
            let fault = chosen(Typed { kinds: Some(&kinds), pace, quiet_minutes }).unwrap_err();
            assert!(fault.of(field).is_some(), "{kinds:?} {pace} {quiet_minutes}");
        }
    }
}
