//! Revealing a secret again: for its owner or an admin, and never without a note in the audit log.

use super::{called, find};
use crate::{audit, house::House, store::tokens::TokenRow};
use app::model::{
    fault::Fault,
    ids::TokenId,
    token::TokenWithSecret,
    viewer::{Act, Viewer},
};

/// Whether the viewer may see the secret of this token: who minted it or looks after its place, or an admin of the team.
pub(crate) fn may(viewer: &Viewer, row: &TokenRow) -> bool {
    let own = viewer.may(Act::Mint, Some(&row.token.team_id))
        && (audit::actor_id(viewer) == row.created_by_id
            || (viewer.person().is_some() && viewer.name.eq_ignore_ascii_case(&row.token.owner)));
    row.sealed_secret.is_some() && (own || viewer.may(Act::RevealAny, Some(&row.token.team_id)))
}

/// The token with its secret. `why` says in the audit log what for.
///
/// # Errors
/// `NotFound`, `Forbidden`, or `Conflict` for an adopted key, of which no secret is held.
pub async fn reveal(house: &House, viewer: &Viewer, id: &TokenId, why: &str) -> Result<TokenWithSecret, Fault> {
    let row = find(house, viewer, id).await?;
    let Some(sealed) = row.sealed_secret.as_deref() else {
        return Err(Fault::conflict("This key was made elsewhere: Aviary holds no secret of it."));
    };
    if !may(viewer, &row) {
        return Err(Fault::forbidden(
            "Only the one who minted this token, its owner, or an admin may see its secret again.",
        ));
    }
    let mut tx = house.store.begin().await?;
    audit::note(house, &mut tx, viewer, "token.reveal", &called(&row), why).await?;
    tx.commit().await?;
    Ok(TokenWithSecret { secret_access_key: house.sealer.open(sealed, id.as_str())?, token: row.token })
}
