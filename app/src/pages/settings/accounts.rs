//! `/settings/accounts`: the AWS accounts in which tokens are minted. For admins of the installation.

pub mod edit;
pub mod list;
pub mod new;
pub mod remove;
pub mod show;

mod facts;
mod fields;
mod hearing;
mod policy;
mod rights;
mod users;
mod words;

use crate::parts::load::param;

/// Where the list is.
const LIST: &str = "/settings/accounts";

/// The number that the page's address names.
fn id_here() -> String {
    param("id")
}

/// The way back from a page about accounts.
fn crumbs() -> Vec<(String, String)> {
    vec![("/settings".to_owned(), "Settings".to_owned()), (LIST.to_owned(), "AWS accounts".to_owned())]
}

/// The way back from a page about one account.
fn crumbs_to(id: &str, name: &str) -> Vec<(String, String)> {
    let mut crumbs = crumbs();
    crumbs.push((format!("{LIST}/{id}"), name.to_owned()));
    crumbs
}
