//! The proof that somebody wants alerts at an address: else Aviary could be used to flood strangers.

pub mod typed;

use super::{audit_subject, find_mine, shown};
use crate::{
    alerts::{
        channels::{self, Proof},
        masking,
    },
    audit::{self, Facts},
    house::{ChanceExt as _, House},
    mail::{Mail, letter::Letter},
    people::{
        code_hash,
        limits::{self, Door},
    },
    store::alerts::{
        destinations::{self, DestinationRow},
        proofs,
    },
};
use app::model::{
    alert::{Destination, DestinationKind, DestinationState},
    fault::{Fault, FaultKind},
    ids::DestinationId,
    moment::{DAY, SECOND},
    viewer::{Actor, Origin, Viewer},
};

/// How long a confirmation link can be followed, in milliseconds.
const GOOD_FOR: i64 = 7 * DAY;

/// How long to wait before another mail asks the same stranger, in milliseconds.
const BETWEEN_MAILS: i64 = 10 * SECOND;

/// How long a code can be typed in, in milliseconds.
const CODE_GOOD_FOR: i64 = DAY;

/// How long to wait before another message with a code goes to the same place, in milliseconds.
const BETWEEN_CODES: i64 = 30 * SECOND;

/// Asks for the proof again.
///
/// # Errors
/// `NotFound`, `Forbidden`, `Conflict` where it is confirmed already, or `TooMany` where a message was sent just now.
pub async fn confirm_again(house: &House, viewer: &Viewer, id: &DestinationId) -> Result<Destination, Fault> {
    let row = find_mine(house, viewer, id).await?;
    if row.state != DestinationState::Unconfirmed {
        return Err(Fault::conflict("It is confirmed already."));
    }
    let asked = row.confirm_until.map(|until| until.plus(-GOOD_FOR));
    if row.last_error.is_none() && asked.is_some_and(|asked| house.now().since(asked) < BETWEEN_MAILS) {
        return Err(Fault::new(FaultKind::TooMany, "A mail was sent a moment ago. Wait a little before the next one."));
    }
    // Whatever came of the last one: codes could be guessed if they changed all the time.
    let sent = row.proof_until.map(|until| until.plus(-CODE_GOOD_FOR));
    if sent.is_some_and(|sent| house.now().since(sent) < BETWEEN_CODES) {
        let says = "A message was sent a moment ago. Wait half a minute before the next one.";
        return Err(Fault::new(FaultKind::TooMany, says));
    }
    // Each goes to somebody who may not have asked for it: so it is known who had it sent.
    let mut tx = house.store.begin().await?;
    audit::note_on(house, &mut tx, viewer, "destination.prove", audit_subject(&row)).await?;
    tx.commit().await?;
    ask(house, &row).await?;
    Ok(shown(house, find_mine(house, viewer, id).await?, viewer))
}

/// The destination that a confirmation link is for. Needs nobody to be signed in: whoever has the link owns the mailbox,
/// and sees where it leads.
///
/// # Errors
/// `NotFound` where the link is not ours, too old, or was followed.
pub async fn awaiting_confirmation(house: &House, code: &str) -> Result<Destination, Fault> {
    Ok(shown(house, waiting(house, code).await?, &visitor()))
}

/// Confirms the destination that a link is for.
///
/// # Errors
/// As [`awaiting_confirmation`], or `TooMany`.
pub async fn confirm_by_code(house: &House, code: &str, origin: Origin) -> Result<(), Fault> {
    limits::try_again(house, Door::Confirm, "", &origin)?;
    let row = waiting(house, code).await.inspect_err(|_| limits::failed(house, Door::Confirm, "", &origin))?;
    confirm(house, &Viewer { origin, ..visitor() }, &row, "by its link").await
}

async fn waiting(house: &House, code: &str) -> Result<DestinationRow, Fault> {
    let row = destinations::by_code(&mut *house.store.read().await?, &code_hash(code), house.now()).await?;
    row.ok_or_else(|| {
        Fault::new(
            FaultKind::NotFound,
            "This link was followed already, or is older than seven days. Ask whoever made the destination to send \
             another one.",
        )
    })
}

/// Whoever follows a link. The link is the right.
fn visitor() -> Viewer {
    Viewer { name: "a confirmation link".to_owned(), ..Viewer::system("link") }
}

/// Asks for the proof. What fails is kept with the destination.
pub(super) async fn ask(house: &House, row: &DestinationRow) -> Result<(), Fault> {
    let failed = match row.kind {
        DestinationKind::Email => by_mail(house, row).await?,
        _ => match by_message(house, row).await? {
            Ok(Proof::Confirmed) => return confirm(house, &answered(), row, "by its answer").await,
            Ok(Proof::CodeSent { remark }) => remark,
            Err(why) => Some(why),
        },
    };
    let mut tx = house.store.begin().await?;
    let failed = failed.map(|why| masking::masked(&why, &masking::of(house, row)));
    destinations::set_error(&mut tx, &row.id, failed.as_deref()).await?;
    Ok(tx.commit().await?)
}

/// Asks by a message with a code. The code counts before it is sent, so that whoever reads it at once can type it in.
async fn by_message(house: &House, row: &DestinationRow) -> Result<Result<Proof, String>, Fault> {
    let code = format!("{:06}", house.chance.below(1_000_000));
    let hash = typed::hash(&row.id, &code);
    let mut tx = house.store.begin().await?;
    proofs::set(&mut tx, &row.id, &hash, house.now().plus(CODE_GOOD_FOR)).await?;
    tx.commit().await?;
    let proof = channels::prove(house, row, &code).await;
    if proof.is_err() {
        let mut tx = house.store.begin().await?;
        proofs::forget(&mut tx, &row.id, &hash).await?;
        tx.commit().await?;
    }
    Ok(proof)
}

fn answered() -> Viewer {
    Viewer { actor: Actor::System("the destination".into()), ..Viewer::system("the destination itself") }
}

async fn confirm(house: &House, viewer: &Viewer, row: &DestinationRow, how: &str) -> Result<(), Fault> {
    let mut tx = house.store.begin().await?;
    // Two clicks at the same time confirm once.
    if destinations::confirm(&mut tx, &row.id, house.now()).await? {
        let state = |state: DestinationState| Facts::default().with("state", state.word());
        let (before, after) = (state(row.state), state(DestinationState::Confirmed));
        let what = ("destination.confirm", how);
        audit::changed(house, &mut tx, viewer, what, audit_subject(row), before, after).await?;
    }
    Ok(tx.commit().await?)
}

/// Mails a link; why that failed, if it did.
async fn by_mail(house: &House, row: &DestinationRow) -> Result<Option<String>, Fault> {
    let code = house.chance.code();
    let mut tx = house.store.begin().await?;
    destinations::set_code(&mut tx, &row.id, &code_hash(&code), house.now().plus(GOOD_FOR)).await?;
    tx.commit().await?;
    let link = format!("{}/confirm/{code}", house.config.base_url);
    let letter = Letter::new("Confirm this address for alerts")
        .say(&format!(
            "{} wants Aviary to send mail here when a canary key is used: who used it, when, from where, and what to do.",
            row.created_by
        ))
        .say("If that is right, follow this link within seven days and press the button on the page:")
        .link(&link, &link)
        .foot("You did not expect this? Do nothing. Without your yes, nothing more is sent.");
    let mail = Mail::new(&row.address, "Confirm this address for alerts", &letter);
    Ok(house.mailer.send(&mail).await.err().map(|error| format!("The mail was not sent: {}", error.text)))
}
