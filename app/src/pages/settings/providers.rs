//! `/settings/providers`: where the organisation's people prove who they are, and what roles follow. For admins of the
//! installation.

pub mod edit;
pub mod list;
pub mod new;
pub mod remove;
pub mod rules;
pub mod show;
pub mod try_out;

mod fields;
mod words;

use crate::parts::load::param;

/// Where the list is.
const LIST: &str = "/settings/providers";

/// The identifier that the page's address names.
fn id_here() -> String {
    param("id")
}

/// The way back from a page about providers.
fn crumbs() -> Vec<(String, String)> {
    vec![("/settings".to_owned(), "Settings".to_owned()), (LIST.to_owned(), "Sign-in".to_owned())]
}

/// The way back from a page about one provider.
fn crumbs_to(id: &str, name: &str) -> Vec<(String, String)> {
    let mut crumbs = crumbs();
    crumbs.push((format!("{LIST}/{id}"), name.to_owned()));
    crumbs
}
