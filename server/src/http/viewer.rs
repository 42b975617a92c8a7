//! Who asks: from the session's cookie, or from an API key.

use super::{Front, api::problem::Problem, forwarded::Client};
use crate::people;
use app::model::{
    fault::Fault,
    viewer::{Origin, Viewer},
};
use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
    http::{
        HeaderName, HeaderValue,
        header::{AUTHORIZATION, SET_COOKIE, USER_AGENT},
        request::Parts,
    },
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use std::{convert::Infallible, net::SocketAddr};

/// Who asks, if somebody is signed in, and the code of their session.
#[derive(Clone, Debug, Default)]
pub struct Asker {
    /// Who.
    pub viewer: Option<Viewer>,
    /// The code in their cookie, if it holds.
    pub session: Option<String>,
}

/// The name of the session's cookie. On https it has the `__Host-` prefix (RFC 6265bis, 4.1.3.2): no other host and no
/// plain connection can set it.
pub fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-aviary" } else { "aviary" }
}

/// The cookie that holds a session's code.
pub fn cookie(secure: bool, code: String) -> Cookie<'static> {
    let mut cookie = Cookie::new(cookie_name(secure), code);
    cookie.set_path("/");
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Lax);
    cookie.set_secure(secure);
    // No `Max-Age`: the browser forgets it when it closes, and the server ends it earlier when it is idle.
    cookie
}

/// The name of the cookie by which a browser is known that somebody has signed in with before.
pub fn known_name(secure: bool) -> &'static str {
    if secure { "__Host-aviary-known" } else { "aviary-known" }
}

/// The cookie by which such a browser is known.
pub fn known_cookie(secure: bool, mark: &str) -> Cookie<'static> {
    lasting(secure, known_name(secure), mark, people::known::DAYS * 86_400)
}

/// A cookie that lasts for so many seconds. What it holds is one of our own codes.
fn lasting(secure: bool, name: &'static str, value: &str, seconds: i64) -> Cookie<'static> {
    let flags = if secure { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{flags}");
    Cookie::parse(text).unwrap_or_else(|_| Cookie::new(name, ""))
}

/// Where a request came from.
pub fn origin(request: &Parts) -> Origin {
    let peer = || {
        let info = request.extensions.get::<ConnectInfo<SocketAddr>>();
        info.map(|ConnectInfo(address)| address.ip().to_canonical())
    };
    let client = request.extensions.get::<Client>().map(|Client(address)| *address);
    let header = |name: HeaderName| {
        let text = request.headers.get(name).and_then(|value| value.to_str().ok());
        text.map(|text| text.chars().take(300).collect())
    };
    Origin {
        address: client.or_else(peer).map(|address| address.to_string()),
        request_id: header(HeaderName::from_static("x-request-id")),
        agent: header(USER_AGENT),
    }
}

/// [`origin`] for handlers whose caller nobody knows yet.
pub struct From(pub Origin);

impl<S: Sync> FromRequestParts<S> for From {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self(origin(parts)))
    }
}

/// Finds the session of a request's cookie and notes who it is, for handlers and pages. Where the session got another
/// code, the answer brings it.
pub async fn from_session(State(front): State<Front>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let jar = CookieJar::from_headers(&parts.headers);
    let secure = front.house.config.secure();
    let (mut asker, mut renewed) = (Asker::default(), None);
    if let Some(brought) = jar.get(cookie_name(secure)) {
        match people::sessions::find(&front.house, brought.value(), origin(&parts)).await {
            Ok(Some(found)) => {
                let code = found.renewed.as_deref().unwrap_or(brought.value()).to_owned();
                asker = Asker { viewer: Some(found.viewer), session: Some(code) };
                renewed = found.renewed;
            }
            Ok(None) => {}
            Err(fault) => return Problem(fault).into_response(),
        }
    }
    parts.extensions.insert(asker);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Some(code) = renewed {
        bring(&mut response, secure, code);
    }
    response
}

/// Puts a session's new code into an answer, unless this already sets the cookie: somebody has just signed in or out.
fn bring(response: &mut Response, secure: bool, code: String) {
    let start = format!("{}=", cookie_name(secure));
    let mut set = response.headers().get_all(SET_COOKIE).iter();
    if set.any(|value| value.as_bytes().starts_with(start.as_bytes())) {
        return;
    }
    if let Ok(value) = HeaderValue::from_str(&cookie(secure, code).to_string()) {
        response.headers_mut().append(SET_COOKIE, value);
    }
}

/// The holder of the API key in `Authorization: Bearer …`; a handler that takes this can only be reached with one.
pub struct KeyHolder(pub Viewer);

impl FromRequestParts<Front> for KeyHolder {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, front: &Front) -> Result<Self, Problem> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let key = match header.split_once(' ') {
            Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => key.trim(),
            _ => "",
        };
        match people::api_keys::viewer(&front.house, key, origin(parts)).await? {
            Some(viewer) => Ok(Self(viewer)),
            None => {
                let mut fault = Fault::unauthenticated();
                "Send an API key that is not revoked: `Authorization: Bearer avy_…`.".clone_into(&mut fault.message);
                Err(Problem(fault))
            }
        }
    }
}

/// The person who is signed in; a handler that takes this can only be reached by one.
pub struct SignedIn {
    /// Who.
    pub viewer: Viewer,
    /// The code of their session.
    pub session: String,
}

impl FromRequestParts<Front> for SignedIn {
    type Rejection = axum::response::Redirect;

    async fn from_request_parts(parts: &mut Parts, _front: &Front) -> Result<Self, Self::Rejection> {
        match parts.extensions.get::<Asker>().cloned().unwrap_or_default() {
            Asker { viewer: Some(viewer), session: Some(session) } => Ok(Self { viewer, session }),
            _ => Err(axum::response::Redirect::to("/sign-in")),
        }
    }
}
