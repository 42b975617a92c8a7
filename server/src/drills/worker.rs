//! Makes the calls of drills, gives up waiting for those that stay silent, and asks for drills by schedule.

use super::{ask, hear::new_mark};
use crate::{
    house::House,
    issuers::{IssuerError, NewKey},
    store::{self, drills::DrillRow, tokens::TokenRow},
};
use app::model::{
    drill::DrillState,
    fault::Fault,
    moment::{DAY, HOUR, MINUTE, SECOND},
    viewer::Viewer,
};
use std::{sync::Arc, time::Duration};

/// How often the worker looks without being rung for.
const EVERY: Duration = Duration::from_secs(5);
/// How long a call may take before another worker makes it again.
const LEASE: i64 = 3 * MINUTE;
/// How long a record is waited for before the drill counts as silent. Log files come after about 5 minutes.
const PATIENCE: i64 = HOUR;
/// A key that was just made is unknown to far regions for some seconds.
const TRIES: i64 = 12;
const AGAIN: i64 = 10 * SECOND;
/// How many calls are made at once.
const AT_ONCE: u32 = 16;
/// How many tokens a schedule asks for in one round, per account: they are spread over the rounds.
const BY_SCHEDULE: u32 = 4;

/// Works until the shut-down.
pub async fn run(house: Arc<House>, shutdown: impl Future<Output = ()>) {
    let work = async {
        loop {
            if let Err(fault) = by_schedule(&house).await {
                tracing::warn!(%fault, "drills could not be asked for; the next round tries again");
            }
            match run_once(&house).await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(fault) => tracing::error!(%fault, "drills could not be made; the next round tries again"),
            }
            // Nothing to do: wait for the bell, or for the next round.
            let _ = tokio::time::timeout(EVERY, house.bell.drills_rung()).await;
        }
    };
    tokio::select! { () = work => {}, () = shutdown => {} }
}

/// Makes the calls that are due, and ends waits that are over; how many those were.
///
/// # Errors
/// Where the database refuses.
pub async fn run_once(house: &House) -> Result<usize, Fault> {
    let now = house.now();
    let mut tx = house.store.begin().await?;
    let due = store::drills::take_due(&mut tx, now, now.plus(LEASE), AT_ONCE).await?;
    tx.commit().await?;
    let count = due.len();
    for done in futures::future::join_all(due.iter().map(|row| carry_out(house, row))).await {
        done?;
    }
    for row in &due {
        ring(house, row).await?;
    }
    Ok(count)
}

/// Open pages of the token look again.
async fn ring(house: &House, row: &DrillRow) -> Result<(), Fault> {
    let token = store::tokens::by_id(&mut *house.store.read().await?, &row.drill.token_id).await?;
    if let Some(TokenRow { token, .. }) = token {
        house.bell.look_again(token.id, token.team_id);
    }
    Ok(())
}

async fn carry_out(house: &House, row: &DrillRow) -> Result<(), Fault> {
    if row.drill.state == DrillState::Called {
        return end(house, row, DrillState::Silent, None, false).await;
    }
    let at = house.now();
    let called = match key(house, row).await? {
        Ok((issuer, key)) => {
            // Written down before the call, and new for each try: should its answer get lost, the record is still known.
            let mark = new_mark(house);
            let mut tx = house.store.begin().await?;
            store::drills::mark(&mut tx, row, &mark, at).await?;
            tx.commit().await?;
            issuer.drill(&key, &row.drill.region, &mark).await
        }
        Err(why) => Err(IssuerError::Refused(why)),
    };
    match called {
        Ok(request_id) => {
            let mut tx = house.store.begin().await?;
            store::drills::called(&mut tx, &row.drill.id, at, &request_id, at.plus(PATIENCE)).await?;
            tx.commit().await?;
            Ok(())
        }
        Err(IssuerError::Unavailable(why)) if row.tries < TRIES => {
            end(house, row, DrillState::Due, Some(&why), true).await
        }
        Err(error) => end(house, row, DrillState::Failed, Some(&error.to_string()), false).await,
    }
}

type Usable = (Arc<dyn crate::issuers::Issuer>, NewKey);

/// The token's key, opened, or why there is none.
async fn key(house: &House, row: &DrillRow) -> Result<Result<Usable, String>, Fault> {
    let token = store::tokens::by_id(&mut *house.store.read().await?, &row.drill.token_id).await?;
    let Some(token) = token.filter(|token| token.token.revoked_at.is_none() && token.token.key_active) else {
        return Ok(Err("the key is switched off".into()));
    };
    let Some(issuer) = house.issuers.of(&token.token.account) else {
        return Ok(Err(format!("the account {} is not reachable from here", token.token.account)));
    };
    let Some(sealed) = &token.sealed_secret else { return Ok(Err("no secret is held".into())) };
    let secret = house.sealer.open(sealed, token.token.id.as_str())?;
    Ok(Ok((issuer, NewKey { access_key_id: token.token.access_key_id, secret })))
}

async fn end(house: &House, row: &DrillRow, state: DrillState, why: Option<&str>, again: bool) -> Result<(), Fault> {
    let again = again.then(|| house.now().plus(AGAIN));
    let mut tx = house.store.begin().await?;
    store::drills::end(&mut tx, &row.drill.id, state, why, again).await?;
    tx.commit().await?;
    Ok(())
}

/// Asks for the drills that accounts want every so many days, a few at a time.
async fn by_schedule(house: &House) -> Result<(), Fault> {
    for issuer in house.issuers.aws().iter().filter(|issuer| issuer.settings().drill_days > 0) {
        let since = house.now().plus(-DAY * i64::from(issuer.settings().drill_days));
        let mut session = house.store.read().await?;
        let waiting = store::drills::not_drilled_since(&mut session, issuer.id(), since, BY_SCHEDULE).await?;
        drop(session);
        for id in waiting {
            if let Err(fault) = ask(house, &Viewer::system("drill"), &id, None).await {
                tracing::warn!(token = %id, %fault, "a token could not be drilled");
            }
        }
    }
    Ok(())
}
