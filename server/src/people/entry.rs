//! Coming in: the set-up link, invitations, signing in with a password.

use super::{code_hash, mail_address, password, sessions};
use crate::{
    audit::{self, Audited as _, Facts, Subject},
    house::{ChanceExt as _, House},
    store::people::{invites, invites::InviteRow, persons, settings, teams},
};
use app::model::{
    fault::{Fault, FaultKind},
    ids::{PersonId, TeamId},
    moment::{DAY, MINUTE, Moment},
    person::Invite,
    viewer::{Actor, Origin, Reach, Role, Via, Viewer},
};
use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex},
};

/// The code of a new set-up link, while there is no admin; it takes the place of earlier ones.
///
/// # Errors
/// Where the database refuses.
pub async fn setup_code(house: &House) -> Result<Option<String>, Fault> {
    let mut tx = house.store.begin().await?;
    if persons::count_admins(&mut tx).await? > 0 {
        return Ok(None);
    }
    let (code, now) = (house.chance.code(), house.now());
    invites::forget_setup(&mut tx).await?;
    invites::insert(
        &mut tx,
        &InviteRow {
            code_hash: code_hash(&code),
            kind: "setup".into(),
            email: String::new(),
            team_id: None,
            team: None,
            role: Role::Admin,
            created_by: "aviary".into(),
            created_at: now,
            expires_at: now.plus(7 * DAY),
        },
    )
    .await?;
    tx.commit().await?;
    Ok(Some(code))
}

async fn find(house: &House, code: &str, kind: &str) -> Result<InviteRow, Fault> {
    let found = invites::by_hash(&mut *house.store.read().await?, &code_hash(code), house.now()).await?;
    found
        .filter(|invite| invite.kind == kind)
        .ok_or_else(|| Fault::new(FaultKind::NotFound, "This link was used already, has run out, or is not complete."))
}

/// Whether this code makes the first admin.
///
/// # Errors
/// `NotFound`, where it does not.
pub async fn setup_open(house: &House, code: &str) -> Result<(), Fault> {
    find(house, code, "setup").await.map(|_| ())
}

/// The invitation that a link is for.
///
/// # Errors
/// `NotFound`, where the link is not good (any more).
pub async fn invited(house: &House, code: &str) -> Result<Invite, Fault> {
    find(house, code, "invite").await.map(|row| as_invite(&row))
}

/// The invitation as people see it.
pub fn as_invite(row: &InviteRow) -> Invite {
    Invite {
        id: row.code_hash.chars().take(16).collect(),
        email: row.email.clone(),
        team: row.team.clone(),
        role: row.role,
        expires_at: row.expires_at,
    }
}

/// Makes the first admin and the first team; the code of a session.
///
/// # Errors
/// Where the link is not good, or a field is not acceptable.
pub async fn set_up(
    house: &House,
    code: &str,
    email: &str,
    password: &str,
    team: &str,
    origin: Origin,
) -> Result<String, Fault> {
    let invite = find(house, code, "setup").await?;
    let email = mail_address(email)?;
    let team = super::teams::team_name("team", team)?;
    let person = join(house, &invite, &email, password, Some(&team), &origin).await?;
    sessions::open(house, &person, Via::Password, &origin).await
}

/// Makes the account that an invitation is for; the code of a session.
///
/// # Errors
/// Where the link is not good, or a field is not acceptable.
pub async fn accept(house: &House, code: &str, password: &str, origin: Origin) -> Result<String, Fault> {
    let invite = find(house, code, "invite").await?;
    let email = invite.email.clone();
    let person = join(house, &invite, &email, password, None, &origin).await?;
    sessions::open(house, &person, Via::Password, &origin).await
}

async fn join(
    house: &House,
    invite: &InviteRow,
    email: &str,
    password: &str,
    new_team: Option<&str>,
    origin: &Origin,
) -> Result<PersonId, Fault> {
    password::check("password", password, email)?;
    let hashed = password::hash(password, &*house.chance).await?;
    let (id, now) = (PersonId(house.new_id()), house.now());
    let mut tx = house.store.begin().await?;
    if !invites::use_up(&mut tx, &invite.code_hash, now).await? {
        return Err(Fault::new(FaultKind::NotFound, "This link was used already."));
    }
    if invite.kind == "setup" && persons::count_admins(&mut tx).await? > 0 {
        return Err(Fault::conflict("There is an admin already. Ask them for an invitation."));
    }
    match persons::insert(&mut tx, &id, email, &hashed, now).await {
        Err(error) if error.is_unique_violation() => {
            return Err(Fault::field("email", "somebody with this address is here already"));
        }
        done => done?,
    }
    persons::set_role(&mut tx, &id, invite.team_id.as_ref(), Some(invite.role)).await?;
    let viewer = newcomer(&id, email, origin);
    if let Some(name) = new_team
        && teams::by_name(&mut tx, name).await?.is_none()
    {
        // A program may have been here first: then the one team there is gets the name that people want.
        match teams::list(&mut tx, &Reach::Everywhere).await?.as_slice() {
            [first] if first.name == super::teams::FIRST => {
                teams::rename(&mut tx, &first.id, name).await?;
                let called = |name: &str| Facts::default().with("name", name);
                let (before, after) = (called(&first.name), called(name));
                let subject = Subject::new("team", first.id.as_str(), name);
                audit::changed(house, &mut tx, &viewer, "team.rename", subject, before, after).await?;
            }
            _ => {
                let team = TeamId(house.new_id());
                teams::insert(&mut tx, &team, name, now).await?;
                let subject = Subject::new("team", team.as_str(), name);
                audit::note_on(house, &mut tx, &viewer, "team.create", subject).await?;
            }
        }
    }
    let made = super::persons::one(&mut tx, &id).await?.audited();
    let detail = format!("as {}", invite.role.word());
    let (what, subject) = (("person.join", detail.as_str()), super::persons::audit_subject(&id, email));
    audit::changed(house, &mut tx, &viewer, what, subject, Facts::default(), made).await?;
    tx.commit().await?;
    Ok(id)
}

/// Somebody on their way in, for the audit log.
fn newcomer(id: &PersonId, email: &str, origin: &Origin) -> Viewer {
    Viewer {
        actor: Actor::Person(id.clone()),
        name: email.to_owned(),
        grants: Vec::new(),
        origin: origin.clone(),
        proven_at: None,
    }
}

/// How many wrong passwords an account takes before it rests.
const TRIES: u32 = 10;
/// For how long it rests, and for how long wrong passwords are remembered.
const REST: i64 = 15 * MINUTE;

/// Wrong passwords by address. In memory: a restart forgives, and no row is written for each guess.
static WRONG: LazyLock<Mutex<HashMap<String, (u32, Moment)>>> = LazyLock::new(Mutex::default);

fn resting(house: &House, email: &str) -> bool {
    let now = house.now();
    let Ok(mut wrong) = WRONG.lock() else { return false };
    wrong.retain(|_, (_, at)| now.since(*at) < REST);
    wrong.get(&key(house, email)).is_some_and(|(tries, _)| *tries >= TRIES)
}

fn count_wrong(house: &House, email: &str, wrong_again: bool) {
    let Ok(mut wrong) = WRONG.lock() else { return };
    if wrong_again {
        let entry = wrong.entry(key(house, email)).or_insert((0, house.now()));
        *entry = (entry.0 + 1, house.now());
    } else {
        wrong.remove(&key(house, email));
    }
}

/// Several houses can stand in one process (in tests); they do not share their doors' memory.
fn key(house: &House, email: &str) -> String {
    format!("{}\n{email}", house.config.data_dir.display())
}

/// Signs in; the code of a session. It says the same for an unknown address and a wrong password, after the same time.
///
/// # Errors
/// `Unauthenticated`, or `TooMany` after ten wrong passwords within a quarter of an hour.
pub async fn sign_in(house: &House, email: &str, password: &str, origin: Origin) -> Result<String, Fault> {
    let email: String = email.trim().to_lowercase().chars().take(254).collect();
    if resting(house, &email) {
        refuse(house, &origin, &email, "too many wrong passwords").await;
        return Err(Fault::new(
            FaultKind::TooMany,
            "Too many wrong passwords for this address. Try again in a quarter of an hour.",
        ));
    }
    let known = persons::login(&mut *house.store.read().await?, &email).await?;
    let disabled = known.as_ref().is_some_and(|login| login.disabled);
    let login = known.filter(|login| !login.disabled);
    let fits = password.chars().count() <= password::LONGEST
        && password::verify(password, login.as_ref().and_then(|login| login.password_hash.clone())).await?;
    count_wrong(house, &email, !fits);
    let Some(login) = login.filter(|_| fits) else {
        refuse(
            house,
            &origin,
            &email,
            if disabled { "the account is switched off" } else { "wrong address or password" },
        )
        .await;
        return Err(Fault::new(FaultKind::Unauthenticated, "The address or the password is not right."));
    };
    let mut tx = house.store.begin().await?;
    let viewer = newcomer(&login.id, &login.email, &origin);
    let subject = super::persons::audit_subject(&login.id, &login.email);
    audit::note_on(house, &mut tx, &viewer, "person.sign_in", subject).await?;
    tx.commit().await?;
    sessions::open(house, &login.id, Via::Password, &origin).await
}

/// Notes that somebody was not let in. What is no address is not written down: people type passwords into the wrong field.
async fn refuse(house: &House, origin: &Origin, email: &str, why: &str) {
    let name = mail_address(email).unwrap_or_else(|_| "(no mail address)".to_owned());
    audit::refused(house, origin, "person.refuse", Subject::new("person", "", &name), why).await;
}

/// The installation's name for itself in the settings, made at the first start; it tells installations apart.
///
/// # Errors
/// Where the database refuses.
pub async fn installation(house: &House) -> Result<String, Fault> {
    let mut tx = house.store.begin().await?;
    if let Some(name) = settings::get(&mut tx, "installation").await? {
        return Ok(name);
    }
    let name = house.new_id();
    settings::set(&mut tx, "installation", &name).await?;
    tx.commit().await?;
    Ok(name)
}
