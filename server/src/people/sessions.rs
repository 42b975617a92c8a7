//! Sessions and the viewers that they make.

use super::code_hash;
use crate::{
    house::House,
    store::people::{persons, sessions, sessions::NewSession},
};
use app::model::{
    fault::Fault,
    ids::PersonId,
    moment::{DAY, MINUTE, Moment},
    viewer::{Actor, Origin, Via, Viewer},
};

/// A session ends after this time even if it is used all the time.
pub const ABSOLUTE: i64 = 30 * DAY;
/// A session ends when it was not used for this long.
pub const IDLE: i64 = 7 * DAY;

/// Opens a session for a person; the code for the cookie.
///
/// # Errors
/// Where the database refuses.
pub async fn open(house: &House, person: &PersonId, via: Via, origin: &Origin) -> Result<String, Fault> {
    use crate::house::ChanceExt as _;
    let (code, now) = (house.chance.code(), house.now());
    let mut tx = house.store.begin().await?;
    let (id_hash, until) = (code_hash(&code), now.plus(ABSOLUTE));
    sessions::insert(&mut tx, &NewSession { id_hash: &id_hash, person, via, origin, now, until }).await?;
    persons::seen(&mut tx, person, now).await?;
    tx.commit().await?;
    Ok(code)
}

/// Who holds the session with this code, if it holds.
///
/// # Errors
/// Where the database refuses.
pub async fn viewer(house: &House, code: &str, origin: Origin) -> Result<Option<Viewer>, Fault> {
    let (hash, now) = (code_hash(code), house.now());
    let mut session = house.store.read().await?;
    let Some(row) = sessions::by_hash(&mut session, &hash, now, now.plus(-IDLE)).await? else {
        return Ok(None);
    };
    let grants = persons::grants(&mut session, &row.person_id, &hash).await?;
    drop(session);
    // Written at most once in a while: reading a page must not queue behind writers.
    if now.since(row.seen_at) > 5 * MINUTE {
        let mut tx = house.store.begin().await?;
        sessions::seen(&mut tx, &hash, now).await?;
        persons::seen(&mut tx, &row.person_id, now).await?;
        tx.commit().await?;
    }
    Ok(Some(Viewer {
        actor: Actor::Person(row.person_id),
        name: row.email,
        grants,
        origin,
        proven_at: Some(row.proven_at),
    }))
}

/// Ends the session with this code.
///
/// # Errors
/// Where the database refuses.
pub async fn close(house: &House, code: &str) -> Result<(), Fault> {
    let mut tx = house.store.begin().await?;
    sessions::delete(&mut tx, &code_hash(code)).await?;
    Ok(tx.commit().await?)
}

/// Forgets sessions that are over.
///
/// # Errors
/// Where the database refuses.
pub async fn tidy(house: &House, now: Moment) -> Result<(), Fault> {
    let mut tx = house.store.begin().await?;
    sessions::forget_over(&mut tx, now, now.plus(-IDLE)).await?;
    Ok(tx.commit().await?)
}
