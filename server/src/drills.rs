//! ROOM drills: Aviary uses a token itself, as its thief would, and waits for that very call to come back. So nobody has to
//! believe that a token is armed.

mod hear;
mod proof;
mod worker;

pub(crate) use hear::{hear, tell};
pub use proof::{latest_runs, proof};
pub use worker::{run, run_once};

use crate::{
    alerts, audit,
    house::House,
    store::{self, drills::DrillRow},
    tokens,
};
use app::model::{
    drill::{Drill, DrillState},
    fault::Fault,
    ids::{DestinationId, TokenId},
    viewer::Viewer,
};

/// Asks for a drill in each region of the token's account. `through` names a destination that shall hear of it as of an
/// alert; everybody else is spared.
///
/// # Errors
/// `NotFound`, `Forbidden`, or `Conflict` where Aviary has no key to use.
pub async fn ask(
    house: &House,
    viewer: &Viewer,
    id: &TokenId,
    through: Option<&DestinationId>,
) -> Result<Vec<Drill>, Fault> {
    let row = tokens::find_to_manage(house, viewer, id).await?;
    if row.token.adopted {
        return Err(Fault::conflict(
            "Aviary holds no secret of this key, so it cannot use it. Use the key yourself to see whether it is heard.",
        ));
    }
    if row.token.revoked_at.is_some() || !row.token.key_active {
        return Err(Fault::conflict(
            "The key is switched off: AWS would refuse the call, and nothing would be proven.",
        ));
    }
    let issuer =
        house.issuers.of(&row.token.account).ok_or_else(|| tokens::change::not_reachable(&row.token.account))?;
    if let Some(destination) = through
        && !alerts::all_visible(house, viewer, std::slice::from_ref(destination)).await?
    {
        return Err(Fault::field("through", "this destination is gone; choose again"));
    }
    let mut asked = Vec::new();
    let mut tx = house.store.begin().await?;
    for region in issuer.drill_regions() {
        let row = DrillRow {
            drill: Drill {
                id: house.new_id(),
                token_id: id.clone(),
                region,
                state: DrillState::Due,
                asked_by: viewer.name.clone(),
                asked_at: house.now(),
                called_at: None,
                heard: Vec::new(),
                error: None,
            },
            mark: String::new(),
            event_id: None,
            through: through.map(|destination| destination.0.clone()).unwrap_or_default(),
            tries: 0,
        };
        store::drills::insert(&mut tx, &row).await?;
        asked.push(row.drill);
    }
    let regions: Vec<_> = asked.iter().map(|drill| drill.region.as_str()).collect();
    audit::note(house, &mut tx, viewer, "token.drill", &tokens::called(&row), &regions.join(", ")).await?;
    tx.commit().await?;
    house.bell.drills();
    Ok(asked)
}

/// Drills a token that was just minted, unless it is heard anyway. A drill that cannot be asked for is no reason to fail
/// the mint: the token stays `arming`, and says so.
pub(crate) async fn after_mint(house: &House, viewer: &Viewer, id: &TokenId) {
    let account = match store_account(house, id).await {
        Ok(account) => account,
        Err(fault) => return tracing::warn!(%fault, "a new token could not be read"),
    };
    if house.issuers.of(&account).is_none_or(|issuer| issuer.heard_at_once()) {
        return;
    }
    if let Err(fault) = ask(house, viewer, id, None).await {
        tracing::warn!(token = %id, %fault, "a new token could not be drilled");
    }
}

async fn store_account(house: &House, id: &TokenId) -> Result<String, Fault> {
    let row = store::tokens::by_id(&mut *house.store.read().await?, id).await?;
    Ok(row.ok_or_else(|| Fault::not_found("token"))?.token.account)
}
