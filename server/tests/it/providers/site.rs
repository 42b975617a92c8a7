//! A provider of the test's own: it signs with real keys, checks what a provider has to check, and lies when it is told to.

use crate::house::ManualClock;
use aviary::house::Clock as _;
use axum::{
    Form, Json, Router,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::{
    hmac,
    rand::SystemRandom,
    rsa::{self, PublicKeyComponents},
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
        RsaEncoding,
    },
};
use serde_json::{Map, Value, json};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard},
};
use tokio::sync::Notify;

/// Aviary's identifier there, with a letter that has to be escaped.
pub const CLIENT: &str = "aviary+test";
/// Its secret there.
pub const SECRET: &str = "a secret/of:the client";
/// Whom every token is about, if nothing else is said.
pub const SUBJECT: &str = "subject-1";

/// How tokens are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    Es256,
    EdDsa,
    Rs256,
    Ps256,
}

/// What is wrong with the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    Right,
    /// By a key that is not published, under the name of the one that is.
    OtherKey,
    /// By a key that is not published, under its own name.
    UnknownKey,
    /// There is none.
    Nothing,
    /// HS256, with the public key as the secret: what a careless check takes for right.
    PublicKeyAsSecret,
    /// HS256 with the client's secret.
    ClientSecret,
    /// The claims were changed after the signature.
    Changed,
}

/// How a refresh is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresh {
    Good,
    /// `invalid_grant`.
    Gone,
    /// 503.
    Down,
}

enum Pair {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
    Rsa(Box<rsa::KeyPair>),
}

struct Key {
    kid: String,
    algorithm: Algorithm,
    pair: Pair,
}

impl Key {
    fn new(kid: &str, algorithm: Algorithm) -> Self {
        let chance = SystemRandom::new();
        let pair = match algorithm {
            Algorithm::Es256 => {
                let sort = &ECDSA_P256_SHA256_FIXED_SIGNING;
                let made = EcdsaKeyPair::generate_pkcs8(sort, &chance).unwrap();
                Pair::Es256(EcdsaKeyPair::from_pkcs8(sort, made.as_ref(), &chance).unwrap())
            }
            Algorithm::EdDsa => {
                let made = Ed25519KeyPair::generate_pkcs8(&chance).unwrap();
                Pair::EdDsa(Ed25519KeyPair::from_pkcs8(made.as_ref()).unwrap())
            }
            Algorithm::Rs256 | Algorithm::Ps256 => {
                let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/sns/signer.pem");
                let pem = std::fs::read_to_string(path).unwrap();
                let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
                Pair::Rsa(Box::new(rsa::KeyPair::from_pkcs8(&STANDARD.decode(body).unwrap()).unwrap()))
            }
        };
        Self { kid: kid.to_owned(), algorithm, pair }
    }

    fn alg(&self) -> &'static str {
        match self.algorithm {
            Algorithm::Es256 => "ES256",
            Algorithm::EdDsa => "EdDSA",
            Algorithm::Rs256 => "RS256",
            Algorithm::Ps256 => "PS256",
        }
    }

    fn public(&self) -> Vec<u8> {
        match &self.pair {
            Pair::Es256(pair) => pair.public_key().as_ref().to_vec(),
            Pair::EdDsa(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Rsa(pair) => pair.public().as_ref().to_vec(),
        }
    }

    fn jwk(&self) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let public = self.public();
        let mut jwk = match &self.pair {
            Pair::Es256(_) => {
                json!({ "kty": "EC", "crv": "P-256", "x": text(&public[1..33]), "y": text(&public[33..]) })
            }
            Pair::EdDsa(_) => json!({ "kty": "OKP", "crv": "Ed25519", "x": text(&public) }),
            Pair::Rsa(pair) => {
                let parts = PublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({ "kty": "RSA", "n": text(&parts.n), "e": text(&parts.e) })
            }
        };
        jwk["kid"] = self.kid.clone().into();
        jwk["use"] = "sig".into();
        jwk["alg"] = self.alg().into();
        jwk
    }

    fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        let chance = SystemRandom::new();
        match &self.pair {
            Pair::Es256(pair) => pair.sign(&chance, bytes).unwrap().as_ref().to_vec(),
            Pair::EdDsa(pair) => pair.sign(bytes).as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                let padding: &'static dyn RsaEncoding =
                    if self.algorithm == Algorithm::Ps256 { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
                pair.sign(padding, &chance, bytes, &mut signature).unwrap();
                signature
            }
        }
    }
}

struct Asked {
    nonce: Option<String>,
    challenge: String,
    redirect: String,
    max_age: bool,
}

/// What the provider does next.
pub struct Inner {
    /// Claims besides the usual ones, or in their place; null takes one away.
    pub claims: Map<String, Value>,
    /// The same for the head.
    pub header: Map<String, Value>,
    pub sign: Sign,
    /// The provider's name for itself on the way back; empty for none.
    pub iss: String,
    /// Its name for itself in its configuration.
    pub issuer: String,
    /// Whether it says that it names itself on the way back.
    pub announces_iss: bool,
    pub gives_refresh: bool,
    pub refresh: Refresh,
    /// Lets refreshes wait until it is notified.
    pub hold: Option<Arc<Notify>>,
    /// Answers 503 everywhere.
    pub down: bool,
    /// How often it was asked for its keys.
    pub keys_asked: usize,
    /// How often for a refresh.
    pub refreshed: usize,
    keys: Vec<Key>,
    codes: HashMap<String, Asked>,
    refresh_tokens: HashSet<String>,
    count: usize,
}

#[derive(Clone)]
pub struct Site {
    pub url: String,
    inner: Arc<Mutex<Inner>>,
    clock: Arc<ManualClock>,
}

impl Site {
    pub async fn start(clock: &Arc<ManualClock>) -> Self {
        Self::signing(clock, Algorithm::Es256).await
    }

    pub async fn signing(clock: &Arc<ManualClock>, algorithm: Algorithm) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let claims = json!({ "email": "ana@example.com", "email_verified": true, "groups": ["placers", "all"] });
        let inner = Inner {
            claims: claims.as_object().unwrap().clone(),
            header: Map::new(),
            sign: Sign::Right,
            iss: url.clone(),
            issuer: url.clone(),
            announces_iss: true,
            gives_refresh: true,
            refresh: Refresh::Good,
            hold: None,
            down: false,
            keys_asked: 0,
            refreshed: 0,
            keys: vec![Key::new("key-1", algorithm)],
            codes: HashMap::new(),
            refresh_tokens: HashSet::new(),
            count: 0,
        };
        let site = Self { url, inner: Arc::new(Mutex::new(inner)), clock: Arc::clone(clock) };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(configuration))
            .route("/jwks", get(jwks))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .with_state(site.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        site
    }

    pub fn set(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    /// Says this of people from now on; null takes a claim away.
    pub fn says(&self, claim: &str, value: Value) {
        self.set().claims.insert(claim.to_owned(), value);
    }

    /// Signs with another key from now on, which it publishes.
    pub fn change_key(&self) {
        let mut inner = self.set();
        let (kid, algorithm) = (format!("key-{}", inner.keys.len() + 1), inner.keys[0].algorithm);
        inner.keys.insert(0, Key::new(&kid, algorithm));
    }

    fn now(&self) -> i64 {
        self.clock.now().0 / 1_000
    }

    /// A token with these claims, signed as it is told to.
    pub fn token(&self, claims: Value, typ: &str) -> String {
        let inner = self.set();
        let key = &inner.keys[0];
        let other = Key::new("key-x", key.algorithm);
        let (signer, kid, alg) = match inner.sign {
            Sign::Right | Sign::Changed => (key, key.kid.as_str(), key.alg()),
            Sign::OtherKey => (&other, key.kid.as_str(), key.alg()),
            Sign::UnknownKey => (&other, "key-x", key.alg()),
            Sign::Nothing => (key, key.kid.as_str(), "none"),
            Sign::PublicKeyAsSecret | Sign::ClientSecret => (key, key.kid.as_str(), "HS256"),
        };
        let mut header = json!({ "alg": alg, "kid": kid, "typ": typ });
        merge(&mut header, &inner.header);
        let signed = format!("{}.{}", part(&header), part(&claims));
        let with =
            |secret: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed.as_bytes()).as_ref().to_vec();
        let signature = match inner.sign {
            Sign::Nothing => Vec::new(),
            Sign::PublicKeyAsSecret => with(&key.public()),
            Sign::ClientSecret => with(SECRET.as_bytes()),
            _ => signer.sign(signed.as_bytes()),
        };
        let mut signed = signed;
        if inner.sign == Sign::Changed {
            let mut changed = claims;
            changed["groups"] = json!(["placers", "admins"]);
            signed = format!("{}.{}", part(&header), part(&changed));
        }
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// The claims of an ID token, as the provider says them now.
    pub fn id_claims(&self, nonce: Option<&str>, asked_again: bool) -> Value {
        let now = self.now();
        // Whoever is not asked again has signed in there some time ago.
        let then = if asked_again { now } else { now - 3_600 };
        let mut claims = json!({
            "iss": self.url, "aud": CLIENT, "sub": SUBJECT, "iat": now, "exp": now + 3_600, "auth_time": then,
            "sid": "sid-1",
        });
        if let Some(nonce) = nonce {
            claims["nonce"] = nonce.into();
        }
        merge(&mut claims, &self.set().claims);
        claims
    }

    /// A token that ends sessions, with these claims besides.
    pub fn logout_token(&self, more: Value) -> String {
        let now = self.now();
        let mut claims = json!({
            "iss": self.url, "aud": [CLIENT], "iat": now, "exp": now + 120, "jti": format!("jti-{}", self.count()),
            "sub": SUBJECT,
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        merge(&mut claims, more.as_object().unwrap());
        self.token(claims, "logout+jwt")
    }

    fn count(&self) -> usize {
        let mut inner = self.set();
        inner.count += 1;
        inner.count
    }
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn merge(into: &mut Value, more: &Map<String, Value>) {
    let into = into.as_object_mut().unwrap();
    for (name, value) in more {
        match value {
            Value::Null => into.remove(name),
            value => into.insert(name.clone(), value.clone()),
        };
    }
}

fn down(site: &Site) -> Option<Response> {
    site.set().down.then(|| StatusCode::SERVICE_UNAVAILABLE.into_response())
}

async fn configuration(State(site): State<Site>) -> Response {
    if let Some(down) = down(&site) {
        return down;
    }
    let inner = site.set();
    let at = |path: &str| format!("{}/{path}", site.url);
    Json(json!({
        "issuer": inner.issuer,
        "authorization_endpoint": at("authorize"),
        "token_endpoint": at("token"),
        "jwks_uri": at("jwks"),
        "end_session_endpoint": at("end?tenant=1"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [inner.keys[0].alg(), "HS256"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "authorization_response_iss_parameter_supported": inner.announces_iss,
        "backchannel_logout_supported": true,
    }))
    .into_response()
}

async fn jwks(State(site): State<Site>) -> Response {
    if let Some(down) = down(&site) {
        return down;
    }
    let mut inner = site.set();
    inner.keys_asked += 1;
    let mut keys: Vec<_> = inner.keys.iter().map(Key::jwk).collect();
    // Keys of sorts that nobody here knows, and for other purposes, stand in real sets, too.
    keys.push(json!({ "kty": "XYZ", "kid": "odd" }));
    keys.push(json!({ "kty": "RSA", "kid": "for-encryption", "use": "enc", "n": "AQAB", "e": "AQAB" }));
    Json(json!({ "keys": keys })).into_response()
}

async fn authorize(State(site): State<Site>, Query(asked): Query<HashMap<String, String>>) -> Response {
    let text = |name: &str| asked.get(name).cloned().unwrap_or_default();
    assert_eq!((text("response_type").as_str(), text("client_id").as_str()), ("code", CLIENT));
    assert_eq!(text("code_challenge_method"), "S256");
    assert!(text("scope").split(' ').any(|scope| scope == "openid"), "{}", text("scope"));
    assert!(text("state").len() >= 43 && text("nonce").len() >= 43);
    let code = format!("code-{}", site.count());
    let max_age = text("max_age") == "0" && text("prompt") == "login";
    let entry = Asked {
        nonce: asked.get("nonce").cloned(),
        challenge: text("code_challenge"),
        redirect: text("redirect_uri"),
        max_age,
    };
    let mut back = url::Url::parse(&entry.redirect).unwrap();
    let mut inner = site.set();
    back.query_pairs_mut().append_pair("code", &code).append_pair("state", &text("state"));
    if !inner.iss.is_empty() {
        back.query_pairs_mut().append_pair("iss", &inner.iss);
    }
    inner.codes.insert(code, entry);
    (StatusCode::FOUND, [("location", back.to_string())]).into_response()
}

fn refused(error: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response()
}

/// Whether it is our client: each part is escaped as in a form (RFC 6749, 2.3.1).
fn is_client(headers: &HeaderMap) -> bool {
    let escaped = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let expected = STANDARD.encode(format!("{}:{}", escaped(CLIENT), escaped(SECRET)));
    headers.get("authorization").and_then(|value| value.to_str().ok()) == Some(format!("Basic {expected}").as_str())
}

async fn token(State(site): State<Site>, headers: HeaderMap, Form(form): Form<HashMap<String, String>>) -> Response {
    if let Some(down) = down(&site) {
        return down;
    }
    if !is_client(&headers) {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "error": "invalid_client" }))).into_response();
    }
    let text = |name: &str| form.get(name).cloned().unwrap_or_default();
    let (mut nonce, mut asked_again) = (None, false);
    match text("grant_type").as_str() {
        "authorization_code" => {
            let Some(asked) = site.set().codes.remove(&text("code")) else { return refused("invalid_grant") };
            let digest = ring::digest::digest(&ring::digest::SHA256, text("code_verifier").as_bytes());
            if URL_SAFE_NO_PAD.encode(digest) != asked.challenge || text("redirect_uri") != asked.redirect {
                return refused("invalid_grant");
            }
            (nonce, asked_again) = (asked.nonce, asked.max_age);
        }
        "refresh_token" => {
            let hold = {
                let mut inner = site.set();
                inner.refreshed += 1;
                inner.hold.clone()
            };
            if let Some(hold) = hold {
                hold.notified().await;
            }
            let mut inner = site.set();
            // One that is away takes no token.
            let good = matches!(inner.refresh, Refresh::Good);
            let known = good && inner.refresh_tokens.remove(&text("refresh_token"));
            match inner.refresh {
                Refresh::Good if known => {}
                Refresh::Down => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
                _ => return refused("invalid_grant"),
            }
        }
        _ => return refused("unsupported_grant_type"),
    }
    let id_token = site.token(site.id_claims(nonce.as_deref(), asked_again), "JWT");
    let mut answer =
        json!({ "access_token": "an-access-token", "token_type": "Bearer", "expires_in": 3_600, "id_token": id_token });
    let number = site.count();
    let mut inner = site.set();
    if inner.gives_refresh {
        // Each is good once: a client that keeps an old one is out.
        let refresh = format!("refresh-{number}");
        answer["refresh_token"] = refresh.clone().into();
        inner.refresh_tokens.insert(refresh);
    }
    Json(answer).into_response()
}
