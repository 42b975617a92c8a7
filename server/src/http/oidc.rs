//! The way to a sign-in provider and back (OpenID Connect), and the address at which it ends sessions.

use super::{
    Front,
    forms::{entry::hand_over, fields::Fields, local},
    pages,
    viewer::{self, Asker, From},
};
use crate::people::providers::{
    door::{self, Returned},
    logout::{self, Onward},
};
use app::{
    api::Reply,
    model::fault::{Fault, FaultKind},
};
use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use axum_extra::extract::cookie::{Cookie, CookieJar};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::json;

/// `/oidc/PROVIDER/begin`, `/oidc/PROVIDER/callback`, `/oidc/PROVIDER/back-channel`
pub fn routes() -> Router<Front> {
    Router::new()
        .route("/oidc/{provider}/begin", get(begin))
        .route("/oidc/{provider}/callback", get(callback))
        .route("/oidc/{provider}/back-channel", post(back_channel))
}

/// What is no part of an identifier.
const ODD: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-');

/// The cookie that binds a sign-in to the browser in which it began; as the session's. The server forgets it after ten
/// minutes.
fn cookie(secure: bool, handle: String) -> Cookie<'static> {
    let mut cookie = viewer::cookie(secure, handle);
    cookie.set_name(if secure { "__Host-aviary-oidc" } else { "aviary-oidc" });
    cookie
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Begin {
    /// Where to go on to.
    next: String,
    /// Whether the provider is to ask again who it is.
    fresh: String,
}

/// A link and no form: a form's way may not leave this site.
async fn begin(
    State(front): State<Front>,
    Path(provider): Path<String>,
    Query(asked): Query<Begin>,
    From(origin): From,
    jar: CookieJar,
) -> Response {
    let next = local(&asked.next);
    match door::begin(&front.house, &provider, next, !asked.fresh.is_empty(), &origin).await {
        Ok(begun) => {
            let secure = front.house.config.secure();
            (jar.add(cookie(secure, begun.handle)), Redirect::to(&begun.url)).into_response()
        }
        Err(fault) => refuse(&front, &provider, fault).await,
    }
}

async fn callback(
    State(front): State<Front>,
    Path(provider): Path<String>,
    Query(returned): Query<Returned>,
    From(origin): From,
    jar: CookieJar,
) -> Response {
    let secure = front.house.config.secure();
    let mut kept = cookie(secure, String::new());
    let handle = jar.get(kept.name()).map(|cookie| cookie.value().to_owned()).unwrap_or_default();
    kept.make_removal();
    let jar = jar.add(kept);
    match door::enter(&front.house, &provider, &handle, &returned, &origin).await {
        Ok(entered) => hand_over(&front, jar, entered.session, local(&entered.next), &origin).await,
        Err(fault) => (jar, refuse(&front, &provider, fault).await).into_response(),
    }
}

/// The page that says why somebody did not come in, and what to do.
async fn refuse(front: &Front, provider: &str, fault: Fault) -> Response {
    let path = format!("/oidc/{}", utf8_percent_encode(provider, ODD));
    pages::reply(front, Asker::default(), &path, Reply::Refused { values: Vec::new(), fault }).await
}

/// Takes a log-out token (Back-Channel Logout 1.0, 2.5). It comes from the provider's server and no browser: the token is
/// the proof.
async fn back_channel(
    State(front): State<Front>,
    Path(provider): Path<String>,
    From(origin): From,
    fields: Fields,
) -> Response {
    match logout::back_channel(&front.house, &provider, fields.text("logout_token"), &origin).await {
        Ok(_) => StatusCode::OK.into_response(),
        Err(fault) => {
            let status = match fault.kind {
                FaultKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
                FaultKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
                // The specification has one answer for all that is wrong with what was sent.
                _ => StatusCode::BAD_REQUEST,
            };
            let body = json!({ "error": "invalid_request", "error_description": fault.message });
            (status, Json(body)).into_response()
        }
    }
}

/// The page from which somebody goes on to sign out at their provider. It is a page, because a form's answer may lead to no
/// other site.
pub(super) async fn onward(front: &Front, jar: CookieJar, onward: Onward) -> Response {
    let reply = Reply::Onward { name: onward.name, url: onward.url };
    (jar, pages::reply(front, Asker::default(), "/signed-out", reply).await).into_response()
}
