//! Signing out: from here, going on to the provider (RP-Initiated Logout 1.0, or Cognito's own way), and from there, by a
//! token that the provider posts (Back-Channel Logout 1.0).

use super::{
    client::{Client, Denied, NoClient},
    find, form, jwt, owner,
    refusal::Refusal,
    token::SKEW,
    wire,
};
use crate::{
    audit,
    house::House,
    people::{claims, code_hash, sessions},
    store::people::{
        self, identities, pending, provider_sessions, provider_sessions::ProviderSessionRow, providers::ProviderRow,
    },
};
use app::model::{
    fault::{Fault, FaultKind},
    moment::{MINUTE, Moment},
    provider::{ProviderKind, ProviderSettings},
    viewer::{Origin, Viewer},
};
use serde_json::Value;
use url::Url;

/// What makes a token one that ends sessions (Back-Channel Logout 1.0, 2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// How old such a token may be.
const OLDEST: i64 = 10 * MINUTE;

/// Where somebody goes on to who has signed out here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Onward {
    /// The provider's name.
    pub name: String,
    /// Its address for signing out.
    pub url: String,
}

/// Ends the session with this code; where to go on to, if it came through a provider that has a place for that.
///
/// # Errors
/// Where the database refuses.
pub async fn close(house: &House, session: &str, origin: &Origin) -> Result<Option<Onward>, Fault> {
    let row = provider_sessions::by_hash(&mut *house.store.read().await?, &code_hash(session)).await?;
    // Ended here in any case, and before the provider is asked for anything.
    sessions::close(house, session, origin).await?;
    let Some(row) = row else { return Ok(None) };
    let Some(provider) = find(house, &row.provider_id).await? else { return Ok(None) };
    let url = match way_out(house, &provider, &row).await {
        Ok(url) => url,
        Err(why) => {
            tracing::warn!(provider = %provider.settings.name, why, "nobody can go on to sign out there");
            None
        }
    };
    Ok(url.map(|url| Onward { name: provider.settings.name, url: url.into() }))
}

async fn way_out(house: &House, provider: &ProviderRow, row: &ProviderSessionRow) -> Result<Option<Url>, String> {
    let (settings, allowed) = (&provider.settings, house.providers.allowed());
    let back = format!("{}/signed-out", house.config.base_url);
    if settings.kind == ProviderKind::Cognito && !settings.domain.is_empty() {
        let mut url = form::domain(&settings.domain, allowed)?;
        url.set_path("/logout");
        url.query_pairs_mut().append_pair("client_id", &settings.client_id).append_pair("logout_uri", &back);
        return Ok(Some(url));
    }
    let known = house.providers.of(provider, house.now()).await?;
    let Some(end) = &known.discovery.end_session_endpoint else { return Ok(None) };
    let mut url = wire::address(end, allowed)?;
    let hint = row.sealed_hint.as_ref().map(|sealed| house.sealer.open(sealed, &owner(&provider.id, &row.subject)));
    if let Some(Ok(hint)) = &hint {
        url.query_pairs_mut().append_pair("id_token_hint", hint.expose());
    }
    url.query_pairs_mut().append_pair("client_id", &settings.client_id).append_pair("post_logout_redirect_uri", &back);
    Ok(Some(url))
}

/// Ends the sessions that a provider names by such a token; how many those were.
///
/// # Errors
/// `Malformed` where the token is not taken, and why; `Unavailable` where the provider's keys are not to be had.
pub async fn back_channel(house: &House, provider: &str, token: &str, origin: &Origin) -> Result<usize, Fault> {
    let row = find(house, provider).await?.filter(|row| row.settings.enabled);
    let row =
        row.ok_or_else(|| Fault::new(FaultKind::NotFound, "There is no such provider, or it is switched off."))?;
    let now = house.now();
    let client = Client::of(house, &row).await.map_err(|why| match why {
        NoClient::Away(why) => away(&row, &why),
        NoClient::Ours(fault) => fault,
    })?;
    let signed = client.signed(token, now).await.map_err(|why| match why {
        Denied::Token(refusal) => refused(&row, &refusal),
        Denied::Away(why) => away(&row, &why),
        Denied::Grant | Denied::Client(_) => Fault::internal(),
    })?;
    let asked = read(&signed, &row.settings, now).map_err(|refusal| refused(&row, &refusal))?;
    let mut tx = house.store.begin().await?;
    let until = now.plus(OLDEST + 2 * SKEW);
    if !pending::note_logout(&mut tx, &row.id, &code_hash(&asked.jti), until).await? {
        return Err(refused(&row, &Refusal::Again));
    }
    let meant = provider_sessions::meant(&mut tx, &row.id, asked.sid.as_deref(), asked.sub.as_deref()).await?;
    let viewer =
        Viewer { name: row.settings.name.clone(), origin: origin.clone(), ..Viewer::system("sign-in providers") };
    for session in &meant {
        people::sessions::delete_begun_with(&mut tx, &session.first_hash).await?;
    }
    if let Some(first) = meant.first() {
        let person = identities::person(&mut tx, &row.id, &first.subject).await?;
        let email = person.map(|person| person.email).unwrap_or_default();
        let detail = format!("{} ended: signed out at {}", meant.len(), row.settings.name);
        audit::note(house, &mut tx, &viewer, "session.end", &email, &detail).await?;
    }
    tx.commit().await?;
    Ok(meant.len())
}

fn refused(provider: &ProviderRow, refusal: &Refusal) -> Fault {
    tracing::warn!(provider = %provider.settings.name, %refusal, "a log-out token was refused");
    Fault::new(FaultKind::Malformed, format!("This is not taken: {refusal}."))
}

fn away(provider: &ProviderRow, why: &str) -> Fault {
    tracing::warn!(provider = %provider.settings.name, why, "a log-out token cannot be checked");
    Fault::new(FaultKind::Unavailable, "The provider's keys are not to be had just now. Try again later.")
}

/// What a token asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Asked {
    jti: String,
    sid: Option<String>,
    sub: Option<String>,
}

/// Reads a token whose signature fits (Back-Channel Logout 1.0, 2.6).
fn read(token: &jwt::Jwt, settings: &ProviderSettings, now: Moment) -> Result<Asked, Refusal> {
    let claims = &token.claims;
    let typ = token.header.typ.as_deref().map(str::to_ascii_lowercase);
    if typ.is_some_and(|typ| !["logout+jwt", "application/logout+jwt", "jwt"].contains(&typ.as_str())) {
        return Err(Refusal::NoLogout("its type is another one"));
    }
    if claims::text(claims, "iss") != Some(settings.issuer.as_str()) {
        return Err(Refusal::Issuer);
    }
    if !claims.get("aud").map(claims::values).unwrap_or_default().contains(&settings.client_id) {
        return Err(Refusal::Audience);
    }
    let made = claims::moment(claims, "iat").ok_or(Refusal::IssuedAt)?;
    if now.since(made) > OLDEST || made.since(now) > SKEW {
        return Err(Refusal::IssuedAt);
    }
    if claims::moment(claims, "exp").is_some_and(|until| now.since(until) >= SKEW) {
        return Err(Refusal::Expired);
    }
    if claims.contains_key("nonce") {
        return Err(Refusal::NoLogout("it has a nonce, as tokens for signing in have"));
    }
    let events = claims.get("events").and_then(Value::as_object);
    if !events.is_some_and(|events| events.get(EVENT).is_some_and(Value::is_object)) {
        return Err(Refusal::NoLogout("it does not name that event"));
    }
    let text = |name: &str| claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    let jti = text("jti").ok_or(Refusal::NoLogout("it has no identifier"))?;
    let (sid, sub) = (text("sid"), text("sub"));
    if sid.is_none() && sub.is_none() {
        return Err(Refusal::NoLogout("it names neither a session nor a person"));
    }
    Ok(Asked { jti, sid, sub })
}
