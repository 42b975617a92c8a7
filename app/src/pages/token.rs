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

use crate::model::{ids::TokenId, token::Token};

/// The token that the page's address names.
fn id_here() -> TokenId {
    TokenId(crate::parts::load::param("id"))
}

/// The way back from a page about one token.
fn crumbs_to(token: &Token) -> Vec<(String, String)> {
    vec![("/tokens".to_owned(), "Tokens".to_owned()), (format!("/tokens/{}", token.id), token.location.clone())]
}
