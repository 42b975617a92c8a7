//! The link in each mail that ends what it comes from, in one click (RFC 8058). Nobody has to sign in: whoever has the
//! mail has the link. It ends all subscriptions of the destination and nothing else; it never gets old.

use super::{
    body::Body,
    destinations::{audit_subject, shown},
    outbox,
};
use crate::{
    audit,
    house::House,
    mail::{Mail, letter::Letter},
    people::persons,
    store::{
        Tx,
        alerts::{
            destinations::{self, DestinationRow},
            failing, held, leases, queue, subscriptions,
        },
    },
};
use app::{
    api::alerts::Leaving,
    model::{
        alert::Subscription,
        fault::{Fault, FaultKind},
        ids::{DestinationId, TeamId},
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
/// back for it is forgotten. Doing it twice is the same as doing it once. Of a team's destination those who look after it
/// hear of that: at their other destinations, or by mail.
///
/// # Errors
/// As [`unsubscribing`].
pub async fn unsubscribe_by_link(house: &House, code: &str, origin: Origin) -> Result<(), Fault> {
    let row = find(house, code).await?;
    let now = house.now();
    let mut tx = house.store.begin().await?;
    let flavour = house.store.flavour();
    leases::lock(&mut tx, flavour, [row.id.clone()].into()).await?;
    let ended = subscriptions::delete_of(&mut tx, &row.id).await?;
    let held = held::forget_of(&mut tx, &row.id).await?;
    let reason = "Somebody followed the link in a mail that ends the subscriptions.";
    let given_up = queue::give_up(&mut tx, flavour, &row.id, reason, now, || house.new_id()).await?;
    if ended > 0 || held > 0 || given_up > 0 {
        let detail = format!(
            "by the link in a mail: {ended} subscriptions ended, {held} held alerts forgotten, {given_up} on their way given up"
        );
        let (viewer, what) = (Viewer { origin, ..visitor() }, ("destination.unsubscribe", detail.as_str()));
        audit::note_on(house, &mut tx, &viewer, what, audit_subject(&row)).await?;
    }
    let to_mail = match &row.team_id {
        Some(team) if ended > 0 => tell(house, &mut tx, &row, team).await?,
        _ => Vec::new(),
    };
    tx.commit().await?;
    for address in to_mail {
        // Whoever followed the link has no part in it if that fails.
        if let Err(error) = house.mailer.send(&letter(house, &row, &address)).await {
            tracing::error!(destination = %row.id, error = error.text, "that a team's destination was left could not be mailed");
        }
    }
    Ok(())
}

/// Tells the others of the team that nothing more goes to one of its destinations; whom to mail, where there is no other
/// destination of theirs.
async fn tell(house: &House, tx: &mut Tx, row: &DestinationRow, team: &TeamId) -> Result<Vec<String>, Fault> {
    let mut others = failing::keepers(tx, row).await?;
    others.extend(failing::witnesses(tx, row).await?.into_iter().map(|witness| witness.destination));
    others.sort();
    others.dedup();
    if !others.is_empty() {
        let body = Body::left(house.now(), &house.config.base_url, &row.id, &row.name);
        outbox::write(house, tx, &body, &others).await?;
        return Ok(Vec::new());
    }
    let mut keepers = persons::keepers(tx, team, &row.owner_id).await?;
    // Whoever reads that mailbox knows.
    keepers.retain(|address| !address.eq_ignore_ascii_case(&row.address));
    Ok(keepers)
}

fn letter(house: &House, row: &DestinationRow, address: &str) -> Mail {
    let title = format!("Nothing more goes to {}", row.name);
    let here = format!("{}/destinations/{}", house.config.base_url, row.id);
    let letter = Letter::new(&title)
        .say(&format!(
            "Somebody followed the link in a mail that ends all subscriptions of {}. What is told about the team's keys from \
             now on does not reach it.",
            row.name
        ))
        .say("If that was not meant, subscribe it anew on its page:")
        .link(&here, &here)
        .foot("You get this because you look after the team's destinations, and it has no other one to tell it to.");
    Mail::new(address, &title, &letter)
}

/// Somebody who may see no more than that the link is good: mails are forwarded, and the link never gets old.
fn passer_by() -> Viewer {
    Viewer { grants: Vec::new(), ..visitor() }
}

/// Whoever follows a link. The link is the right.
fn visitor() -> Viewer {
    Viewer { name: "an unsubscribe link".to_owned(), ..Viewer::system("link") }
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
