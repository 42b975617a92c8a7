//! What providers say of themselves: their configuration (OpenID Connect Discovery 1.0) and their keys, read once and kept
//! for a while, so that a sign-in does not wait for both, and a provider that is away for a moment does no harm.

use super::wire::{self, Wire};
use crate::{net::guard::AllowList, store::people::providers::ProviderRow};
use app::model::{
    moment::{DAY, HOUR, MINUTE, Moment},
    provider::ProviderSettings,
};
use openidconnect::core::CoreJsonWebKeySet;
use serde::Deserialize;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

/// How long what was read is used without asking again.
const FRESH: i64 = HOUR;
/// How long it is used where the provider cannot be asked.
const STALE: i64 = DAY;
/// How long nobody asks again for keys because of a token whose key is unknown: anybody can make such tokens up.
const BETWEEN_KEYS: i64 = MINUTE;

/// What a provider says of itself (OpenID Connect Discovery 1.0, section 3), as far as it matters here.
#[derive(Clone, Debug, Deserialize)]
pub struct Discovery {
    /// Its name in tokens.
    pub issuer: String,
    /// Where people sign in.
    pub authorization_endpoint: String,
    /// Where codes become tokens.
    pub token_endpoint: String,
    /// Where its keys are.
    pub jwks_uri: String,
    /// Where people sign out (RP-Initiated Logout 1.0, 2.1).
    #[serde(default)]
    pub end_session_endpoint: Option<String>,
    /// Whether it names itself on the way back (RFC 9207, section 3).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
    /// How clients prove who they are.
    #[serde(default)]
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// How it lets codes be bound to who asked for them (RFC 8414, section 2).
    #[serde(default)]
    pub code_challenge_methods_supported: Vec<String>,
    /// How it signs.
    #[serde(default)]
    pub id_token_signing_alg_values_supported: Vec<String>,
    /// Whether it says by itself that somebody has signed out (Back-Channel Logout 1.0, 2.1).
    #[serde(default)]
    pub backchannel_logout_supported: bool,
}

/// What is known of a provider.
#[derive(Debug)]
pub struct Known {
    /// What it says of itself.
    pub discovery: Discovery,
    /// Its keys.
    pub keys: CoreJsonWebKeySet,
    read_at: Moment,
    keys_asked_at: Moment,
    /// The settings that it was read with.
    place: String,
}

/// What is known of all of them, and the way there.
pub struct Directory {
    wire: Wire,
    allowed: AllowList,
    known: Mutex<HashMap<String, Arc<Known>>>,
}

impl std::fmt::Debug for Directory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Directory")
    }
}

/// Where a provider's configuration is.
pub fn place(settings: &ProviderSettings) -> String {
    match settings.discovery_url.as_str() {
        "" => format!("{}/.well-known/openid-configuration", settings.issuer.trim_end_matches('/')),
        url => url.to_owned(),
    }
}

impl Directory {
    /// An empty one that may reach these networks besides the public internet.
    pub fn new(allowed: AllowList) -> Self {
        Self { wire: Wire::new(allowed.clone()), allowed, known: Mutex::default() }
    }

    /// The way to providers.
    pub fn wire(&self) -> &Wire {
        &self.wire
    }

    /// The networks in which providers may be although they are private.
    pub fn allowed(&self) -> &AllowList {
        &self.allowed
    }

    /// What is known of a provider; it is asked where that is not enough.
    ///
    /// # Errors
    /// Why it could not be asked, for admins.
    pub async fn of(&self, provider: &ProviderRow, now: Moment) -> Result<Arc<Known>, String> {
        let kept = self.kept(provider);
        if let Some(kept) = kept.as_ref().filter(|kept| now.since(kept.read_at) < FRESH) {
            return Ok(Arc::clone(kept));
        }
        match self.read(&provider.settings, now).await {
            Ok(known) => Ok(self.keep(provider, known)),
            Err(why) => match kept.filter(|kept| now.since(kept.read_at) < STALE) {
                Some(kept) => {
                    let name = &provider.settings.name;
                    tracing::warn!(provider = %name, %why, "a provider does not answer; what it said before is used");
                    Ok(kept)
                }
                None => Err(why),
            },
        }
    }

    /// The same with keys that were asked for just now, because a token names one that is unknown; within a minute after
    /// the last time it is what is known already.
    ///
    /// # Errors
    /// Why it could not be asked, for admins.
    pub async fn with_new_keys(
        &self,
        provider: &ProviderRow,
        known: &Arc<Known>,
        now: Moment,
    ) -> Result<Arc<Known>, String> {
        if now.since(known.keys_asked_at) < BETWEEN_KEYS {
            return Ok(Arc::clone(known));
        }
        // Noted before they are asked for, so that many such tokens at once ask once.
        let asked = |keys| Known {
            discovery: known.discovery.clone(),
            keys,
            read_at: known.read_at,
            keys_asked_at: now,
            place: known.place.clone(),
        };
        self.keep(provider, asked(known.keys.clone()));
        let keys = self.keys(&known.discovery).await?;
        Ok(self.keep(provider, asked(keys)))
    }

    /// Asks a provider, whatever is known of it.
    ///
    /// # Errors
    /// Why it could not be asked, or why what it says cannot be used; for admins.
    pub async fn read(&self, settings: &ProviderSettings, now: Moment) -> Result<Known, String> {
        let discovery = self.discovery(settings).await?;
        let keys = self.keys(&discovery).await?;
        Ok(Known { discovery, keys, read_at: now, keys_asked_at: now, place: place(settings) })
    }

    /// What a provider says of itself.
    ///
    /// # Errors
    /// Why it could not be asked, or why what it says cannot be used; for admins.
    pub async fn discovery(&self, settings: &ProviderSettings) -> Result<Discovery, String> {
        let place = place(settings);
        let url = wire::address(&place, &self.allowed).map_err(|expected| format!("{place}: {expected}"))?;
        let body = self.wire.get(&url).await?;
        let discovery: Discovery = serde_json::from_slice(&body)
            .map_err(|error| format!("{place} holds no configuration of OpenID Connect: {error}"))?;
        if discovery.issuer != settings.issuer {
            return Err(format!(
                "{place} is the configuration of the issuer {}, and not of {}. The two have to be the same to the letter.",
                discovery.issuer, settings.issuer
            ));
        }
        for (name, url) in [
            ("authorization_endpoint", &discovery.authorization_endpoint),
            ("token_endpoint", &discovery.token_endpoint),
            ("jwks_uri", &discovery.jwks_uri),
        ] {
            wire::address(url, &self.allowed).map_err(|expected| format!("{place}: {name} is {url}: {expected}"))?;
        }
        Ok(discovery)
    }

    /// A provider's keys.
    ///
    /// # Errors
    /// Why they are not to be had; for admins.
    pub async fn keys(&self, discovery: &Discovery) -> Result<CoreJsonWebKeySet, String> {
        let place = &discovery.jwks_uri;
        let url = wire::address(place, &self.allowed).map_err(|expected| format!("{place}: {expected}"))?;
        let body = self.wire.get(&url).await?;
        serde_json::from_slice(&body).map_err(|error| format!("{place} holds no set of keys: {error}"))
    }

    /// Forgets a provider: its settings have changed.
    pub fn forget(&self, provider: &str) {
        if let Ok(mut known) = self.known.lock() {
            known.remove(provider);
        }
    }

    fn kept(&self, provider: &ProviderRow) -> Option<Arc<Known>> {
        let known = self.known.lock().ok()?;
        // Another replica may have changed the settings.
        let place = place(&provider.settings);
        known
            .get(&provider.id)
            .filter(|known| known.place == place && known.discovery.issuer == provider.settings.issuer)
            .cloned()
    }

    fn keep(&self, provider: &ProviderRow, known: Known) -> Arc<Known> {
        let known = Arc::new(known);
        if let Ok(mut all) = self.known.lock() {
            all.insert(provider.id.clone(), Arc::clone(&known));
        }
        known
    }
}
