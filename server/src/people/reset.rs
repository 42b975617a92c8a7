//! Forgotten passwords: a link by mail, with which somebody chooses a new one.
//!
//! Nobody can tell from outside whether an address has an account. The answer is the same, and given before anything is
//! looked up: that, what is written and the mail come afterwards, in a task of their own. And what is written is as much
//! for an address that nobody has, so that it does not show in how long others wait for the database either.

use super::{
    code_hash, letters,
    limits::{self, Door},
    mail_address, password,
};
use crate::{
    audit,
    house::{ChanceExt as _, House},
    store::people::{
        links::{self, LinkKind, LinkRow},
        persons, second_tickets, sessions,
    },
};
use app::model::{
    fault::{Fault, FaultKind},
    moment::MINUTE,
    viewer::{Origin, Viewer},
};
use std::sync::Arc;

/// For how long a link can be followed, in milliseconds.
const GOOD_FOR: i64 = 30 * MINUTE;

/// Asks for a link. That it gives nothing back says nothing: there may be no such account.
///
/// # Errors
/// `Invalid`, where this is no mail address; `TooMany`; or `Conflict`, where there are no passwords here.
pub fn ask(house: &Arc<House>, email: &str, origin: &Origin) -> Result<(), Fault> {
    must_have_passwords(house)?;
    let email = mail_address(email)?;
    limits::try_again(house, Door::Reset, &email, origin)?;
    // Each one counts for its address, whatever becomes of it.
    limits::failed(house, Door::Reset, &email, origin);
    let (house, origin) = (Arc::clone(house), origin.clone());
    tokio::spawn(async move {
        if let Err(fault) = answer(&house, &email, &origin).await {
            tracing::error!(%fault, "a forgotten password could not be looked after");
        }
    });
    Ok(())
}

fn must_have_passwords(house: &House) -> Result<(), Fault> {
    if house.config.local_sign_in {
        return Ok(());
    }
    Err(Fault::conflict("There are no passwords here: people sign in through a provider of the organisation."))
}

async fn answer(house: &House, email: &str, origin: &Origin) -> Result<(), Fault> {
    let login = persons::login(&mut *house.store.read().await?, email).await?.filter(|login| !login.disabled);
    let (code, now) = (house.chance.code(), house.now());
    let whose = login.as_ref().filter(|login| login.password_hash.is_some()).map(|login| &login.id);
    let detail = match (&login, whose) {
        (_, Some(_)) => "a link was mailed",
        (Some(_), None) => "has no password, and was told so by mail",
        (None, None) => "nobody who may sign in has this address",
    };
    let mut tx = house.store.begin().await?;
    links::insert(&mut tx, &code_hash(&code), LinkKind::Reset, whose, now, now.plus(GOOD_FOR)).await?;
    audit::note(house, &mut tx, &Viewer::nobody("a visitor", origin), "person.forgot", email, detail).await?;
    tx.commit().await?;
    match (&login, whose) {
        (Some(login), Some(_)) => letters::post(house, letters::reset(house, &login.email, &code, origin)),
        (Some(login), None) => letters::post(house, letters::no_password(house, &login.email, origin)),
        (None, _) => {}
    }
    Ok(())
}

async fn find(house: &House, code: &str) -> Result<LinkRow, Fault> {
    let found = links::by_hash(&mut *house.store.read().await?, &code_hash(code), LinkKind::Reset, house.now()).await?;
    found.ok_or_else(gone)
}

fn gone() -> Fault {
    Fault::new(FaultKind::NotFound, "This link was used already, is older than half an hour, or is not complete.")
}

/// The mail address of the person whom a link is for.
///
/// # Errors
/// `NotFound`, where the link is not good (any more), or `Conflict`, where there are no passwords here.
pub async fn resetting(house: &House, code: &str) -> Result<String, Fault> {
    must_have_passwords(house)?;
    find(house, code).await.map(|link| link.email)
}

/// Sets the password of the person whom a link is for, ends all their sessions, and tells them by mail. A second factor
/// is asked for as before: whoever reads somebody's mail has only that.
///
/// # Errors
/// `NotFound`, where the link is not good (any more), or `Invalid`, where the password is not acceptable.
pub async fn finish(house: &House, code: &str, new: &str, origin: &Origin) -> Result<(), Fault> {
    must_have_passwords(house)?;
    limits::try_again(house, Door::Reset, "", origin)?;
    let LinkRow { person_id, email } = match find(house, code).await {
        Err(fault) => {
            limits::failed(house, Door::Reset, "", origin);
            return Err(fault);
        }
        Ok(link) => link,
    };
    password::check("password", new, &email)?;
    let hashed = password::hash(new, &*house.chance).await?;
    let now = house.now();
    let mut tx = house.store.begin().await?;
    if !links::use_up(&mut tx, &code_hash(code), now).await? {
        return Err(gone());
    }
    links::use_up_all(&mut tx, &person_id, now).await?;
    persons::set_password(&mut tx, &person_id, &hashed).await?;
    second_tickets::forget_of(&mut tx, &person_id).await?;
    let ended = sessions::delete_of(&mut tx, &person_id, "").await?;
    let viewer = super::entry::newcomer(&person_id, &email, origin);
    audit::note(house, &mut tx, &viewer, "person.reset", &email, &format!("{ended} sessions ended")).await?;
    tx.commit().await?;
    // Whoever reads this mailbox need not wait for those who tried out passwords.
    limits::passed(house, Door::SignIn, &email, origin);
    letters::post(house, letters::changed(house, &email, "by a link in a mail to this address", origin));
    Ok(())
}
