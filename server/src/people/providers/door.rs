//! Coming in through a provider: the way there, and the way back (OpenID Connect Core 1.0, 3.1, with PKCE, RFC 7636).

use super::{
    admit::{self, Admitted},
    client::{Client, Denied, Marks, NoClient},
    find, owner, refresh,
    refusal::Refusal,
    token,
};
use crate::{
    house::{ChanceExt as _, House},
    people::{
        claims, code_hash,
        limits::{self, Door},
        sessions,
    },
    store::people::{
        pending::{self, PendingRow},
        provider_sessions::{self, ProviderSessionRow},
        providers::ProviderRow,
    },
};
use app::model::{
    fault::{Fault, FaultKind},
    moment::{MINUTE, Moment},
    secret::Secret,
    viewer::{Origin, Via},
};
use serde::{Deserialize, Serialize};

/// How long somebody may take at the provider.
pub const PATIENCE: i64 = 10 * MINUTE;

/// How many sign-ins may be on their way at once. Everybody can begin one.
const AT_ONCE: i64 = 20_000;

/// A sign-in that begins.
pub struct Begun {
    /// What the browser keeps, in a cookie.
    pub handle: String,
    /// Where it goes.
    pub url: String,
}

/// What the provider sends back, in the address.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Returned {
    /// What becomes tokens.
    pub code: String,
    /// What we sent along.
    pub state: String,
    /// The provider's name for itself (RFC 9207).
    pub iss: Option<String>,
    /// Why it did not work.
    pub error: String,
}

/// Somebody who came in.
pub struct Entered {
    /// The code of their session.
    pub session: String,
    /// Where they wanted to go.
    pub next: String,
}

/// What is compared when somebody comes back.
#[derive(Serialize, Deserialize)]
struct Pending {
    state: String,
    nonce: String,
    verifier: String,
    next: String,
    fresh: bool,
    begun_at: Moment,
}

impl Pending {
    fn marks(&self) -> Marks<'_> {
        Marks { state: &self.state, nonce: &self.nonce, verifier: &self.verifier }
    }
}

/// Begins a sign-in. With `fresh`, the provider is to ask again who it is, even if it knows.
///
/// # Errors
/// `NotFound` where there is no such provider, `Unavailable` where it does not answer, `TooMany` where too many are on
/// their way.
pub async fn begin(house: &House, provider: &str, next: &str, fresh: bool, origin: &Origin) -> Result<Begun, Fault> {
    limits::try_again(house, Door::Provider, "", origin)?;
    limits::failed(house, Door::Provider, "", origin);
    let provider = usable(house, provider).await?;
    let client = client(house, &provider).await?;
    let now = house.now();
    let pending = Pending {
        state: house.chance.code(),
        nonce: house.chance.code(),
        verifier: house.chance.code(),
        next: next.chars().take(2_000).collect(),
        fresh,
        begun_at: now,
    };
    let url = client.sign_in_url(pending.marks(), fresh);
    let handle = house.chance.code();
    let hash = code_hash(&handle);
    let text = serde_json::to_string(&pending).map_err(|_| Fault::internal())?;
    let sealed = house.sealer.seal(&Secret::new(text), &hash, &*house.chance)?;
    let mut tx = house.store.begin().await?;
    if pending::count(&mut tx).await? >= AT_ONCE {
        return Err(Fault::new(FaultKind::TooMany, "Too many sign-ins are on their way. Try again in some minutes."));
    }
    let row = PendingRow { provider_id: provider.id.clone(), sealed, expires_at: now.plus(PATIENCE) };
    pending::insert(&mut tx, &hash, &row).await?;
    tx.commit().await?;
    Ok(Begun { handle, url })
}

/// Lets somebody in who comes back from a provider. `handle` is what their browser kept.
///
/// # Errors
/// Why not, for the person; `Unavailable` where the provider does not answer.
pub async fn enter(
    house: &House,
    provider: &str,
    handle: &str,
    returned: &Returned,
    origin: &Origin,
) -> Result<Entered, Fault> {
    let now = house.now();
    // Taken before anything is looked at: whoever guesses has one try.
    let pending = take(house, provider, handle, now).await?;
    if !same(&pending.state, &returned.state) {
        return Err(refused("This answer belongs to another sign-in. Begin again."));
    }
    let provider = usable(house, provider).await?;
    let client = client(house, &provider).await?;
    let discovery = &client.known().discovery;
    let told_apart = discovery.authorization_response_iss_parameter_supported;
    if returned.iss.as_ref().map_or(told_apart, |issuer| *issuer != discovery.issuer) {
        return Err(because(&provider, &Refusal::Issuer));
    }
    if !returned.error.is_empty() || returned.code.is_empty() {
        return Err(declined(&provider, &returned.error));
    }
    let tokens = client.redeem(&returned.code, pending.marks(), now).await.map_err(|why| denied(&provider, why))?;
    let claims = tokens.claims.unwrap_or_default();
    let earliest = pending.begun_at.plus(-token::SKEW);
    if pending.fresh && token::authenticated_at(&claims).is_none_or(|at| at < earliest) {
        return Err(because(&provider, &Refusal::NotFresh));
    }
    let Admitted { person, subject } = admit::admit(house, &provider, &claims, origin).await?;
    // Coming in through a provider is no proof of presence by itself: it may have known them already.
    let proven_at = token::authenticated_at(&claims).map_or(Moment(0), |at| at.min(now));
    let mut tx = house.store.begin().await?;
    let session = sessions::open(house, &mut tx, &person, Via::Provider, origin, proven_at).await?;
    let owner = owner(&provider.id, &subject);
    let seal = |secret: &Secret| house.sealer.seal(secret, &owner, &*house.chance);
    let row = ProviderSessionRow {
        first_hash: code_hash(&session),
        provider_id: provider.id.clone(),
        person_id: person,
        sid: claims::text(&claims, "sid").map(str::to_owned),
        sealed_refresh: tokens.refresh.as_ref().map(seal).transpose()?,
        sealed_hint: tokens.id_token.as_ref().map(seal).transpose()?,
        checked_at: now,
        check_due: now.plus(if tokens.refresh.is_some() { refresh::EVERY } else { refresh::UNCHECKED }),
        failing_since: None,
        tries: 0,
        subject,
    };
    provider_sessions::insert(&mut tx, &row).await?;
    tx.commit().await?;
    Ok(Entered { session, next: pending.next })
}

async fn take(house: &House, provider: &str, handle: &str, now: Moment) -> Result<Pending, Fault> {
    let hash = code_hash(handle);
    let mut tx = house.store.begin().await?;
    let row = pending::take(&mut tx, &hash).await?;
    tx.commit().await?;
    let row = row.filter(|row| row.expires_at > now && row.provider_id == provider).ok_or_else(|| {
        refused("This sign-in was begun in another browser, took longer than ten minutes, or was used already. Begin again.")
    })?;
    serde_json::from_str(house.sealer.open(&row.sealed, &hash)?.expose()).map_err(|_| Fault::internal())
}

fn same(kept: &str, came: &str) -> bool {
    subtle::ConstantTimeEq::ct_eq(kept.as_bytes(), came.as_bytes()).into()
}

async fn usable(house: &House, provider: &str) -> Result<ProviderRow, Fault> {
    let found = find(house, provider).await?.filter(|provider| provider.settings.enabled);
    found.ok_or_else(|| Fault::new(FaultKind::NotFound, "There is no such way to sign in, or it is switched off."))
}

async fn client<'a>(house: &'a House, provider: &'a ProviderRow) -> Result<Client<'a>, Fault> {
    Client::of(house, provider).await.map_err(|why| match why {
        NoClient::Away(why) => away(provider, &why),
        NoClient::Ours(fault) => fault,
    })
}

fn refused(says: impl Into<String>) -> Fault {
    Fault::new(FaultKind::Unauthenticated, says)
}

fn because(provider: &ProviderRow, refusal: &Refusal) -> Fault {
    tracing::warn!(provider = %provider.settings.name, %refusal, "a sign-in was refused");
    refused(format!(
        "Aviary does not accept what {} answered: {refusal}. Nobody was signed in. Try again; if it goes on, show this \
         page to an admin.",
        provider.settings.name
    ))
}

/// What is wrong there is for admins; everybody can see this page.
fn away(provider: &ProviderRow, why: &str) -> Fault {
    let name = &provider.settings.name;
    tracing::warn!(provider = %name, why, "a sign-in provider does not answer as it should");
    let says = format!(
        "{name} does not answer just now. Try again in a moment. If it goes on, tell an admin; whoever has a password \
         here can sign in with that."
    );
    Fault::new(FaultKind::Unavailable, says)
}

fn declined(provider: &ProviderRow, error: &str) -> Fault {
    let name = &provider.settings.name;
    let code: String = error.chars().filter(|c| c.is_ascii_lowercase() || *c == '_').take(40).collect();
    match code.as_str() {
        "access_denied" => refused(format!("You did not sign in at {name}, or may not use it for this.")),
        "temporarily_unavailable" | "server_error" => away(provider, &code),
        "" => refused(format!("{name} sent you back without an answer. Begin again.")),
        code => {
            tracing::warn!(provider = %name, code, "a sign-in provider refuses");
            refused(format!("{name} refuses this sign-in ({code}). An admin can test the provider in the settings."))
        }
    }
}

fn denied(provider: &ProviderRow, why: Denied) -> Fault {
    let name = &provider.settings.name;
    match why {
        Denied::Away(why) => away(provider, &why),
        Denied::Grant => refused(format!("{name} does not know this sign-in any more. Begin again.")),
        Denied::Client(code) => {
            let code: String = code.chars().filter(|c| c.is_ascii_lowercase() || *c == '_').take(40).collect();
            tracing::error!(provider = %name, code, "a sign-in provider does not take this client");
            let says = format!(
                "{name} does not take this console as its client ({code}). An admin has to look at the client \
                 identifier and the secret in the settings."
            );
            Fault::new(FaultKind::Unavailable, says)
        }
        Denied::Token(refusal) => because(provider, &refusal),
    }
}
