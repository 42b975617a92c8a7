//! Sign-in providers: people of an organisation come in by proving to its own provider who they are (OpenID Connect).
//!
//! `door` begins a sign-in and ends it; `admit` says who that is here, and with which roles; `refresh` asks the provider
//! again while the session lasts; `logout` ends it, from here or from there.

pub mod admin;
mod admit;
mod client;
pub mod directory;
pub mod door;
mod form;
mod jwt;
pub mod logout;
mod probe;
pub mod refresh;
mod refusal;
pub mod rules;
mod token;
pub mod try_out;
mod wire;

use crate::{
    house::House,
    store::people::{providers, providers::ProviderRow},
};
use app::model::{entry::ProviderLink, fault::Fault};

/// Each provider through which people can come in, for the sign-in page.
///
/// # Errors
/// Where the database refuses.
pub async fn links(house: &House) -> Result<Vec<ProviderLink>, Fault> {
    let all = providers::all(&mut *house.store.read().await?).await?;
    let enabled = all.into_iter().filter(|provider| provider.settings.enabled);
    Ok(enabled.map(|provider| ProviderLink { id: provider.id, name: provider.settings.name }).collect())
}

/// The name of a provider, for the page that says why somebody did not come in.
///
/// # Errors
/// `NotFound`, where there is none.
pub async fn name(house: &House, id: &str) -> Result<String, Fault> {
    let found = find(house, id).await?.ok_or_else(|| Fault::not_found("way to sign in"))?;
    Ok(found.settings.name)
}

async fn find(house: &House, id: &str) -> Result<Option<ProviderRow>, Fault> {
    Ok(providers::by_id(&mut *house.store.read().await?, id).await?)
}

/// The owner of what is sealed for somebody whom a provider knows.
fn owner(provider: &str, subject: &str) -> String {
    format!("{provider}\n{subject}")
}
