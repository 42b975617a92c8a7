//! A link that lets somebody in once, made on the machine itself: the way in when the provider is away, or when a password
//! or a second factor is lost. Whoever may run the program there may do everything anyway.

use super::{code_hash, entry, mail_address, must_manage, sessions};
use crate::{
    audit,
    house::{ChanceExt as _, House},
    store::people::{
        links::{self, LinkKind, LinkRow},
        persons,
    },
};
use app::model::{
    fault::{Fault, FaultKind},
    moment::MINUTE,
    secret::Secret,
    viewer::{Actor, Origin, Via, Viewer},
};

/// For how long a link can be followed, in milliseconds.
const GOOD_FOR: i64 = 15 * MINUTE;

/// Makes a link that lets this person in.
///
/// # Errors
/// `Forbidden` for everybody but the command line, or `NotFound` where nobody who may sign in has this address.
pub async fn make(house: &House, viewer: &Viewer, email: &str) -> Result<Secret, Fault> {
    must_manage(viewer)?;
    if !matches!(viewer.actor, Actor::System(_)) {
        return Err(Fault::forbidden("Such a link is made on the machine itself."));
    }
    let email = mail_address(email)?;
    let (code, now) = (house.chance.code(), house.now());
    let mut tx = house.store.begin().await?;
    let login = persons::login(&mut tx, &email).await?.filter(|login| !login.disabled);
    let login = login
        .ok_or_else(|| Fault::new(FaultKind::NotFound, format!("Nobody who may sign in has the address `{email}`.")))?;
    links::insert(&mut tx, &code_hash(&code), LinkKind::Enter, Some(&login.id), now, now.plus(GOOD_FOR)).await?;
    audit::note(house, &mut tx, viewer, "person.sign_in_link", &login.email, "").await?;
    tx.commit().await?;
    Ok(Secret::new(format!("{}/enter/{code}", house.config.base_url)))
}

async fn find(house: &House, code: &str) -> Result<LinkRow, Fault> {
    let found = links::by_hash(&mut *house.store.read().await?, &code_hash(code), LinkKind::Enter, house.now()).await?;
    found.ok_or_else(gone)
}

fn gone() -> Fault {
    Fault::new(
        FaultKind::NotFound,
        "This link was used already, is older than a quarter of an hour, or is not complete.",
    )
}

/// The mail address of the person whom a link lets in.
///
/// # Errors
/// `NotFound`, where the link is not good (any more).
pub async fn entering(house: &House, code: &str) -> Result<String, Fault> {
    find(house, code).await.map(|link| link.email)
}

/// Comes in by a link; the code of a session.
///
/// # Errors
/// `NotFound`, where the link is not good (any more).
pub async fn enter(house: &House, code: &str, origin: &Origin) -> Result<String, Fault> {
    let LinkRow { person_id, email } = find(house, code).await?;
    let mut tx = house.store.begin().await?;
    if !links::use_up(&mut tx, &code_hash(code), house.now()).await? {
        return Err(gone());
    }
    let viewer = entry::newcomer(&person_id, &email, origin);
    audit::note(house, &mut tx, &viewer, "person.sign_in", &email, "by a link made on the machine").await?;
    let session = sessions::open(house, &mut tx, &person_id, Via::Link, origin, house.now()).await?;
    tx.commit().await?;
    Ok(session)
}
