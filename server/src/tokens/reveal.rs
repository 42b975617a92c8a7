//! Revealing a secret again: for its owner or an admin, and never without a note in the audit log.

use super::called;
use crate::{
    audit,
    house::House,
    people::{fresh, limits},
    store::{self, Conn, alerts::standing, tokens::TokenRow},
};
use app::model::{
    fault::Fault,
    ids::TokenId,
    secret::Secret,
    token::{Token, TokenWithSecret},
    viewer::{Act, Viewer},
};

/// Whether the viewer may see the secret of this token: who minted it or looks after its place, or an admin of the team.
/// And whether there is a secret at all.
pub(crate) fn may(viewer: &Viewer, row: &TokenRow) -> bool {
    row.sealed_secret.is_some() && has_right(viewer, row)
}

fn has_right(viewer: &Viewer, row: &TokenRow) -> bool {
    let own = viewer.may(Act::RevealOwn, Some(&row.token.team_id))
        && (audit::actor_id(viewer) == row.created_by_id
            || (viewer.person().is_some() && viewer.name.eq_ignore_ascii_case(&row.token.owner)));
    own || viewer.may(Act::RevealAny, Some(&row.token.team_id))
}

/// A token whose secret the viewer may see.
async fn find(house: &House, viewer: &Viewer, id: &TokenId) -> Result<TokenRow, Fault> {
    let row = store::tokens::by_id(&mut *house.store.read().await?, id).await?;
    match &row {
        Some(row) if has_right(viewer, row) => {}
        Some(row) if viewer.person().is_some() && viewer.may(Act::SeeTokens, Some(&row.token.team_id)) => {
            return Err(Fault::forbidden(
                "Only the one who minted this token, its owner, or an admin may see its secret again.",
            ));
        }
        row => {
            let team = row.as_ref().map(|row| &row.token.team_id);
            viewer.must_with(Act::RevealAny, Act::SeeTokens, team, "token")?;
        }
    }
    row.ok_or_else(|| Fault::not_found("token"))
}

/// What somebody is told whose secret is held back.
const HELD_BACK: &str = "No confirmed destination hears about this token yet, so its secret is held back. Subscribe a \
    confirmed destination to it, or ask an admin.";

/// Whether a secret is held back: where the operator wants that, until a confirmed destination hears about its token.
///
/// # Errors
/// Where the database refuses.
pub(super) async fn is_held_back(house: &House, conn: &mut Conn, token: &Token) -> Result<bool, Fault> {
    Ok(house.config.require_confirmed && !standing::anybody_hears(conn, token).await?)
}

/// The token with its secret, or with the reason why it is held back.
pub(super) async fn unless_held_back(
    house: &House,
    conn: &mut Conn,
    token: Token,
    secret: Secret,
) -> Result<TokenWithSecret, Fault> {
    let held = is_held_back(house, conn, &token).await?;
    Ok(TokenWithSecret {
        token,
        secret_access_key: (!held).then_some(secret),
        held_back: held.then(|| HELD_BACK.to_owned()),
    })
}

/// The token with its secret. `why` says in the audit log what for. An admin of the team may see it with `anyway`
/// although it is held back.
///
/// # Errors
/// `NotFound`, `Forbidden`, `Conflict` for an adopted key, of which no secret is held, and for a secret that is held
/// back, `Stale`, where the viewer has to show first that it is them, or `TooMany`.
pub async fn reveal(
    house: &House,
    viewer: &Viewer,
    id: &TokenId,
    why: &str,
    anyway: bool,
) -> Result<TokenWithSecret, Fault> {
    let row = find(house, viewer, id).await?;
    let Some(sealed) = row.sealed_secret.as_deref() else {
        return Err(Fault::conflict("This key was made elsewhere: Aviary holds no secret of it."));
    };
    fresh::must_be_fresh(house, viewer)?;
    limits::look(house, viewer)?;
    let mut tx = house.store.begin().await?;
    let held = is_held_back(house, &mut tx, &row.token).await?;
    if held && !anyway {
        return Err(Fault::conflict(HELD_BACK));
    }
    if held && !viewer.may(Act::RevealAny, Some(&row.token.team_id)) {
        return Err(Fault::forbidden("Only an admin may see a secret about which no confirmed destination hears."));
    }
    let why = if held { format!("{why}, although no confirmed destination hears about it") } else { why.to_owned() };
    audit::note(house, &mut tx, viewer, "token.reveal", &called(&row), &why).await?;
    tx.commit().await?;
    let secret = house.sealer.open(sealed, id.as_str())?;
    Ok(TokenWithSecret { secret_access_key: Some(secret), held_back: None, token: row.token })
}
