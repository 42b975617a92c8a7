//! The response to a hit that was chosen for a token: keep listening, or disable the key.

use super::{change::under_lock, keys};
use crate::{house::House, store};
use app::model::{fault::Fault, ids::TokenId, token::OnHit, viewer::Viewer};

/// Disables a token's key if its hits have reached the number chosen for it. Called after a hit was committed; the
/// sweep calls it again for what was cut off in between.
///
/// # Errors
/// Where the account or the database refuses.
pub async fn respond(house: &House, id: &TokenId) -> Result<(), Fault> {
    let Some(row) = store::tokens::by_id(&mut *house.store.read().await?, id).await? else {
        return Ok(());
    };
    // Whoever switched the key on again, or exchanged it, knows of the hits before.
    let hits = row.token.hit_count - row.hits_before;
    let reached = matches!(row.token.on_hit, OnHit::DisableAfter(n) if hits >= i64::from(n));
    if !reached || !row.token.key_active || row.token.revoked_at.is_some() {
        return Ok(());
    }
    let Some(issuer) = house.issuers.of(&row.token.account) else {
        return Ok(());
    };
    let row = keys::with_user(&*issuer, row).await?;
    keys::disable_all(house, &*issuer, &row).await?;
    let detail = format!("after {hits} hits, as chosen");
    under_lock(house, &Viewer::system("response"), id, "token.disable", &detail, |row| row.token.key_active = false)
        .await?;
    Ok(())
}
