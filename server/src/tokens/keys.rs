//! All keys of a token: its own, and those from before it was rotated.

use crate::{
    house::House,
    issuers::{Issuer, IssuerError, KeyRef},
    store::{self, tokens::TokenRow},
};
use app::model::fault::{Fault, FaultKind};

/// The row of a token with the name of its user, which is asked for where an adopted key came without it.
///
/// # Errors
/// `Conflict` where the account has no such key, `Unavailable` where it refuses.
pub(crate) async fn with_user(issuer: &dyn Issuer, mut row: TokenRow) -> Result<TokenRow, Fault> {
    if !row.token.adopted {
        return Ok(row);
    }
    let unavailable = |error: IssuerError| Fault::new(FaultKind::Unavailable, error.to_string());
    let key = &row.token.access_key_id;
    let user_name = match row.token.user_name.as_str() {
        "" => issuer.user_of(key).await.map_err(unavailable)?.unwrap_or_default(),
        known => known.to_owned(),
    };
    // What somebody typed in is no proof: the key must hang on that very user.
    if user_name.is_empty() || !issuer.keys(&user_name).await.map_err(unavailable)?.contains(key) {
        return Err(Fault::conflict(format!(
            "The account {} has no user with the key {key}. It may be deleted already.",
            issuer.account().name
        )));
    }
    row.token.user_name = user_name;
    Ok(row)
}

/// Switches off every key of a token that can still sign. The row of the token is the caller's to write.
///
/// # Errors
/// `Unavailable` where the account refuses; then some may be off already, and the next try does the rest.
pub(crate) async fn disable_all(house: &House, issuer: &dyn Issuer, row: &TokenRow) -> Result<(), Fault> {
    let former = store::former_keys::of_token(&mut *house.store.read().await?, &row.token.id).await?;
    let own = std::iter::once((row.token.access_key_id.clone(), true));
    let former = former.into_iter().filter(|key| key.active).map(|key| (key.access_key_id, false));
    for (access_key_id, own) in own.chain(former) {
        let key = KeyRef { user_name: row.token.user_name.clone(), access_key_id };
        issuer.set_active(&key, false).await.map_err(|error| Fault::new(FaultKind::Unavailable, error.to_string()))?;
        if !own {
            let mut tx = house.store.begin().await?;
            store::former_keys::set_inactive(&mut tx, &key.access_key_id).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}
