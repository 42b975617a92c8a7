//! Asking providers again while a session is in use: whether the person is still there, and with which groups. A token for
//! that (a refresh token) was given at the sign-in; where none was, the session ends after some hours.

use super::{
    admit,
    client::{Client, Denied, NoClient, Tokens},
    find, owner,
};
use crate::{
    audit,
    house::House,
    people::claims,
    store::people::{identities, pending, provider_sessions, provider_sessions::ProviderSessionRow, sessions},
};
use app::model::{
    fault::Fault,
    moment::{HOUR, MINUTE},
    secret::Secret,
    viewer::Viewer,
};
use std::{sync::Arc, time::Duration};

/// How often a provider is asked about a session that is in use.
pub const EVERY: i64 = 15 * MINUTE;
/// How long a session lasts about which nobody can be asked, since no refresh token was given.
pub const UNCHECKED: i64 = 12 * HOUR;
/// How long a session lasts whose provider does not answer.
pub const PATIENCE: i64 = 4 * HOUR;

/// How long one question may take before another process asks it.
const LEASE: i64 = 2 * MINUTE;
/// How often it is looked whether something is due.
const LOOK: Duration = Duration::from_secs(15);
/// How many questions are asked at once.
const AT_ONCE: u32 = 8;

/// Works until the shut-down.
pub async fn run(house: Arc<House>, shutdown: impl Future<Output = ()>) {
    let work = async {
        loop {
            match run_once(&house).await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(fault) => tracing::error!(%fault, "sessions could not be checked; the next round tries again"),
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::select! { () = work => {}, () = shutdown => {} }
}

/// Checks sessions that are due; how many those were.
///
/// # Errors
/// Where the database refuses.
pub async fn run_once(house: &House) -> Result<usize, Fault> {
    let now = house.now();
    let mut tx = house.store.begin().await?;
    pending::forget_over(&mut tx, now).await?;
    let due = provider_sessions::take_due(&mut tx, now, now.plus(LEASE), AT_ONCE).await?;
    tx.commit().await?;
    for done in futures::future::join_all(due.iter().map(|row| check(house, row))).await {
        done?;
    }
    Ok(due.len())
}

async fn check(house: &House, row: &ProviderSessionRow) -> Result<(), Fault> {
    let Some(provider) = find(house, &row.provider_id).await?.filter(|provider| provider.settings.enabled) else {
        return end(house, row, "the provider is switched off").await;
    };
    let Some(sealed) = &row.sealed_refresh else {
        return end(house, row, "the provider gave nothing by which it can be asked again").await;
    };
    let token = match house.sealer.open(sealed, &owner(&row.provider_id, &row.subject)) {
        Ok(token) => token,
        Err(fault) => return wait(house, row, &provider.settings.name, &fault.message).await,
    };
    let answer = match Client::of(house, &provider).await {
        Ok(client) => client.refresh(&token, house.now()).await,
        Err(NoClient::Away(why)) => Err(Denied::Away(why)),
        Err(NoClient::Ours(fault)) => Err(Denied::Client(fault.message)),
    };
    match answer {
        Ok(tokens) => go_on(house, &provider, row, tokens).await,
        Err(Denied::Grant) => end(house, row, "the provider ended it").await,
        Err(Denied::Token(refusal)) => {
            end(house, row, &format!("what the provider answered is not taken: {refusal}")).await
        }
        Err(Denied::Away(why)) => wait(house, row, &provider.settings.name, &why).await,
        // Our settings there are wrong; the person has done nothing.
        Err(Denied::Client(code)) => wait(house, row, &provider.settings.name, &code).await,
    }
}

async fn go_on(
    house: &House,
    provider: &crate::store::people::providers::ProviderRow,
    row: &ProviderSessionRow,
    tokens: Tokens,
) -> Result<(), Fault> {
    let now = house.now();
    let owner = owner(&row.provider_id, &row.subject);
    let seal = |secret: &Secret| house.sealer.seal(secret, &owner, &*house.chance);
    let refresh = tokens.refresh.as_ref().map(seal).transpose()?;
    let hint = tokens.id_token.as_ref().map(seal).transpose()?;
    let mut tx = house.store.begin().await?;
    if let Some(said) = &tokens.claims {
        if claims::text(said, "sub") != Some(row.subject.as_str()) {
            drop(tx);
            return end(house, row, "the provider answered about somebody else").await;
        }
        let known = identities::person(&mut tx, &row.provider_id, &row.subject).await?;
        let Some(known) = known.filter(|known| !known.disabled && known.person == row.person_id) else {
            drop(tx);
            return end(house, row, "the account here is switched off").await;
        };
        if !admit::again(house, &mut tx, provider, said, &known.person, &known.email).await? {
            tx.commit().await?;
            return end(house, row, "nothing that the provider says gives a role any more").await;
        }
    }
    let due = now.plus(EVERY);
    provider_sessions::checked(&mut tx, &row.first_hash, now, due, refresh.as_deref(), hint.as_deref()).await?;
    Ok(tx.commit().await?)
}

/// Keeps the session for now: with growing waits, up to [`EVERY`], until [`PATIENCE`] is over.
async fn wait(house: &House, row: &ProviderSessionRow, name: &str, why: &str) -> Result<(), Fault> {
    let now = house.now();
    tracing::warn!(provider = %name, why, "a provider could not be asked about a session");
    if row.failing_since.is_some_and(|since| now.since(since) >= PATIENCE) {
        return end(house, row, "the provider did not answer for four hours").await;
    }
    let wait = MINUTE.checked_shl(u32::try_from(row.tries.clamp(0, 10)).unwrap_or(0)).unwrap_or(EVERY).min(EVERY);
    let mut tx = house.store.begin().await?;
    provider_sessions::failed(&mut tx, &row.first_hash, now, now.plus(wait)).await?;
    Ok(tx.commit().await?)
}

async fn end(house: &House, row: &ProviderSessionRow, why: &str) -> Result<(), Fault> {
    let mut tx = house.store.begin().await?;
    let known = identities::person(&mut tx, &row.provider_id, &row.subject).await?;
    sessions::delete_begun_with(&mut tx, &row.first_hash).await?;
    let email = known.map(|known| known.email).unwrap_or_default();
    audit::note(house, &mut tx, &Viewer::system("sign-in providers"), "session.end", &email, why).await?;
    Ok(tx.commit().await?)
}
