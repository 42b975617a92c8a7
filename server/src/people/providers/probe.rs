//! The test of a provider: what it says of itself, its keys, and what of it Aviary can use.

use super::{
    directory::{Discovery, place},
    jwt::ALGORITHMS,
};
use crate::{house::House, store::people::providers::ProviderRow};
use app::model::{
    health::{Check, Light},
    provider::ProviderKind,
};
use openidconnect::{
    JsonWebKey as _, JsonWebKeyUse as _,
    core::{CoreJsonWebKeySet, CoreJsonWebKeyType, CoreJwsSigningAlgorithm},
};
use serde_json::Value;

fn check(name: &str, light: Light, says: impl Into<String>) -> Check {
    Check { name: name.to_owned(), light, says: says.into() }
}

/// Asks a provider about itself; what was found, one line for each part.
pub async fn look(house: &House, provider: &ProviderRow) -> Vec<Check> {
    let (directory, settings) = (&house.providers, &provider.settings);
    let discovery = match directory.discovery(settings).await {
        Ok(discovery) => discovery,
        Err(why) => return vec![check("Configuration", Light::Bad, why)],
    };
    let mut checks = vec![check("Configuration", Light::Good, format!("Read at {}.", place(settings)))];
    checks.push(match directory.keys(&discovery).await {
        Ok(keys) => of_keys(&keys, &discovery.jwks_uri),
        Err(why) => check("Keys", Light::Bad, why),
    });
    checks.push(of_algorithms(&discovery));
    checks.push(of_pkce(&discovery));
    checks.push(match (&provider.sealed_secret, discovery.authorization_response_iss_parameter_supported) {
        (Some(_), true) => check("Client", Light::Good, "With a secret; the provider names itself on the way back."),
        (Some(_), false) => check("Client", Light::Good, "With a secret."),
        (None, _) => check("Client", Light::Look, "Without a secret. A client on a server should have one."),
    });
    checks.push(match (settings.kind, settings.domain.is_empty(), &discovery.end_session_endpoint) {
        (ProviderKind::Cognito, false, _) => {
            check("Signing out", Light::Good, format!("Goes on to Cognito's pages at {}.", settings.domain))
        }
        (_, _, Some(url)) => check("Signing out", Light::Good, format!("Goes on to {url}.")),
        (ProviderKind::Cognito, true, None) => {
            check("Signing out", Light::Look, "Ends here alone. Fill in the domain of Cognito's sign-in pages.")
        }
        _ => check("Signing out", Light::Look, "Ends here alone: the provider says no address for it."),
    });
    checks.push(if discovery.backchannel_logout_supported {
        check("Signed out there", Light::Good, "The provider can end sessions here. Register the address for it there.")
    } else {
        check(
            "Signed out there",
            Light::Off,
            "The provider does not say so by itself. Aviary asks every 15 minutes while a session is in use.",
        )
    });
    checks
}

fn of_keys(keys: &CoreJsonWebKeySet, place: &str) -> Check {
    let usable = |kind: &CoreJsonWebKeyType| *kind != CoreJsonWebKeyType::Symmetric;
    let signing = keys
        .keys()
        .iter()
        .filter(|key| usable(key.key_type()) && key.key_use().is_none_or(|purpose| purpose.allows_signature()));
    match signing.count() {
        0 => check("Keys", Light::Bad, format!("{place} has no public key for signatures that Aviary can use.")),
        1 => check("Keys", Light::Good, format!("One, at {place}.")),
        n => check("Keys", Light::Good, format!("{n}, at {place}.")),
    }
}

fn of_algorithms(discovery: &Discovery) -> Check {
    let named = &discovery.id_token_signing_alg_values_supported;
    let ours = |name: &&String| {
        serde_json::from_value::<CoreJwsSigningAlgorithm>(Value::String((**name).clone()))
            .is_ok_and(|algorithm| ALGORITHMS.contains(&algorithm))
    };
    let both: Vec<&str> = named.iter().filter(ours).map(String::as_str).collect();
    if named.is_empty() {
        check("Signatures", Light::Look, "The provider does not say how it signs.")
    } else if both.is_empty() {
        check("Signatures", Light::Bad, "The provider signs in no way that Aviary takes: RS256 is the usual one.")
    } else {
        check("Signatures", Light::Good, format!("{}.", both.join(", ")))
    }
}

fn of_pkce(discovery: &Discovery) -> Check {
    let methods = &discovery.code_challenge_methods_supported;
    if methods.iter().any(|method| method == "S256") {
        check("PKCE", Light::Good, "S256.")
    } else if methods.is_empty() {
        // Cognito checks it and does not say so.
        check("PKCE", Light::Good, "Sent along; the provider does not say whether it looks at it.")
    } else {
        check("PKCE", Light::Look, "The provider does not take S256, which Aviary sends.")
    }
}
