//! One's own second factors: what there is, setting up an app, recovery codes.

use super::{fresh::must_be_fresh, letters, passkeys, persons::me, recovery, second, totp};
use crate::{
    audit,
    house::{ChanceExt as _, House},
    store::people as store,
};
use app::model::{
    factors::{Drawing, Enrolment, Factors, Passkey},
    fault::Fault,
    moment::MINUTE,
    secret::Secret,
    viewer::Viewer,
};

/// For how long a new secret waits for its first code.
const PENDING: i64 = 15 * MINUTE;

/// The viewer's own second factors.
///
/// # Errors
/// `NotFound` for a viewer who is no person.
pub async fn of(house: &House, viewer: &Viewer) -> Result<Factors, Fault> {
    let id = viewer.person().ok_or_else(|| Fault::not_found("person"))?;
    let mut conn = house.store.read().await?;
    let app = store::totp::of(&mut conn, id).await?.and_then(|row| row.confirmed_at);
    let keys = store::passkeys::of(&mut conn, id).await?;
    let passkeys = keys.into_iter().map(|key| Passkey {
        id: key.id,
        name: key.name,
        synced: key.synced,
        created_at: key.created_at,
        used_at: key.used_at,
    });
    Ok(Factors {
        app,
        passkeys: passkeys.collect(),
        recovery_left: store::recovery::left(&mut conn, id).await?,
        passkeys_offered: passkeys::offered(house),
        local: house.config.local_sign_in,
    })
}

/// Begins to set up an app: makes a secret, which counts once a code of it was typed. An app that is there counts until
/// then.
///
/// # Errors
/// `NotFound` for a viewer who is no person; or where they have to prove first who they are.
pub async fn begin(house: &House, viewer: &Viewer) -> Result<(), Fault> {
    must_be_fresh(house, viewer)?;
    let person = me(house, viewer).await?;
    let secret = Secret::new(totp::as_text(&house.chance.bytes::<{ totp::SECRET }>()));
    let sealed = house.sealer.seal(&secret, person.id.as_str(), &*house.chance)?;
    let mut tx = house.store.begin().await?;
    store::totp::pend(&mut tx, &person.id, &sealed, house.now().plus(PENDING)).await?;
    Ok(tx.commit().await?)
}

/// What an app has to be told; `None` where no set-up is under way.
///
/// # Errors
/// `NotFound` for a viewer who is no person.
pub async fn enrolment(house: &House, viewer: &Viewer) -> Result<Option<Enrolment>, Fault> {
    let person = me(house, viewer).await?;
    let row = store::totp::of(&mut *house.store.read().await?, &person.id).await?;
    let pending = row.and_then(|row| row.pending).filter(|(_, until)| *until > house.now());
    let Some((sealed, _)) = pending else { return Ok(None) };
    let secret = house.sealer.open(&sealed, person.id.as_str())?;
    let host = url::Url::parse(&house.config.base_url).ok().and_then(|url| url.host_str().map(str::to_owned));
    let issuer = format!("Aviary at {}", host.unwrap_or_default());
    let link = totp::link(secret.expose(), &issuer, &person.email);
    let (size, path) = totp::drawn(&link).ok_or_else(Fault::internal)?;
    Ok(Some(Enrolment {
        drawing: Drawing { size, path: Secret::new(path) },
        link: Secret::new(link),
        secret: Secret::new(totp::in_groups(secret.expose())),
    }))
}

/// Lets the app count whose code was typed. Recovery codes, if the viewer has none left: to be shown once.
///
/// # Errors
/// `Invalid` for `code`, or `Conflict` where no set-up is under way (any more).
pub async fn confirm(house: &House, viewer: &Viewer, typed: &str) -> Result<Vec<Secret>, Fault> {
    let person = me(house, viewer).await?;
    let over = || Fault::conflict("This set-up has run out. Begin again, and type a code within a quarter of an hour.");
    let row = store::totp::of(&mut *house.store.read().await?, &person.id).await?.ok_or_else(over)?;
    let (sealed, _) = row.pending.filter(|(_, until)| *until > house.now()).ok_or_else(over)?;
    let typed: String = typed.chars().filter(|c| !c.is_whitespace()).take(12).collect();
    let step = second::step_of_code(house, &person.id, &sealed, &typed)?.ok_or_else(|| {
        Fault::field("code", "this is not the code that the app shows now; look at the app's and this machine's clock")
    })?;
    let mut tx = house.store.begin().await?;
    if !store::totp::activate(&mut tx, &person.id, &sealed, step, house.now()).await? {
        return Err(over());
    }
    let codes = recovery::make_first(house, &mut tx, &person.id).await?;
    audit::note(house, &mut tx, viewer, "person.second_on", &person.email, "codes from an app").await?;
    tx.commit().await?;
    let text = format!(
        "From now on, signing in to Aviary with your password also asks for a code from your app.\n\n{}",
        not_me(house)
    );
    letters::tell(house, &person.email, "Codes from an app are on", &text);
    Ok(codes)
}

/// Switches the codes of the viewer's app off.
///
/// # Errors
/// `NotFound`, where there is no app; or where they have to prove first who they are.
pub async fn off(house: &House, viewer: &Viewer) -> Result<(), Fault> {
    must_be_fresh(house, viewer)?;
    let person = me(house, viewer).await?;
    let mut tx = house.store.begin().await?;
    if !store::totp::remove(&mut tx, &person.id).await? {
        return Err(Fault::not_found("app"));
    }
    forget_codes_of_nothing(&mut tx, &person.id).await?;
    audit::note(house, &mut tx, viewer, "person.second_off", &person.email, "codes from an app").await?;
    tx.commit().await?;
    let text = format!("Aviary no longer asks for codes from your app.\n\n{}", not_me(house));
    letters::tell(house, &person.email, "Codes from an app are off", &text);
    Ok(())
}

/// Makes new recovery codes in the place of all earlier ones, to be shown once.
///
/// # Errors
/// `Conflict`, where there is no second factor that they could stand in for; or where the viewer has to prove first who
/// they are.
pub async fn renew(house: &House, viewer: &Viewer) -> Result<Vec<Secret>, Fault> {
    must_be_fresh(house, viewer)?;
    let person = me(house, viewer).await?;
    let mut tx = house.store.begin().await?;
    if !second::wanted(&mut tx, &person.id).await? {
        return Err(Fault::conflict("Recovery codes stand in for an app or a passkey. Set one up first."));
    }
    let codes = recovery::make(house, &mut tx, &person.id).await?;
    audit::note(house, &mut tx, viewer, "person.recovery_codes", &person.email, "made anew").await?;
    tx.commit().await?;
    Ok(codes)
}

/// Forgets the recovery codes of somebody who has nothing left that they could stand in for.
pub(super) async fn forget_codes_of_nothing(
    tx: &mut crate::store::Tx,
    person: &app::model::ids::PersonId,
) -> Result<(), Fault> {
    if !second::wanted(tx, person).await? {
        store::recovery::remove(tx, person).await?;
    }
    Ok(())
}

/// What to do about a mail that one did not expect.
pub(super) fn not_me(house: &House) -> String {
    format!("If that was not you, change your password at once, and tell an admin:\n{}/settings", house.config.base_url)
}
