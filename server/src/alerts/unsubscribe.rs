//! The link in each mail that ends what it comes from, in one click (RFC 8058). Nobody has to sign in: whoever has the
//! mail has the link. It ends all subscriptions of the destination and nothing else; it never gets old.

use super::destinations::{audit_subject, shown};
use crate::{
    audit,
    house::House,
    store::alerts::{
        destinations::{self, DestinationRow},
        held, queue, subscriptions,
    },
};
use app::{
    api::alerts::Leaving,
    model::{
        alert::Subscription,
        fault::{Fault, FaultKind},
        ids::DestinationId,
        viewer::{Origin, Viewer},
    },
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// For what the links are signed.
const PURPOSE: &str = "unsubscribe";

/// The link that ends all subscriptions of a destination.
pub(super) fn link(house: &House, id: &DestinationId) -> String {
    let seal = URL_SAFE_NO_PAD.encode(house.sealer.sign(PURPOSE, id.as_str().as_bytes()));
    format!("{}/unsubscribe/{id}.{seal}", house.config.base_url)
}

/// What a link would end. Needs nobody to be signed in.
///
/// # Errors
/// `NotFound` where the link is not ours, or the destination is gone.
pub async fn unsubscribing(house: &House, code: &str) -> Result<Leaving, Fault> {
    let row = find(house, code).await?;
    let found = subscriptions::of_destination(&mut *house.store.read().await?, &row.id).await?;
    // Neither the places of tokens.
    let subscriptions =
        found.into_iter().map(|row| Subscription { about: String::new(), ..row.subscription }).collect();
    Ok(Leaving { destination: shown(house, row, &passer_by()), subscriptions })
}

/// Ends all subscriptions of the destination that a link is for; what is on its way there is given up, and what is held
/// back for it is forgotten. Doing it twice is the same as doing it once.
///
/// # Errors
/// As [`unsubscribing`].
pub async fn unsubscribe_by_link(house: &House, code: &str, origin: Origin) -> Result<(), Fault> {
    let row = find(house, code).await?;
    let now = house.now();
    let mut tx = house.store.begin().await?;
    let ended = subscriptions::delete_of(&mut tx, &row.id).await?;
    let held = held::forget_of(&mut tx, &row.id).await?;
    let reason = "Somebody followed the link in a mail that ends the subscriptions.";
    let given_up = queue::give_up(&mut tx, &row.id, reason, now, || house.new_id()).await?;
    if ended > 0 || held > 0 || given_up > 0 {
        let detail = format!(
            "by the link in a mail: {ended} subscriptions ended, {held} held alerts forgotten, {given_up} on their way given up"
        );
        let (viewer, what) = (Viewer { origin, ..visitor() }, ("destination.unsubscribe", detail.as_str()));
        audit::note_on(house, &mut tx, &viewer, what, audit_subject(&row)).await?;
    }
    Ok(tx.commit().await?)
}

/// Somebody who may see no more than that the link is good: mails are forwarded, and the link never gets old.
fn passer_by() -> Viewer {
    Viewer { grants: Vec::new(), ..visitor() }
}

/// Whoever follows a link. The link is the right.
fn visitor() -> Viewer {
    Viewer::system("an unsubscribe link")
}

async fn find(house: &House, code: &str) -> Result<DestinationRow, Fault> {
    let good = code.split_once('.').filter(|(id, seal)| {
        let seal = URL_SAFE_NO_PAD.decode(seal);
        seal.is_ok_and(|seal| house.sealer.is_signed(PURPOSE, id.as_bytes(), &seal))
    });
    let row = match good {
        Some((id, _)) => destinations::by_id(&mut *house.store.read().await?, &DestinationId(id.to_owned())).await?,
        None => None,
    };
    row.ok_or_else(|| {
        Fault::new(
            FaultKind::NotFound,
            "This link is not one of ours, or nothing is sent to its address any more. If mail still comes, copy the \
             whole link from the newest one.",
        )
    })
}
