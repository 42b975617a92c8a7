//! What a subscription hears of, and how eagerly: choosing and changing it.

use super::{about, may_change, shown};
use crate::{
    alerts::destinations::{find_to_change, must_change_some},
    audit,
    house::House,
    store::{
        Tx,
        alerts::{
            destinations::DestinationRow,
            subscriptions::{self, SubscriptionRow},
        },
    },
};
use app::model::{
    alert::{AlertKind, Subscription},
    fault::Fault,
    ids::SubscriptionId,
    pace::{KINDS, Pace, SubscriptionChange},
    viewer::Viewer,
};

/// Kinds and pace that somebody chose; what is absent stays as it is, or is as usual.
pub type Chosen = (Option<Vec<AlertKind>>, Option<Pace>);

/// Reads what a form says of kinds and pace. No kinds at all are the usual ones; a list of none is a mistake.
///
/// # Errors
/// `Invalid` for `kinds` or `pace`.
pub fn chosen(kinds: Option<&[String]>, pace: &str) -> Result<Chosen, Fault> {
    let read = |word: &String| AlertKind::parse(word).ok_or_else(unknown);
    let kinds = kinds.map(|kinds| kinds.iter().map(read).collect::<Result<Vec<_>, _>>()).transpose()?;
    let kinds = kinds.as_deref().map(checked).transpose()?;
    let pace = match pace.trim() {
        "" => None,
        word => Some(Pace::parse(word).ok_or_else(|| Fault::field("pace", "expected every, incident or daily"))?),
    };
    Ok((kinds, pace))
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
    let kinds = change.kinds.as_deref().map(checked).transpose()?;
    let mut tx = house.store.begin().await?;
    let row = subscriptions::by_id(&mut tx, id).await?.ok_or_else(gone)?;
    let row = apply(house, &mut tx, viewer, &destination, row, (kinds, change.pace)).await?;
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
    (kinds, pace): Chosen,
) -> Result<SubscriptionRow, Fault> {
    let before = row.subscription.clone();
    row.subscription.kinds = kinds.unwrap_or(row.subscription.kinds);
    row.subscription.pace = pace.unwrap_or(row.subscription.pace);
    if row.subscription == before {
        return Ok(row);
    }
    if !may_change(destination, &row, viewer) {
        return Err(not_yours());
    }
    subscriptions::change(tx, &before.id, &row.subscription.kinds, row.subscription.pace).await?;
    audit::note(house, tx, viewer, "subscription.change", &destination.name, &described(&row)).await?;
    Ok(row)
}

/// What a subscription is about, of which kinds, at which pace: for the audit log.
pub(super) fn described(row: &SubscriptionRow) -> String {
    let kinds: Vec<_> = row.subscription.kinds.iter().map(|kind| kind.word()).collect();
    format!("{}: {}, at the pace {}", about(row), kinds.join(", "), row.subscription.pace.word())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_chooses_kinds_and_pace_or_leaves_them() {
        assert_eq!(chosen(None, "").unwrap(), (None, None));
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let (kinds, pace) = chosen(Some(&words(&["drill", "hit", "hit"])), "daily").unwrap();
        assert_eq!((kinds, pace), (Some(vec![AlertKind::Hit, AlertKind::Drill]), Some(Pace::Daily)));
        for (kinds, pace, field) in [
            (words(&[]), "", "kinds"),
            (words(&["test"]), "", "kinds"),
            (words(&["x"]), "", "kinds"),
            (words(&["hit"]), "x", "pace"),
        ] {
            assert!(chosen(Some(&kinds), pace).unwrap_err().of(field).is_some(), "{kinds:?} {pace}");
        }
    }
}
