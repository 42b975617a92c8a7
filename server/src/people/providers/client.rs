//! Aviary as a client of a provider (OAuth 2.0, RFC 6749): the address at which people sign in, and the questions to its
//! token endpoint.

use super::{
    directory::{Directory, Known},
    jwt,
    refusal::Refusal,
    token::{self, Expected},
    wire::WireError,
};
use crate::{house::House, people::claims::Claims, store::people::providers::ProviderRow};
use app::model::{fault::Fault, moment::Moment, secret::Secret};
use openidconnect::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet, IssuerUrl,
    Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError,
    Scope, StandardErrorResponse, TokenResponse as _, TokenUrl,
    core::{
        CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreErrorResponseType, CoreJsonWebKeySet, CoreTokenResponse,
    },
};
use std::{sync::Arc, time::Duration};

type Inner = CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// Aviary as a client of one provider.
pub struct Client<'a> {
    directory: &'a Directory,
    provider: &'a ProviderRow,
    known: Arc<Known>,
    inner: Inner,
}

/// The random texts of one sign-in.
#[derive(Clone, Copy)]
pub struct Marks<'a> {
    /// Comes back with the answer.
    pub state: &'a str,
    /// Comes back in the token.
    pub nonce: &'a str,
    /// Shows at the token endpoint that it was us who asked (PKCE, RFC 7636).
    pub verifier: &'a str,
}

/// What the token endpoint gave, and what it says about the person.
pub struct Tokens {
    /// The claims of the ID token, checked; absent where a refresh gave none.
    pub claims: Option<Claims>,
    /// The ID token.
    pub id_token: Option<Secret>,
    /// The refresh token, if one was given.
    pub refresh: Option<Secret>,
}

/// Why there are no tokens.
#[derive(Debug)]
pub enum Denied {
    /// The provider does not answer, or does not answer as it should; why, for admins.
    Away(String),
    /// The code or the refresh token is not good (any more).
    Grant,
    /// The provider does not take this client: its identifier, its secret, or its settings there. Its code for that.
    Client(String),
    /// The token is not what it should be.
    Token(Refusal),
}

/// Why there is no client of a provider.
#[derive(Debug)]
pub enum NoClient {
    /// The provider cannot be asked about itself; why, for admins.
    Away(String),
    /// The fault is ours: its secret does not open.
    Ours(Fault),
}

/// The address to which a provider sends people back.
pub fn redirect_uri(house: &House, provider: &str) -> String {
    format!("{}/oidc/{provider}/callback", house.config.base_url)
}

impl<'a> Client<'a> {
    /// The client of this provider, which is asked about itself where too little is known.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn of(house: &'a House, provider: &'a ProviderRow) -> Result<Self, NoClient> {
        let directory = &house.providers;
        let known = directory.of(provider, house.now()).await.map_err(NoClient::Away)?;
        let secret = provider.sealed_secret.as_ref().map(|sealed| house.sealer.open(sealed, &provider.id)).transpose();
        let secret = secret.map_err(NoClient::Ours)?;
        let inner = inner(&known, &provider.settings.client_id, secret.as_ref(), redirect_uri(house, &provider.id));
        let inner =
            inner.map_err(|error| NoClient::Away(format!("an address of the provider cannot be used: {error}")))?;
        Ok(Self { directory, provider, known, inner })
    }

    /// What is known of the provider.
    pub fn known(&self) -> &Known {
        &self.known
    }

    /// The address at which somebody signs in. With `fresh`, they have to prove anew who they are.
    pub fn sign_in_url(&self, marks: Marks<'_>, fresh: bool) -> String {
        let (state, nonce) = (marks.state.to_owned(), marks.nonce.to_owned());
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(marks.verifier.to_owned()));
        let scopes = self.provider.settings.scopes.iter().filter(|scope| *scope != "openid");
        let mut request = self
            .inner
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .add_scopes(scopes.map(|scope| Scope::new(scope.clone())))
            .set_pkce_challenge(challenge);
        if fresh {
            request = request.add_prompt(CoreAuthPrompt::Login).set_max_age(Duration::ZERO);
        }
        request.url().0.into()
    }

    /// Makes tokens of a code.
    ///
    /// # Errors
    /// Why there are none.
    pub async fn redeem(&self, code: &str, marks: Marks<'_>, now: Moment) -> Result<Tokens, Denied> {
        let answer = self
            .inner
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(marks.verifier.to_owned()))
            .request_async(self.directory.wire())
            .await
            .map_err(|error| denied(&error))?;
        if answer.id_token().is_none() {
            return Err(Denied::Away("the token endpoint gave no ID token; is the scope `openid` allowed?".into()));
        }
        self.read(&answer, Some(marks.nonce), now).await
    }

    /// Asks whether all is still well, by a refresh token.
    ///
    /// # Errors
    /// Why there are no new tokens.
    pub async fn refresh(&self, token: &Secret, now: Moment) -> Result<Tokens, Denied> {
        let token = RefreshToken::new(token.expose().to_owned());
        let asked = self.inner.exchange_refresh_token(&token).request_async(self.directory.wire()).await;
        self.read(&asked.map_err(|error| denied(&error))?, None, now).await
    }

    async fn read(&self, answer: &CoreTokenResponse, nonce: Option<&str>, now: Moment) -> Result<Tokens, Denied> {
        let expected = Expected { client_id: &self.provider.settings.client_id, nonce, now };
        let mut claims = None;
        if let Some(id_token) = answer.id_token() {
            let checked = match token::verify(id_token, &self.known, &expected) {
                Err(Refusal::UnknownKey | Refusal::Signature) => {
                    // The provider may have changed its keys since they were read.
                    let newer = self.directory.with_new_keys(self.provider, &self.known, now).await;
                    let newer = newer.map_err(Denied::Away)?;
                    token::verify(id_token, &newer, &expected)
                }
                checked => checked,
            };
            claims = Some(checked.map_err(Denied::Token)?);
        }
        Ok(Tokens {
            claims,
            id_token: answer.id_token().map(|token| Secret::new(token.to_string())),
            refresh: answer.refresh_token().map(|token| Secret::new(token.secret().clone())),
        })
    }

    /// The claims of a token that came another way, if the provider signed it; nothing else is checked.
    ///
    /// # Errors
    /// Why it is not taken, or why the keys are not to be had.
    pub async fn signed(&self, text: &str, now: Moment) -> Result<jwt::Jwt, Denied> {
        let token = jwt::read(text).map_err(Denied::Token)?;
        match token.check(&self.known.keys) {
            Err(Refusal::UnknownKey | Refusal::Signature) => {
                let newer = self.directory.with_new_keys(self.provider, &self.known, now).await;
                token.check(&newer.map_err(Denied::Away)?.keys).map_err(Denied::Token)?;
            }
            checked => checked.map_err(Denied::Token)?,
        }
        Ok(token)
    }
}

fn inner(
    known: &Known,
    client_id: &str,
    secret: Option<&Secret>,
    redirect: String,
) -> Result<Inner, openidconnect::url::ParseError> {
    let discovery = &known.discovery;
    let issuer = IssuerUrl::new(discovery.issuer.clone())?;
    // The keys are handed to the check of each token, since they may be newer by then.
    let mut client = CoreClient::new(ClientId::new(client_id.to_owned()), issuer, CoreJsonWebKeySet::default());
    if let Some(secret) = secret {
        client = client.set_client_secret(ClientSecret::new(secret.expose().to_owned()));
    }
    let methods = &discovery.token_endpoint_auth_methods_supported;
    let has = |method: &str| methods.iter().any(|one| one == method);
    let auth = if has("client_secret_post") && !has("client_secret_basic") {
        AuthType::RequestBody
    } else {
        AuthType::BasicAuth
    };
    Ok(client
        .set_auth_type(auth)
        .set_redirect_uri(RedirectUrl::new(redirect)?)
        .set_auth_uri(AuthUrl::new(discovery.authorization_endpoint.clone())?)
        .set_token_uri(TokenUrl::new(discovery.token_endpoint.clone())?))
}

type Failed = RequestTokenError<WireError, StandardErrorResponse<CoreErrorResponseType>>;

/// What a failed question means. The answer itself is not repeated: tokens may stand in it.
fn denied(error: &Failed) -> Denied {
    match error {
        RequestTokenError::ServerResponse(answer) => match answer.error() {
            CoreErrorResponseType::InvalidGrant => Denied::Grant,
            CoreErrorResponseType::Extension(code) if code == "temporarily_unavailable" || code == "server_error" => {
                Denied::Away(format!("the token endpoint answers {code}"))
            }
            code => Denied::Client(AsRef::<str>::as_ref(code).to_owned()),
        },
        RequestTokenError::Request(why) => Denied::Away(why.to_string()),
        RequestTokenError::Parse(error, _) => {
            Denied::Away(format!("the token endpoint's answer cannot be read (at `{}`)", error.path()))
        }
        RequestTokenError::Other(why) => Denied::Away(why.clone()),
    }
}
