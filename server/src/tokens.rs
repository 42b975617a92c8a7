//! ROOM tokens: mint, adopt, edit, reveal, disable, revoke. A token that is gone keeps its row and its hits.

pub mod adopt;
pub mod change;
pub mod form;
pub(crate) mod keys;
pub mod list;
pub mod mint;
pub mod names;
pub mod respond;
pub mod reveal;
pub mod rotate;

pub use respond::respond;

use crate::{
    house::House,
    store::{self, tokens::TokenRow},
};
use app::model::{
    fault::Fault,
    ids::TokenId,
    viewer::{Act, Viewer},
};

/// A token that the viewer may see. One that they may not see looks like one that is not there.
///
/// # Errors
/// `NotFound`, or `Forbidden` for those who may see no token at all.
pub(crate) async fn find(house: &House, viewer: &Viewer, id: &TokenId) -> Result<TokenRow, Fault> {
    find_for(Act::SeeTokens, house, viewer, id).await
}

/// A token that the viewer may change.
///
/// # Errors
/// `NotFound`, or `Forbidden` where they may only see it.
pub(crate) async fn find_to_manage(house: &House, viewer: &Viewer, id: &TokenId) -> Result<TokenRow, Fault> {
    find_for(Act::ManageTokens, house, viewer, id).await
}

async fn find_for(act: Act, house: &House, viewer: &Viewer, id: &TokenId) -> Result<TokenRow, Fault> {
    let row = store::tokens::by_id(&mut *house.store.read().await?, id).await?;
    viewer.must_with(act, Act::SeeTokens, row.as_ref().map(|row| &row.token.team_id), "token")?;
    row.ok_or_else(|| Fault::not_found("token"))
}

/// How a token is called in the audit log and in sentences.
pub(crate) fn called(row: &TokenRow) -> String {
    match row.token.location.as_str() {
        "" => row.token.access_key_id.clone(),
        location => format!("{} ({location})", row.token.access_key_id),
    }
}
