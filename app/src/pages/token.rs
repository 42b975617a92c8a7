//! Pages about tokens.

pub mod adopt;
pub mod disable;
pub mod edit;
pub mod list;
pub mod new;
pub mod revoke;
pub mod rotate;
pub mod secret;
pub mod show;

mod armed;
mod armed_words;
mod facts;
mod fields;
mod hears;
mod minted;
pub mod timeline;
mod words;

use crate::{
    api::{
        enter,
        tokens::{TokenView, get_token},
    },
    model::{fault::Fault, ids::TokenId, token::Token, viewer::Act},
};

/// The token that the page's address names.
fn id_here() -> TokenId {
    TokenId(crate::parts::load::param("id"))
}

/// The token that the page's address names, for a page that changes it: it is no page for those who may not.
async fn to_manage(id: TokenId) -> Result<TokenView, Fault> {
    // Asked for before anything is waited for: the context is this request's.
    let viewer = enter()?.1;
    let seen = get_token(id).await?;
    if seen.may_manage { Ok(seen) } else { Err(viewer.refusal(Act::ManageTokens)) }
}

/// The way back from a page about one token.
fn crumbs_to(token: &Token) -> Vec<(String, String)> {
    vec![("/tokens".to_owned(), "Tokens".to_owned()), (format!("/tokens/{}", token.id), token.location.clone())]
}
