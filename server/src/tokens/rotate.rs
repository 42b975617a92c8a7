//! Rotating a token: a second key on the same user. The first one stays where it was planted, and is watched for ever.

use super::{audit_subject, change, find_to_manage, mint::LONGEST, reveal};
use crate::{
    audit::{self, Audited as _},
    drills,
    house::House,
    issuers::{Issuer, IssuerError, KeyRef, NewKey},
    store::{self, tokens::TokenRow},
};
use app::model::{
    fault::{Fault, FaultKind},
    ids::TokenId,
    token::TokenWithSecret,
    viewer::Viewer,
};
use std::sync::Arc;

/// What stands before a token's identifier in the intent of a rotation.
const INTENT: &str = "rotate:";
/// IAM's limit of keys per user.
const KEYS: usize = 2;

/// Makes a new key for a token's user. The key from before stays active until the token is disabled. It goes on to its
/// end even if the caller goes away in the middle.
///
/// # Errors
/// `NotFound`, `Forbidden`, `Conflict` for a key that is gone or not ours, `Unavailable` where the account refuses.
pub async fn rotate(house: &Arc<House>, viewer: &Viewer, id: &TokenId) -> Result<TokenWithSecret, Fault> {
    let row = find_to_manage(house, viewer, id).await?;
    if row.token.revoked_at.is_some() {
        return Err(Fault::conflict("This token is revoked: its user is gone. Mint a new one."));
    }
    if row.token.expired_at.is_some() || row.token.expires_at.is_some_and(|end| end <= house.now()) {
        return Err(Fault::conflict("This token has expired. Give it a later expiry first."));
    }
    if row.token.adopted {
        return Err(Fault::conflict("This key was made elsewhere. Rotate it there, and adopt the new one."));
    }
    if reveal::is_held_back(house, &mut *house.store.read().await?, &row.token).await? {
        return Err(Fault::conflict(
            "No confirmed destination hears about this token, so a new secret would be held back. Subscribe one first.",
        ));
    }
    let issuer = change::issuer_of(house, &row)?;
    let (house, viewer, id) = (Arc::clone(house), viewer.clone(), id.clone());
    let work = tokio::spawn(async move { carry_out(&house, &viewer, &id, &row, &*issuer).await });
    work.await.map_err(|error| {
        tracing::error!(%error, "a rotation was cut off");
        Fault::internal()
    })?
}

async fn carry_out(
    house: &House,
    viewer: &Viewer,
    id: &TokenId,
    row: &TokenRow,
    issuer: &dyn Issuer,
) -> Result<TokenWithSecret, Fault> {
    begin(house, id, row, issuer).await?;
    let made = match make(house, id, row, issuer).await {
        Ok(made) => made,
        Err(error) => {
            // What was refused was not made. Of everything else nobody knows yet.
            undo(house, id, row, issuer, matches!(error, IssuerError::Refused(_))).await;
            return Err(Fault::new(
                FaultKind::Unavailable,
                format!("The key could not be made: {error}. The one from before is as it was."),
            ));
        }
    };
    let done = commit(house, viewer, id, row, &made).await;
    match &done {
        // The proof of the key before says nothing of this one.
        Ok(_) => drills::after_mint(house, viewer, id).await,
        // IAM has told which key it made, so that it is certain to be found.
        Err(_) => undo(house, id, row, issuer, true).await,
    }
    done
}

fn intent(id: &TokenId) -> TokenId {
    TokenId(format!("{INTENT}{id}"))
}

async fn begin(house: &House, id: &TokenId, row: &TokenRow, issuer: &dyn Issuer) -> Result<(), Fault> {
    let pending = store::tokens::unfinished_mints(&mut *house.store.read().await?, house.now().plus(1)).await?;
    if let Some((.., begun)) = pending.into_iter().find(|(known, ..)| *known == intent(id)) {
        // A rotation that failed leaves its intent until IAM is sure to tell every key. Then this one may go on.
        if house.now().since(begun) <= LONGEST {
            return Err(Fault::conflict(
                "This token is being rotated, or a rotation that failed is being cleaned up. Try again in ten minutes.",
            ));
        }
        forget_unknown(house, id, &row.token.user_name, issuer, true).await?;
    }
    let mut tx = house.store.begin().await?;
    store::tokens::lock(&mut tx, id).await?;
    let pending = store::tokens::unfinished_mints(&mut tx, house.now().plus(1)).await?;
    if pending.iter().any(|(known, ..)| *known == intent(id)) {
        return Err(Fault::conflict("This token is being rotated at this moment."));
    }
    store::tokens::begin_mint(&mut tx, &intent(id), &row.token.account, &row.token.user_name, house.now()).await?;
    Ok(tx.commit().await?)
}

/// Makes the key. IAM allows two: the oldest former one gives way. It was watched long enough to be replaced twice, and
/// its row stays, so that late records still match.
async fn make(house: &House, id: &TokenId, row: &TokenRow, issuer: &dyn Issuer) -> Result<NewKey, IssuerError> {
    let unavailable = |error: store::StoreError| IssuerError::Unavailable(error.to_string());
    let mut session = house.store.read().await.map_err(unavailable)?;
    let former = store::former_keys::of_token(&mut session, id).await.map_err(unavailable)?;
    drop(session);
    for old in former.into_iter().skip(KEYS - 2) {
        let key = KeyRef { user_name: row.token.user_name.clone(), access_key_id: old.access_key_id };
        issuer.delete_key(&key).await?;
        let mut tx = house.store.begin().await.map_err(unavailable)?;
        store::former_keys::set_inactive(&mut tx, &key.access_key_id).await.map_err(unavailable)?;
        tx.commit().await.map_err(unavailable)?;
    }
    let made = issuer.add_key(&row.token.user_name).await?;
    // The SDK repeats a call whose answer got lost, and each repetition makes a key that nobody knows.
    delete_unknown(house, id, &row.token.user_name, issuer, &made.access_key_id).await?;
    Ok(made)
}

async fn commit(
    house: &House,
    viewer: &Viewer,
    id: &TokenId,
    seen: &TokenRow,
    made: &NewKey,
) -> Result<TokenWithSecret, Fault> {
    let sealed = house.sealer.seal(&made.secret, id.as_str(), &*house.chance)?;
    let mut tx = house.store.begin().await?;
    store::tokens::lock(&mut tx, id).await?;
    let mut row = store::tokens::by_id(&mut tx, id).await?.ok_or_else(|| Fault::not_found("token"))?;
    if !store::tokens::end_mint(&mut tx, &intent(id)).await? {
        return Err(Fault::new(FaultKind::Unavailable, "The rotation took too long and was undone. Try again."));
    }
    let over = row.token.revoked_at.is_some() || row.token.expired_at.is_some();
    if over || (seen.token.key_active && !row.token.key_active) {
        return Err(Fault::conflict(
            "Meanwhile the token was disabled, expired or revoked. The new key was taken away again.",
        ));
    }
    let facts = row.audited();
    let before = std::mem::replace(&mut row.token.access_key_id, made.access_key_id.clone());
    row.token.key_active = true;
    row.token.proven_at = None;
    let new = (made.access_key_id.as_str(), sealed.as_str());
    store::former_keys::replace(&mut tx, id, new, row.search_text(), house.now()).await?;
    let detail = format!("{before} stays, and is watched");
    let what = ("token.rotate", detail.as_str());
    audit::changed(house, &mut tx, viewer, what, audit_subject(&row), facts, row.audited()).await?;
    tx.commit().await?;
    Ok(TokenWithSecret { token: row.token, secret_access_key: Some(made.secret.clone()), held_back: None })
}

/// Takes away a key that was made and not written down.
async fn undo(house: &House, id: &TokenId, row: &TokenRow, issuer: &dyn Issuer, certain: bool) {
    if let Err(error) = forget_unknown(house, id, &row.token.user_name, issuer, certain).await {
        // The intent stays, so that the sweep and the next start try again.
        tracing::error!(token = %id, %error, "a half-made key could not be deleted yet");
    }
}

/// Deletes every key of a user that is neither written down nor `new`.
async fn delete_unknown(
    house: &House,
    id: &TokenId,
    user_name: &str,
    issuer: &dyn Issuer,
    new: &str,
) -> Result<(), IssuerError> {
    let known = known(house, id).await.map_err(|fault| IssuerError::Unavailable(fault.message))?;
    for access_key_id in issuer.keys(user_name).await? {
        if access_key_id != new && !known.contains(&access_key_id) {
            tracing::warn!(token = %id, access_key_id, "a key that Aviary does not know is deleted");
            issuer.delete_key(&KeyRef { user_name: user_name.to_owned(), access_key_id }).await?;
        }
    }
    Ok(())
}

/// Every key of a token that is written down.
async fn known(house: &House, id: &TokenId) -> Result<Vec<String>, Fault> {
    let mut session = house.store.read().await?;
    let mut known: Vec<String> =
        store::former_keys::of_token(&mut session, id).await?.into_iter().map(|key| key.access_key_id).collect();
    known.extend(store::tokens::by_id(&mut session, id).await?.map(|row| row.token.access_key_id));
    Ok(known)
}

/// Deletes every key that is not written down. The intent ends where it is `certain` that IAM tells all keys: one that was
/// made a moment ago, and whose answer got lost, may not be in its list yet. Else the sweep looks again.
async fn forget_unknown(
    house: &House,
    id: &TokenId,
    user_name: &str,
    issuer: &dyn Issuer,
    certain: bool,
) -> Result<(), Fault> {
    let unavailable = |error: IssuerError| Fault::new(FaultKind::Unavailable, error.to_string());
    delete_unknown(house, id, user_name, issuer, "").await.map_err(unavailable)?;
    if !certain {
        return Ok(());
    }
    let mut tx = house.store.begin().await?;
    store::tokens::end_mint(&mut tx, &intent(id)).await?;
    Ok(tx.commit().await?)
}

/// Undoes a rotation that was cut off, if this intent is one. `false` where it is the intent of a mint.
pub(super) async fn recover(
    house: &House,
    pending: &TokenId,
    user_name: &str,
    issuer: &dyn Issuer,
    certain: bool,
) -> bool {
    let Some(id) = pending.as_str().strip_prefix(INTENT) else { return false };
    if let Err(error) = forget_unknown(house, &TokenId(id.to_owned()), user_name, issuer, certain).await {
        tracing::error!(token = id, %error, "a half-made key could not be deleted yet");
    }
    true
}
