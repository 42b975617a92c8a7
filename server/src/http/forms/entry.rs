//! Coming in and going out.

use super::{act, fields::Fields, form, local, refuse_stranger};
use crate::{
    http::{
        Front, oidc,
        viewer::{self, From, SignedIn},
    },
    people::{entry, providers, sessions},
};
use app::model::fault::Fault;
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::cookie::CookieJar;

/// `/sign-in`, `/sign-out`, `/setup/CODE`, `/join/CODE`
pub fn routes() -> Router<Front> {
    Router::new()
        .route("/sign-in", form(sign_in))
        .route("/sign-out", act(sign_out, "/"))
        .route("/setup/{code}", form(set_up))
        .route("/join/{code}", form(join))
}

async fn sign_in(State(front): State<Front>, From(origin): From, jar: CookieJar, fields: Fields) -> Response {
    let done = entry::sign_in(&front.house, fields.text("email"), fields.text("password"), origin).await;
    let next = local(fields.text("next")).to_owned();
    let page =
        format!("/sign-in?next={}", percent_encoding::utf8_percent_encode(&next, percent_encoding::NON_ALPHANUMERIC));
    come_in(&front, jar, &page, &fields, done, &next).await
}

async fn set_up(
    State(front): State<Front>,
    Path(code): Path<String>,
    From(origin): From,
    jar: CookieJar,
    fields: Fields,
) -> Response {
    let (email, password, team) = (fields.text("email"), fields.text("password"), fields.text("team"));
    let done = entry::set_up(&front.house, &code, email, password, team, origin).await;
    come_in(&front, jar, &format!("/setup/{code}"), &fields, done, "/").await
}

async fn join(
    State(front): State<Front>,
    Path(code): Path<String>,
    From(origin): From,
    jar: CookieJar,
    fields: Fields,
) -> Response {
    let done = entry::accept(&front.house, &code, fields.text("password"), origin).await;
    come_in(&front, jar, &format!("/join/{code}"), &fields, done, "/").await
}

async fn come_in(
    front: &Front,
    jar: CookieJar,
    page: &str,
    fields: &Fields,
    done: Result<String, Fault>,
    next: &str,
) -> Response {
    match done {
        Ok(session) => {
            let secure = front.house.config.secure();
            // A session that was open before in this browser ends: somebody else may have left it.
            if let Some(before) = jar.get(viewer::cookie_name(secure))
                && let Err(fault) = sessions::close(&front.house, before.value()).await
            {
                tracing::warn!(%fault, "an earlier session could not be ended");
            }
            (jar.add(viewer::cookie(secure, session)), Redirect::to(next)).into_response()
        }
        Err(fault) => refuse_stranger(front, page, fields, fault).await,
    }
}

async fn sign_out(State(front): State<Front>, who: SignedIn, jar: CookieJar) -> Response {
    let onward = match providers::logout::close(&front.house, &who.session).await {
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
