//! Invitations.

use super::{code_hash, entry::as_invite, fresh, mail_address, must_manage, persons::team_of};
use crate::{
    audit::{self, Audited as _, Facts, Subject},
    house::{ChanceExt as _, House},
    mail::Mail,
    store::people::{invites, invites::InviteRow, persons},
};
use app::model::{
    fault::Fault,
    moment::DAY,
    person::Invite,
    secret::Secret,
    viewer::{Role, Viewer},
};

/// Invitations that can still be followed.
///
/// # Errors
/// `Forbidden` for those who do not manage people.
pub async fn list(house: &House, viewer: &Viewer) -> Result<Vec<Invite>, Fault> {
    must_manage(viewer)?;
    let rows = invites::open(&mut *house.store.read().await?, house.now()).await?;
    Ok(rows.iter().map(as_invite).collect())
}

/// Invites somebody; the link, to be handed over. It also goes out by mail.
///
/// # Errors
/// `Forbidden`, `Invalid` where a field is not acceptable, or `Stale`, where the viewer has to show first that it is them.
pub async fn create(
    house: &House,
    viewer: &Viewer,
    email: &str,
    team: &str,
    role: &str,
) -> Result<(Invite, Secret), Fault> {
    must_manage(viewer)?;
    if !house.config.local_sign_in {
        return Err(Fault::conflict("Passwords are switched off here, so an invitation cannot be followed."));
    }
    let email = mail_address(email)?;
    let role = Role::parse(role.trim()).filter(|role| Role::PEOPLE.contains(role));
    let role = role.ok_or_else(|| Fault::field("role", "expected one of viewer, placer, reviewer, admin"))?;
    // Whoever may give a role to an address could give themselves a second one.
    fresh::must_be_fresh(house, viewer)?;
    let (code, now) = (house.chance.code(), house.now());
    let mut tx = house.store.begin().await?;
    if persons::login(&mut tx, &email).await?.is_some() {
        return Err(Fault::field("email", "somebody with this address is here already; change their role below"));
    }
    let row = InviteRow {
        code_hash: code_hash(&code),
        kind: "invite".into(),
        email: email.clone(),
        team_id: team_of(&mut tx, team).await?,
        team: Some(team.trim().to_owned()).filter(|team| !team.is_empty()),
        role,
        created_by: viewer.name.clone(),
        created_at: now,
        expires_at: now.plus(7 * DAY),
    };
    invites::insert(&mut tx, &row).await?;
    let place = row.team.as_deref().unwrap_or("the whole installation");
    let (detail, invite) = (format!("as {} in {place}", role.word()), as_invite(&row));
    let (what, subject) = (("person.invite", detail.as_str()), Subject::new("invite", &invite.id, &email));
    audit::changed(house, &mut tx, viewer, what, subject, Facts::default(), invite.audited()).await?;
    tx.commit().await?;
    let link = format!("{}/join/{code}", house.config.base_url);
    let text = format!(
        "{} invites you to Aviary as {} ({}).\n\nFollow this link within seven days to choose a password:\n{link}\n",
        viewer.name,
        role.word(),
        role.meaning(),
    );
    let mail = Mail::plain(&email, "You are invited to Aviary", &text);
    if let Err(error) = house.mailer.send(&mail).await {
        // The link is shown to the admin in any case, so that an invitation never hangs on the mail server.
        tracing::warn!(%error, "an invitation could not be sent by mail");
    }
    Ok((invite, Secret::new(link)))
}

/// Takes an invitation back.
///
/// # Errors
/// `Forbidden`, or `NotFound` where it was followed already.
pub async fn take_back(house: &House, viewer: &Viewer, id: &str) -> Result<(), Fault> {
    must_manage(viewer)?;
    let mut tx = house.store.begin().await?;
    // One that has run out is on no list any more, and can be taken back all the same.
    let open = invites::open(&mut tx, house.now()).await?;
    let before = open.iter().map(as_invite).find(|invite| invite.id == id).map(|invite| invite.audited());
    let email = invites::take_back(&mut tx, id).await?.ok_or_else(|| Fault::not_found("invitation"))?;
    let subject = Subject::new("invite", id, &email);
    audit::changed(house, &mut tx, viewer, "person.uninvite", subject, before.unwrap_or_default(), Facts::default())
        .await?;
    Ok(tx.commit().await?)
}
