//! Persons: their own account, and what admins do with the accounts of others.

use super::{fresh, letters, must_manage, password};
use crate::{
    audit::{self, Audited as _, Facts, Subject},
    house::House,
    store::{
        Conn,
        people::{links, persons, second_tickets, sessions, teams},
    },
};
use app::model::{
    fault::Fault,
    ids::{PersonId, TeamId},
    person::Person,
    viewer::{Reach, Role, Viewer},
};

/// The viewer's own account.
///
/// # Errors
/// `NotFound` for a viewer who is no person.
pub async fn me(house: &House, viewer: &Viewer) -> Result<Person, Fault> {
    let id = viewer.person().ok_or_else(|| Fault::not_found("person"))?;
    get(house, id).await
}

pub(super) async fn get(house: &House, id: &PersonId) -> Result<Person, Fault> {
    one(&mut *house.store.read().await?, id).await
}

/// One person, as the connection sees them.
pub(super) async fn one(conn: &mut crate::store::Conn, id: &PersonId) -> Result<Person, Fault> {
    let found = persons::list(conn, Some(id)).await?;
    found.into_iter().next().ok_or_else(|| Fault::not_found("person"))
}

/// How many admins somebody who has no role yet is told of.
const ASKED: i64 = 5;

/// Addresses of some admins of the installation: whom to ask for a role.
///
/// # Errors
/// `NotFound` for a viewer who is no person.
pub async fn whom_to_ask(house: &House, viewer: &Viewer) -> Result<Vec<String>, Fault> {
    viewer.person().ok_or_else(|| Fault::not_found("person"))?;
    Ok(persons::admins(&mut *house.store.read().await?, ASKED).await?)
}

/// The mail addresses of those who look after what belongs to a team, for another room that has to tell them something.
///
/// # Errors
/// Where the database refuses.
pub(crate) async fn keepers(conn: &mut Conn, team: &TeamId, made_by: &str) -> Result<Vec<String>, Fault> {
    Ok(persons::keepers(conn, team, made_by).await?)
}

/// Everybody.
///
/// # Errors
/// `Forbidden` for those who do not manage people.
pub async fn list(house: &House, viewer: &Viewer) -> Result<Vec<Person>, Fault> {
    must_manage(viewer)?;
    Ok(persons::list(&mut *house.store.read().await?, None).await?)
}

/// Changes the viewer's own password, ends their other sessions, and tells them by mail.
///
/// # Errors
/// `Invalid`, where the current one is wrong or the new one is not acceptable, or `TooMany`.
pub async fn change_password(
    house: &House,
    viewer: &Viewer,
    current: &str,
    new: &str,
    session: &str,
) -> Result<(), Fault> {
    let person = me(house, viewer).await?;
    if !fresh::is_own_password(house, viewer, current).await? {
        return Err(Fault::field("current", "this is not your current password"));
    }
    password::check("new", new, &person.email)?;
    let hashed = password::hash(new, &*house.chance).await?;
    let mut tx = house.store.begin().await?;
    persons::set_password(&mut tx, &person.id, &hashed).await?;
    // What the old password or an earlier mail gave is good no more.
    links::use_up_all(&mut tx, &person.id, house.now()).await?;
    second_tickets::forget_of(&mut tx, &person.id).await?;
    let this = super::sessions::this(house, &mut tx, session).await?;
    sessions::delete_of(&mut tx, &person.id, &this.id_hash).await?;
    let what = ("person.password", "other sessions ended");
    audit::note_on(house, &mut tx, viewer, what, audit_subject(&person.id, &person.email)).await?;
    tx.commit().await?;
    letters::post(house, letters::changed(house, &person.email, "on their account page", &viewer.origin));
    Ok(())
}

/// Makes a person at the command line: an account with a password and a role, without an invitation.
///
/// # Errors
/// `Forbidden`, or `Invalid` where a field is not acceptable.
pub async fn create(
    house: &House,
    viewer: &Viewer,
    email: &str,
    new_password: &str,
    team: &str,
    role: Role,
) -> Result<Person, Fault> {
    must_manage(viewer)?;
    let email = super::mail_address(email)?;
    password::check("password", new_password, &email)?;
    let hashed = password::hash(new_password, &*house.chance).await?;
    let id = PersonId(house.new_id());
    let mut tx = house.store.begin().await?;
    match persons::insert(&mut tx, &id, &email, &hashed, house.now()).await {
        Err(error) if error.is_unique_violation() => {
            return Err(Fault::field("email", "somebody with this address is here already"));
        }
        done => done?,
    }
    let team = team_of(&mut tx, team).await?;
    persons::set_role(&mut tx, &id, team.as_ref(), Some(role)).await?;
    let made = one(&mut tx, &id).await?;
    let detail = format!("as {}", role.word());
    let (what, subject) = (("person.create", detail.as_str()), audit_subject(&id, &email));
    audit::changed(house, &mut tx, viewer, what, subject, Facts::default(), made.audited()).await?;
    tx.commit().await?;
    Ok(made)
}

/// A person in the audit log.
pub(super) fn audit_subject(id: &PersonId, email: &str) -> Subject {
    Subject::new("person", id.as_str(), email)
}

/// The team of this name; `None` for an empty one: the whole installation.
pub(super) async fn team_of(
    conn: &mut crate::store::Conn,
    name: &str,
) -> Result<Option<app::model::ids::TeamId>, Fault> {
    let name = name.trim();
    if name.is_empty() {
        return Ok(None);
    }
    let all = teams::list(conn, &Reach::Everywhere).await?;
    let found = all.into_iter().find(|team| team.name.eq_ignore_ascii_case(name) || team.id.as_str() == name);
    found.map(|team| Some(team.id)).ok_or_else(|| Fault::field("team", format!("there is no team `{name}`")))
}

/// Gives somebody a role in a team (empty: in the whole installation), or takes it away. Their sessions go on with other
/// codes; [`super::sessions`] says why.
///
/// # Errors
/// `Stale`, where the viewer has to show first that it is them, or `Conflict`, where nobody would be left who is an admin of the whole installation.
pub async fn set_role(
    house: &House,
    viewer: &Viewer,
    id: &PersonId,
    team: &str,
    role: Option<Role>,
) -> Result<(), Fault> {
    must_manage(viewer)?;
    if role == Some(Role::Ingest) {
        return Err(Fault::field("role", "only an API key can have the role `ingest`"));
    }
    fresh::must_be_fresh(house, viewer)?;
    let mut tx = house.store.begin().await?;
    let person = one(&mut tx, id).await?;
    let team_id = team_of(&mut tx, team).await?;
    // Whoever hears of the audit log until now hears of this, too.
    tx.hearers().await?;
    persons::set_role(&mut tx, id, team_id.as_ref(), role).await?;
    sessions::age(&mut tx, id).await?;
    keep_an_admin(&mut tx).await?;
    let what = format!(
        "{} in {}",
        role.map_or("nothing", Role::word),
        if team.is_empty() { "the whole installation" } else { team }
    );
    let (what, subject) = (("person.role", what.as_str()), audit_subject(id, &person.email));
    let after = one(&mut tx, id).await?.audited();
    audit::changed(house, &mut tx, viewer, what, subject, person.audited(), after).await?;
    Ok(tx.commit().await?)
}

/// Switches somebody's account on or off; off ends their sessions.
///
/// # Errors
/// `Stale` for switching on, or `Conflict`, where nobody would be left who is an admin of the whole installation.
pub async fn set_disabled(house: &House, viewer: &Viewer, id: &PersonId, disabled: bool) -> Result<(), Fault> {
    must_manage(viewer)?;
    if !disabled {
        // All their roles come back.
        fresh::must_be_fresh(house, viewer)?;
    }
    let mut tx = house.store.begin().await?;
    let person = one(&mut tx, id).await?;
    // Whoever hears of the audit log until now hears of this, too.
    tx.hearers().await?;
    persons::set_disabled(&mut tx, id, disabled.then(|| house.now())).await?;
    if disabled {
        sessions::delete_of(&mut tx, id, "").await?;
    }
    keep_an_admin(&mut tx).await?;
    let act = if disabled { "person.disable" } else { "person.enable" };
    let after = one(&mut tx, id).await?.audited();
    audit::changed(house, &mut tx, viewer, act, audit_subject(id, &person.email), person.audited(), after).await?;
    Ok(tx.commit().await?)
}

async fn keep_an_admin(conn: &mut crate::store::Conn) -> Result<(), Fault> {
    if persons::count_admins(conn).await? == 0 {
        return Err(Fault::conflict(
            "Then nobody would be left who can manage the installation. Make somebody else an admin first.",
        ));
    }
    Ok(())
}
