//! Coming in: the set-up link, invitations, signing in with a password.

use super::{
    code_hash, known,
    limits::{self, Door},
    mail_address, password, providers, second, sessions,
};
use crate::{
    audit::{self, Audited as _, Facts, Subject},
    house::{ChanceExt as _, House},
    store::people::{invites, invites::InviteRow, persons, teams},
};
use app::model::{
    entry::SignInWays,
    fault::{Fault, FaultKind},
    ids::PersonId,
    moment::DAY,
    person::Invite,
    viewer::{Actor, Origin, Reach, Role, Via, Viewer},
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
    join(house, &invite, &email, password, Some(&team), &origin).await
}

/// Makes the account that an invitation is for; the code of a session.
///
/// # Errors
/// Where the link is not good, or a field is not acceptable.
pub async fn accept(house: &House, code: &str, password: &str, origin: Origin) -> Result<String, Fault> {
    if !house.config.local_sign_in {
        return Err(Fault::forbidden("Nobody has a password here. Use a provider of the organisation."));
    }
    let invite = find(house, code, "invite").await?;
    let email = invite.email.clone();
    join(house, &invite, &email, password, None, &origin).await
}

/// Makes the account; the code of its session.
async fn join(
    house: &House,
    invite: &InviteRow,
    email: &str,
    password: &str,
    new_team: Option<&str>,
    origin: &Origin,
) -> Result<String, Fault> {
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
                super::teams::add(house, &mut tx, &viewer, name, "").await?;
            }
        }
    }
    let made = super::persons::one(&mut tx, &id).await?.audited();
    let detail = format!("as {}", invite.role.word());
    let (what, subject) = (("person.join", detail.as_str()), super::persons::audit_subject(&id, email));
    audit::changed(house, &mut tx, &viewer, what, subject, Facts::default(), made).await?;
    let session = sessions::open(house, &mut tx, &id, Via::Password, origin, now).await?;
    tx.commit().await?;
    Ok(session)
}

/// Somebody on their way in, for the audit log.
pub(super) fn newcomer(id: &PersonId, email: &str, origin: &Origin) -> Viewer {
    Viewer {
        actor: Actor::Person(id.clone()),
        name: email.to_owned(),
        grants: Vec::new(),
        origin: origin.clone(),
        proven_at: None,
    }
}

/// What a right password gives.
// No `Debug`: what is in it opens doors.
#[derive(Clone)]
pub enum Entered {
    /// They are in: the code of their session.
    In(String),
    /// A second factor is wanted: a ticket that says that the password was right.
    Second(String),
}

/// Signs in with a password. It says the same for an unknown address and a wrong password, after the same time. `known` is
/// the mark of a browser that somebody has signed in with before ([`known`]).
///
/// # Errors
/// `Unauthenticated`; `TooMany` after some wrong passwords; or `Forbidden`, where nobody may sign in with a password.
pub async fn sign_in(
    house: &House,
    email: &str,
    password: &str,
    known: Option<&str>,
    origin: Origin,
) -> Result<Entered, Fault> {
    if !house.config.local_sign_in {
        return Err(Fault::forbidden("Nobody signs in with a password here. Use a provider of the organisation."));
    }
    let email: String = email.trim().to_lowercase().chars().take(254).collect();
    let tried = if known.is_some_and(|mark| known::is_marked(house, &email, mark)) {
        limits::try_again_known(house, Door::SignIn, &email, &origin)
    } else {
        limits::try_again(house, Door::SignIn, &email, &origin)
    };
    if let Err(fault) = tried {
        refuse(house, &origin, &email, "too many wrong passwords").await;
        return Err(fault);
    }
    let found = persons::login(&mut *house.store.read().await?, &email).await?;
    let disabled = found.as_ref().is_some_and(|login| login.disabled);
    let login = found.filter(|login| !login.disabled);
    let fits = password.chars().count() <= password::LONGEST
        && password::verify(password, login.as_ref().and_then(|login| login.password_hash.clone())).await?;
    let Some(login) = login.filter(|_| fits) else {
        limits::failed(house, Door::SignIn, &email, &origin);
        let why = if disabled { "the account is switched off" } else { "wrong address or password" };
        refuse(house, &origin, &email, why).await;
        return Err(Fault::new(FaultKind::Unauthenticated, "The address or the password is not right."));
    };
    limits::passed(house, Door::SignIn, &email, &origin);
    if second::wanted(&mut *house.store.read().await?, &login.id).await? {
        return second::ticket(house, &login.id, &origin).await.map(Entered::Second);
    }
    let mut tx = house.store.begin().await?;
    let viewer = newcomer(&login.id, &login.email, &origin);
    let subject = super::persons::audit_subject(&login.id, &login.email);
    audit::note_on(house, &mut tx, &viewer, "person.sign_in", subject).await?;
    let session = sessions::open(house, &mut tx, &login.id, Via::Password, &origin, house.now()).await?;
    tx.commit().await?;
    Ok(Entered::In(session))
}

/// By which ways people can sign in. Needs nobody to be signed in.
///
/// # Errors
/// Where the database refuses.
pub async fn sign_in_ways(house: &House) -> Result<SignInWays, Fault> {
    Ok(SignInWays { local: house.config.local_sign_in, providers: providers::links(house).await? })
}

/// Notes that somebody was not let in. What is no address is not written down: people type passwords into the wrong field.
async fn refuse(house: &House, origin: &Origin, email: &str, why: &str) {
    let name = mail_address(email).unwrap_or_else(|_| "(no mail address)".to_owned());
    audit::refused(house, origin, "person.refuse", Subject::new("person", "", &name), why).await;
}
