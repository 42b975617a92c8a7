//! Coming in and going out.

use super::{act, factors::ticket_cookie, fields::Fields, form, local, refuse_stranger, with_next};
use crate::{
    http::{
        Front, oidc,
        viewer::{self, From, SignedIn},
    },
    people::{
        entry::{self, Entered},
        known, providers, reset, sessions, sign_in_link,
    },
};
use app::model::{fault::Fault, viewer::Origin};
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::cookie::CookieJar;

/// `/sign-in`, `/sign-out`, `/setup/CODE`, `/join/CODE`, `/forgot`, `/reset/CODE`, `/enter/CODE`
pub fn routes() -> Router<Front> {
    Router::new()
        .route("/sign-in", form(sign_in))
        .route("/sign-out", act(sign_out, "/"))
        .route("/setup/{code}", form(set_up))
        .route("/join/{code}", form(join))
        .route("/forgot", form(forgot))
        .route("/reset/{code}", form(choose_password))
        .route("/enter/{code}", form(enter))
}

async fn sign_in(State(front): State<Front>, From(origin): From, jar: CookieJar, fields: Fields) -> Response {
    let secure = front.house.config.secure();
    let (email, password) = (fields.text("email"), fields.text("password"));
    let mark = jar.get(viewer::known_name(secure)).map(|cookie| cookie.value().to_owned());
    let done = entry::sign_in(&front.house, email, password, mark.as_deref(), origin.clone()).await;
    let next = local(fields.text("next")).to_owned();
    let page = with_next("/sign-in", &next);
    // The password was right, so this is one of its owner's browsers.
    let known = || viewer::known_cookie(secure, &known::mark(&front.house, email));
    match done {
        Ok(Entered::In(session)) => {
            let jar = jar.add(known());
            come_in(&front, jar, &page, &fields, Ok(session), &next, &origin).await
        }
        Ok(Entered::Second(ticket)) => {
            let jar = jar.add(known()).add(ticket_cookie(secure, ticket));
            (jar, Redirect::to(&with_next("/sign-in/second", &next))).into_response()
        }
        Err(fault) => refuse_stranger(&front, &page, &fields, fault).await,
    }
}

async fn set_up(
    State(front): State<Front>,
    Path(code): Path<String>,
    From(origin): From,
    jar: CookieJar,
    fields: Fields,
) -> Response {
    let (email, password, team) = (fields.text("email"), fields.text("password"), fields.text("team"));
    let done = entry::set_up(&front.house, &code, email, password, team, origin.clone()).await;
    come_in(&front, jar, &format!("/setup/{code}"), &fields, done, "/", &origin).await
}

async fn join(
    State(front): State<Front>,
    Path(code): Path<String>,
    From(origin): From,
    jar: CookieJar,
    fields: Fields,
) -> Response {
    let done = entry::accept(&front.house, &code, fields.text("password"), origin.clone()).await;
    come_in(&front, jar, &format!("/join/{code}"), &fields, done, "/", &origin).await
}

async fn forgot(State(front): State<Front>, From(origin): From, fields: Fields) -> Response {
    match reset::ask(&front.house, fields.text("email"), &origin) {
        Ok(()) => Redirect::to("/forgot?done=asked").into_response(),
        Err(fault) => refuse_stranger(&front, "/forgot", &fields, fault).await,
    }
}

async fn choose_password(
    State(front): State<Front>,
    Path(code): Path<String>,
    From(origin): From,
    fields: Fields,
) -> Response {
    match reset::finish(&front.house, &code, fields.text("password"), &origin).await {
        // Not signed in: a second factor is asked for as ever.
        Ok(()) => Redirect::to("/sign-in?done=password-reset").into_response(),
        Err(fault) => refuse_stranger(&front, &format!("/reset/{code}"), &fields, fault).await,
    }
}

async fn enter(
    State(front): State<Front>,
    Path(code): Path<String>,
    From(origin): From,
    jar: CookieJar,
    fields: Fields,
) -> Response {
    let done = sign_in_link::enter(&front.house, &code, &origin).await;
    come_in(&front, jar, &format!("/enter/{code}"), &fields, done, "/", &origin).await
}

/// Hands over a session that was opened, and goes on to `next`.
pub(in crate::http) async fn hand_over(
    front: &Front,
    jar: CookieJar,
    session: String,
    next: &str,
    origin: &Origin,
) -> Response {
    let secure = front.house.config.secure();
    // A session that was open before in this browser ends: somebody else may have left it.
    if let Some(before) = jar.get(viewer::cookie_name(secure))
        && let Err(fault) = sessions::replace(&front.house, before.value(), origin).await
    {
        tracing::warn!(%fault, "an earlier session could not be ended");
    }
    (jar.add(viewer::cookie(secure, session)), Redirect::to(next)).into_response()
}

/// Hands over a session that was opened, and goes on to `next`; or back to the page, with what was wrong.
pub(in crate::http) async fn come_in(
    front: &Front,
    jar: CookieJar,
    page: &str,
    fields: &Fields,
    done: Result<String, Fault>,
    next: &str,
    origin: &Origin,
) -> Response {
    match done {
        Ok(session) => hand_over(front, jar, session, next, origin).await,
        Err(fault) => refuse_stranger(front, page, fields, fault).await,
    }
}

async fn sign_out(State(front): State<Front>, who: SignedIn, jar: CookieJar) -> Response {
    let onward = match providers::logout::close(&front.house, &who.session, &who.viewer.origin).await {
        Ok(onward) => onward,
        Err(fault) => return crate::http::api::problem::Problem(fault).into_response(),
    };
    let mut gone = viewer::cookie(front.house.config.secure(), String::new());
    gone.make_removal();
    let jar = jar.add(gone);
    match onward {
        Some(onward) => oidc::onward(&front, jar, onward).await,
        None => (jar, Redirect::to("/sign-in?done=signed-out")).into_response(),
    }
}
