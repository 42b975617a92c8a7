//! Sessions and the viewers that they make.
//!
//! A session's code changes whenever its holder can do more than before or has shown who they are: a new one when somebody
//! signs in, when they confirm that it is them, and when their role changed. Another browser cannot be handed a code before
//! it asks. So a change of role marks the sessions of its person, and the next request of each gets another code. What may
//! be done follows the new role at once in any case, since roles are read at each request. Ending these sessions would be no
//! safer, because the mark also takes back the proof of presence: a thief who is faster than the owner gets a code with
//! which nothing sensitive can be done, and the owner, who is signed out by that, comes back and sees them in the list.

use super::{code_hash, entry::newcomer, must_manage, persons::get};
use crate::{
    audit,
    house::{ChanceExt as _, House},
    store::{
        Conn,
        people::{
            links, persons, sessions,
            sessions::{NewSession, SessionRow},
        },
    },
};
use app::model::{
    entry::SessionView,
    fault::Fault,
    ids::PersonId,
    moment::{MINUTE, Moment},
    viewer::{Actor, Origin, Via, Viewer},
};
use std::time::Duration;

/// For how long requests may still bring the code that a session had before, in milliseconds: several are under way at the
/// same time, and only the first of them gets the new one.
const FORMER: i64 = MINUTE;

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Sessions that were last used before this are over.
fn idle_since(house: &House, now: Moment) -> Moment {
    now.plus(-milliseconds(house.config.session_idle))
}

/// Opens a session for a person who proved at that moment who they are; the code for the cookie.
///
/// # Errors
/// Where the database refuses.
pub async fn open(
    house: &House,
    conn: &mut Conn,
    person: &PersonId,
    via: Via,
    origin: &Origin,
    proven_at: Moment,
) -> Result<String, Fault> {
    let (code, now) = (house.chance.code(), house.now());
    let (id_hash, until) = (code_hash(&code), now.plus(milliseconds(house.config.session_max)));
    sessions::insert(conn, &NewSession { id_hash: &id_hash, person, via, origin, now, proven_at, until }).await?;
    persons::seen(conn, person, now).await?;
    Ok(code)
}

/// Who holds a session.
// No `Debug`: a code opens a door.
#[derive(Clone)]
pub struct Found {
    /// Who.
    pub viewer: Viewer,
    /// The code that the session has from now on, where that is another one than was brought.
    pub renewed: Option<String>,
}

/// Who holds the session with this code, if it holds.
///
/// # Errors
/// Where the database refuses.
pub async fn find(house: &House, code: &str, origin: Origin) -> Result<Option<Found>, Fault> {
    let (hash, now) = (code_hash(code), house.now());
    let mut session = house.store.read().await?;
    let Some(row) = sessions::by_hash(&mut session, &hash, now, idle_since(house, now)).await? else {
        return Ok(None);
    };
    let grants = persons::grants(&mut session, &row.person_id, &row.id_hash).await?;
    drop(session);
    let renewed = if row.stale_code && row.id_hash == hash { renew(house, &hash).await? } else { None };
    let id_hash = renewed.as_deref().map_or(row.id_hash, code_hash);
    // Written at most once in a while: reading a page must not queue behind writers.
    let seldom = (5 * MINUTE).min(milliseconds(house.config.session_idle) / 10);
    if now.since(row.seen_at) > seldom {
        let mut tx = house.store.begin().await?;
        sessions::seen(&mut tx, &id_hash, now).await?;
        persons::seen(&mut tx, &row.person_id, now).await?;
        tx.commit().await?;
    }
    let viewer =
        Viewer { actor: Actor::Person(row.person_id), name: row.email, grants, origin, proven_at: Some(row.proven_at) };
    Ok(Some(Found { viewer, renewed }))
}

/// Gives a marked session another code. Of several requests at the same time one gets it; the others are let in by the
/// former one.
async fn renew(house: &House, old_hash: &str) -> Result<Option<String>, Fault> {
    let code = house.chance.code();
    let mut tx = house.store.begin().await?;
    if !sessions::renew(&mut tx, old_hash, &code_hash(&code), house.now().plus(FORMER)).await? {
        return Ok(None);
    }
    tx.commit().await?;
    Ok(Some(code))
}

/// The session with this code, or that had it a moment ago.
pub(super) async fn this(house: &House, conn: &mut Conn, code: &str) -> Result<SessionRow, Fault> {
    let now = house.now();
    let row = sessions::by_hash(conn, &code_hash(code), now, idle_since(house, now)).await?;
    row.ok_or_else(Fault::unauthenticated)
}

/// Somebody has shown that it is them: their session gets another code, which this gives back, and the former one opens
/// nothing any more.
///
/// # Errors
/// `Unauthenticated`, where the session is over.
pub async fn prove(house: &House, code: &str, origin: &Origin) -> Result<String, Fault> {
    let (new, now) = (house.chance.code(), house.now());
    let mut tx = house.store.begin().await?;
    let row = this(house, &mut tx, code).await?;
    if !sessions::prove(&mut tx, &row.id_hash, &code_hash(&new), now).await? {
        return Err(Fault::unauthenticated());
    }
    audit::note(house, &mut tx, &newcomer(&row.person_id, &row.email, origin), "person.prove", &row.email, "").await?;
    tx.commit().await?;
    Ok(new)
}

/// The name of the session with this code, as [`SessionView::id`] has it.
pub fn name_of(code: &str) -> String {
    sessions::name_of(&code_hash(code))
}

/// Where the viewer is signed in, last used first.
///
/// # Errors
/// `NotFound` for a viewer who is no person.
pub async fn list(house: &House, viewer: &Viewer) -> Result<Vec<SessionView>, Fault> {
    let (person, now) = (who(viewer)?, house.now());
    Ok(sessions::list_of(&mut *house.store.read().await?, person, now, idle_since(house, now)).await?)
}

fn who(viewer: &Viewer) -> Result<&PersonId, Fault> {
    viewer.person().ok_or_else(|| Fault::not_found("person"))
}

/// Ends one of the viewer's own sessions, by its name.
///
/// # Errors
/// `NotFound`, where there is none of this name (any more).
pub async fn end(house: &House, viewer: &Viewer, name: &str) -> Result<(), Fault> {
    let mut tx = house.store.begin().await?;
    if !sessions::delete_named(&mut tx, who(viewer)?, name).await? {
        return Err(Fault::not_found("session"));
    }
    audit::note(house, &mut tx, viewer, "session.end", &viewer.name, "one of their own").await?;
    Ok(tx.commit().await?)
}

/// Ends all sessions of the viewer but the one with this code.
///
/// # Errors
/// `NotFound` for a viewer who is no person.
pub async fn end_others(house: &House, viewer: &Viewer, code: &str) -> Result<(), Fault> {
    let person = who(viewer)?;
    let mut tx = house.store.begin().await?;
    let this = this(house, &mut tx, code).await?;
    let ended = sessions::delete_of(&mut tx, person, &this.id_hash).await?;
    audit::note(house, &mut tx, viewer, "session.end", &viewer.name, &format!("their {ended} others")).await?;
    Ok(tx.commit().await?)
}

/// Ends all sessions of somebody.
///
/// # Errors
/// `Forbidden` for those who do not manage people, or `NotFound`.
pub async fn end_all(house: &House, viewer: &Viewer, id: &PersonId) -> Result<(), Fault> {
    must_manage(viewer)?;
    let person = get(house, id).await?;
    let mut tx = house.store.begin().await?;
    let ended = sessions::delete_of(&mut tx, id, "").await?;
    audit::note(house, &mut tx, viewer, "session.end", &person.email, &format!("all {ended}")).await?;
    Ok(tx.commit().await?)
}

/// Ends the session with this code: its person signs out.
///
/// # Errors
/// Where the database refuses.
pub async fn close(house: &House, code: &str, origin: &Origin) -> Result<(), Fault> {
    close_because(house, code, origin, "signed out").await
}

/// Ends the session with this code, because somebody has signed in anew in the browser that had it.
///
/// # Errors
/// Where the database refuses.
pub async fn replace(house: &House, code: &str, origin: &Origin) -> Result<(), Fault> {
    close_because(house, code, origin, "replaced by a new sign-in in the same browser").await
}

async fn close_because(house: &House, code: &str, origin: &Origin, why: &str) -> Result<(), Fault> {
    let now = house.now();
    let mut tx = house.store.begin().await?;
    if let Some(row) = sessions::by_hash(&mut tx, &code_hash(code), now, idle_since(house, now)).await? {
        sessions::delete(&mut tx, &row.id_hash).await?;
        let who = newcomer(&row.person_id, &row.email, origin);
        let subject = super::persons::audit_subject(&row.person_id, &row.email);
        audit::note_on(house, &mut tx, &who, ("session.end", why), subject).await?;
    }
    Ok(tx.commit().await?)
}

/// Forgets sessions and links that are over.
///
/// # Errors
/// Where the database refuses.
pub async fn tidy(house: &House, now: Moment) -> Result<(), Fault> {
    let mut tx = house.store.begin().await?;
    sessions::forget_over(&mut tx, now, idle_since(house, now)).await?;
    links::forget_over(&mut tx, now).await?;
    Ok(tx.commit().await?)
}
