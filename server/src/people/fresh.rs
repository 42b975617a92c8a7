//! A proof of presence that is fresh: what shows a secret or cannot be undone wants to know that it is really them, and
//! not somebody at their open browser.

use super::{
    limits::{self, Door},
    passkeys, password, persons, providers, sessions,
};
use crate::{house::House, store};
use app::model::{
    entry::ProofWays,
    fault::Fault,
    moment::MINUTE,
    viewer::{Actor, Viewer},
};

/// For how long a proof is fresh, in milliseconds.
const FRESH: i64 = 10 * MINUTE;

/// Whether the viewer is a person who has shown within the last ten minutes that it is them; API keys and Aviary itself
/// pass.
///
/// # Errors
/// `Stale`, where they have to show it again.
pub fn must_be_fresh(house: &House, viewer: &Viewer) -> Result<(), Fault> {
    match (&viewer.actor, viewer.proven_at) {
        (Actor::ApiKey(_) | Actor::System(_), _) => Ok(()),
        (Actor::Person(_), Some(at)) if house.now().since(at) <= FRESH => Ok(()),
        (Actor::Person(_), _) => Err(Fault::stale()),
    }
}

/// By which ways the viewer can show that it is them.
///
/// # Errors
/// `NotFound` for a viewer who is no person.
pub async fn ways(house: &House, viewer: &Viewer) -> Result<ProofWays, Fault> {
    let person = persons::me(house, viewer).await?;
    let login = store::people::persons::login(&mut *house.store.read().await?, &person.email).await?;
    let has_one = login.is_some_and(|login| login.password_hash.is_some());
    let passkeys = passkeys::offered(house) && person.passkeys > 0;
    let password = has_one && house.config.local_sign_in;
    // Whoever can be asked for a password here is; the others come in through a provider.
    let providers = if password { Vec::new() } else { providers::links(house).await? };
    Ok(ProofWays { password, passkeys, providers })
}

/// Shows by a password that it is them; the session's new code.
///
/// # Errors
/// `Invalid`, where it is not their password, or `TooMany`.
pub async fn by_password(house: &House, viewer: &Viewer, session: &str, typed: &str) -> Result<String, Fault> {
    if !ways(house, viewer).await?.password {
        return Err(Fault::conflict("You have no password here."));
    }
    if !is_own_password(house, viewer, typed).await? {
        return Err(Fault::field("password", "this is not your password"));
    }
    sessions::prove(house, session, &viewer.origin).await
}

/// Whether this is the viewer's own password. Wrong ones count as those at the door do.
///
/// # Errors
/// `TooMany`, or `NotFound` for a viewer who is no person.
pub(super) async fn is_own_password(house: &House, viewer: &Viewer, typed: &str) -> Result<bool, Fault> {
    let email = persons::me(house, viewer).await?.email;
    // This browser is signed in: strangers at the door must not keep it waiting.
    limits::try_again_known(house, Door::SignIn, &email, &viewer.origin)?;
    let login = store::people::persons::login(&mut *house.store.read().await?, &email).await?;
    let fits = typed.chars().count() <= password::LONGEST
        && password::verify(typed, login.and_then(|login| login.password_hash)).await?;
    if fits {
        limits::passed(house, Door::SignIn, &email, &viewer.origin);
    } else {
        limits::failed(house, Door::SignIn, &email, &viewer.origin);
    }
    Ok(fits)
}
