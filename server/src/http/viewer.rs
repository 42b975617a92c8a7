//! Who asks: from the session's cookie, or from an API key.

use super::{Front, api::problem::Problem};
use crate::people;
use app::model::{
    fault::Fault,
    viewer::{Origin, Viewer},
};
use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
    http::{
        HeaderName,
        header::{AUTHORIZATION, USER_AGENT},
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

/// Where a request came from.
pub fn origin(request: &Parts) -> Origin {
    let info = request.extensions.get::<ConnectInfo<SocketAddr>>();
    let header = |name: HeaderName| {
        let text = request.headers.get(name).and_then(|value| value.to_str().ok());
        text.map(|text| text.chars().take(300).collect())
    };
    Origin {
        address: info.map(|ConnectInfo(address)| address.ip().to_canonical().to_string()),
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

/// Finds the session of a request's cookie and notes who it is, for handlers and pages.
pub async fn from_session(State(front): State<Front>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let jar = CookieJar::from_headers(&parts.headers);
    let mut asker = Asker::default();
    if let Some(cookie) = jar.get(cookie_name(front.house.config.secure())) {
        match people::sessions::viewer(&front.house, cookie.value(), origin(&parts)).await {
            Ok(Some(viewer)) => asker = Asker { viewer: Some(viewer), session: Some(cookie.value().to_owned()) },
            Ok(None) => {}
            Err(fault) => return Problem(fault).into_response(),
        }
    }
    parts.extensions.insert(asker);
    next.run(Request::from_parts(parts, body)).await
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
