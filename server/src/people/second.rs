//! The second step at the door: after the password, a code from an app, a recovery code, or (see `passkeys`) a passkey.

use super::{
    code_hash,
    entry::newcomer,
    letters,
    limits::{self, Door},
    must_manage, persons, recovery, sessions, totp,
};
use crate::{
    audit,
    config::SecondFactor,
    house::{ChanceExt as _, House},
    people::fresh::must_be_fresh,
    store::{Conn, Tx, people as store},
};
use app::model::{
    fault::{Fault, FaultKind},
    ids::PersonId,
    moment::MINUTE,
    person::Person,
    viewer::{Origin, Role, Via, Viewer},
};

/// How long a sign-in waits for its second step.
const LIFE: i64 = 5 * MINUTE;
/// How many codes may be typed for one.
const TRIES: i64 = 5;
/// The longest text that is looked at as a code, in characters.
const LONGEST: usize = 64;

/// What somebody proved themselves with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Proof {
    App,
    Recovery { left: i64 },
}

/// Whether a right password is not enough for this person.
///
/// # Errors
/// Where the database refuses.
pub async fn wanted(conn: &mut Conn, person: &PersonId) -> Result<bool, Fault> {
    Ok(store::second::factors(conn, person).await? > 0)
}

/// A ticket for somebody whose password was right: with it [`pass`] lets them in.
///
/// # Errors
/// Where the database refuses.
pub async fn ticket(house: &House, person: &PersonId, _origin: &Origin) -> Result<String, Fault> {
    let (code, now) = (house.chance.code(), house.now());
    let mut tx = house.store.begin().await?;
    store::second_tickets::insert(&mut tx, &code_hash(&code), person, now, now.plus(LIFE)).await?;
    tx.commit().await?;
    Ok(code)
}

/// The second step: the code of a session for a ticket, and a code from an app or a recovery code.
///
/// # Errors
/// `Unauthenticated`, where the ticket has run out or is worn out; `TooMany`; or `Invalid` for `code`.
pub async fn pass(house: &House, ticket: &str, typed: &str, origin: &Origin) -> Result<String, Fault> {
    let hash = code_hash(ticket);
    // Counted before anything is compared, so that many at the same time are not more than many one after the other.
    let mut tx = house.store.begin().await?;
    let id = store::second_tickets::attempt(&mut tx, &hash, house.now(), TRIES).await?;
    let id = id.ok_or_else(run_out)?;
    // Who has to wait loses no try of the ticket by asking too early.
    limits::try_again(house, Door::Second, id.as_str(), origin)?;
    tx.commit().await?;
    let person = known(house, &id).await?.ok_or_else(run_out)?;
    let viewer = newcomer(&person.id, &person.email, origin);
    let mut tx = house.store.begin().await?;
    let Some(proof) = check(house, &mut tx, &person.id, typed).await? else {
        limits::failed(house, Door::Second, id.as_str(), origin);
        audit::note(house, &mut tx, &viewer, "person.second_refused", &person.email, "").await?;
        tx.commit().await?;
        return Err(wrong());
    };
    if !store::second_tickets::forget(&mut tx, &hash).await? {
        return Err(run_out());
    }
    audit::note(house, &mut tx, &viewer, "person.sign_in", &person.email, &proof.detail()).await?;
    let session = sessions::open(house, &mut tx, &person.id, Via::Password, origin, house.now()).await?;
    tx.commit().await?;
    limits::passed(house, Door::Second, id.as_str(), origin);
    proof.tell(house, &person.email);
    Ok(session)
}

/// Uses up what was typed, if it is good.
async fn check(house: &House, tx: &mut Tx, person: &PersonId, typed: &str) -> Result<Option<Proof>, Fault> {
    let typed: String = typed.chars().take(LONGEST).filter(char::is_ascii_alphanumeric).collect();
    if typed.len() == 6 && typed.bytes().all(|digit| digit.is_ascii_digit()) {
        let Some(sealed) = store::totp::of(tx, person).await?.and_then(|row| row.sealed) else { return Ok(None) };
        let Some(step) = step_of_code(house, person, &sealed, &typed)? else { return Ok(None) };
        let fits = store::totp::spend(tx, person, &sealed, step).await?;
        return Ok(fits.then_some(Proof::App));
    }
    if !store::recovery::spend(tx, person, &recovery::hash_of(&typed), house.now()).await? {
        return Ok(None);
    }
    Ok(Some(Proof::Recovery { left: store::recovery::left(tx, person).await? }))
}

/// The step whose code was typed, if it is one of this sealed secret.
pub(super) fn step_of_code(house: &House, person: &PersonId, sealed: &str, typed: &str) -> Result<Option<i64>, Fault> {
    let opened = house.sealer.open(sealed, person.as_str())?;
    let secret = totp::from_text(opened.expose()).ok_or_else(Fault::internal)?;
    Ok(totp::step_of_code(&secret, typed, house.now()))
}

impl Proof {
    fn detail(self) -> String {
        match self {
            Self::App => "with a code from an app".to_owned(),
            Self::Recovery { left } => format!("with a recovery code, {left} left"),
        }
    }

    fn tell(self, house: &House, email: &str) {
        if let Self::Recovery { left } = self {
            let text = format!(
                "Somebody signed in to Aviary as you with a recovery code. {left} are left.\n\n\
                 If that was you, all is well. Make new codes before they run out:\n{}/settings\n\n\
                 If it was not, change your password, make new codes, and tell an admin.",
                house.config.base_url
            );
            letters::tell(house, email, "A recovery code was used", &text);
        }
    }
}

fn wrong() -> Fault {
    Fault::field("code", "this code is not good (any more); wait for the next one, or use another recovery code")
}

fn run_out() -> Fault {
    Fault::new(FaultKind::Unauthenticated, "This sign-in has run out. Begin again with your password.")
}

/// A person whose account is switched on.
pub(super) async fn known(house: &House, id: &PersonId) -> Result<Option<Person>, Fault> {
    let found = store::persons::list(&mut *house.store.read().await?, Some(id)).await?;
    Ok(found.into_iter().next().filter(|person| !person.disabled))
}

/// Whether this viewer has to get a second factor before anything else: the installation wants one, they came in with
/// a password, and have none. Providers have rules of their own for that.
///
/// # Errors
/// Where the database refuses.
pub async fn owes(house: &House, viewer: &Viewer, session: &str) -> Result<bool, Fault> {
    let asked = match house.config.require_second_factor {
        SecondFactor::Off => false,
        SecondFactor::Admins => viewer.grants.iter().any(|grant| grant.scopes.is_superset(&Role::Admin.scopes())),
        SecondFactor::All => true,
    };
    let Some(person) = viewer.person().filter(|_| asked) else { return Ok(false) };
    let mut conn = house.store.read().await?;
    let came_by = store::second::came_by(&mut conn, &code_hash(session)).await?;
    Ok(came_by != Some(Via::Provider) && store::second::factors(&mut conn, person).await? == 0)
}

/// Takes somebody's second factors away, for whom they are lost, and signs them out. With the password alone they come
/// in and can set up new ones.
///
/// # Errors
/// `Forbidden`, `NotFound`, or `Conflict` where they have none.
pub async fn reset(house: &House, viewer: &Viewer, id: &PersonId) -> Result<(), Fault> {
    must_manage(viewer)?;
    must_be_fresh(house, viewer)?;
    let person = persons::get(house, id).await?;
    let mut tx = house.store.begin().await?;
    let app = store::totp::remove(&mut tx, id).await?;
    let passkeys = store::passkeys::remove_of(&mut tx, id).await?;
    if !app && passkeys == 0 {
        return Err(Fault::conflict(format!("{} has no second factor.", person.email)));
    }
    store::recovery::remove(&mut tx, id).await?;
    store::second_tickets::forget_of(&mut tx, id).await?;
    store::sessions::delete_of(&mut tx, id, "").await?;
    let detail = format!("{}{passkeys} passkeys", if app { "the app, " } else { "" });
    audit::note(house, &mut tx, viewer, "person.second_reset", &person.email, &detail).await?;
    tx.commit().await?;
    let text = format!(
        "{} took the second factors of your account away: codes from an app, recovery codes and passkeys. You are signed \
         out everywhere.\n\nSign in with your password, and set up new ones:\n{}/settings\n\n\
         If you did not ask for that, tell another admin.",
        viewer.name, house.config.base_url
    );
    letters::tell(house, &person.email, "Your second factors were taken away", &text);
    Ok(())
}
