//! Second factors and passkeys: setting them up, and using them at the door.

use super::{Outcome, act, entry::come_in, fields::Fields, form, local, prove::proven, with_next};
use crate::{
    http::{
        Front,
        api::problem::Problem,
        viewer::{self, From, SignedIn},
    },
    people::{factors, passkeys, second, sessions},
};
use app::{
    api::Reply,
    model::{
        fault::Fault,
        ids::{PasskeyId, PersonId},
        secret::Secret,
    },
};
use axum::{
    Json, Router,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
    routing::post,
};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use serde_json::Value;

/// The page on which an app is set up, and to which those are led who have to have a second factor.
pub const SET_UP: &str = "/settings/second";

const ACCOUNT: &str = "/settings";
const CONFIRM: &str = "/confirm-it-is-you";

/// `/sign-in/second`, `/sign-in/passkey`, `/settings/second/…`, `/settings/passkeys/…`, and beside them where the browser
/// asks what a passkey has to sign
pub fn routes() -> Router<Front> {
    Router::new()
        .route("/sign-in/second", form(pass))
        .route("/sign-in/passkey", act(enter, "/sign-in"))
        .route("/sign-in/passkey/options", post(begin_to_enter))
        .route("/confirm-it-is-you/passkey", act(prove, CONFIRM))
        .route("/confirm-it-is-you/passkey/options", post(begin_to_enter))
        .route("/settings/second", form(begin))
        .route("/settings/second/confirm", act(confirm, SET_UP))
        .route("/settings/second/off", act(off, ACCOUNT))
        .route("/settings/second/recovery", act(renew, ACCOUNT))
        .route("/settings/passkeys/new", act(add, ACCOUNT))
        .route("/settings/passkeys/new/options", post(begin_to_add))
        .route("/settings/passkeys/{id}/remove", act(remove, ACCOUNT))
        .route("/settings/people/{id}/second/reset", act(reset, "/settings/people"))
}

/// The cookie that holds the ticket of a sign-in whose password was right.
pub fn ticket_cookie(secure: bool, code: String) -> Cookie<'static> {
    short_cookie(if secure { "__Host-aviary-second" } else { "aviary-second" }, secure, code)
}

/// The cookie that holds the handle of what the browser was asked to do with a passkey.
fn handle_cookie(secure: bool, code: String) -> Cookie<'static> {
    short_cookie(if secure { "__Host-aviary-passkey" } else { "aviary-passkey" }, secure, code)
}

/// What these cookies hold runs out at the server, after five minutes.
fn short_cookie(name: &'static str, secure: bool, code: String) -> Cookie<'static> {
    let mut cookie = viewer::cookie(secure, code);
    cookie.set_name(name);
    cookie.set_same_site(SameSite::Strict);
    cookie
}

/// The value of a cookie of this name, and the jar without it.
fn take(jar: CookieJar, mut cookie: Cookie<'static>) -> (String, CookieJar) {
    let value = jar.get(cookie.name()).map(|sent| sent.value().to_owned()).unwrap_or_default();
    cookie.make_removal();
    (value, jar.add(cookie))
}

async fn pass(State(front): State<Front>, From(origin): From, jar: CookieJar, fields: Fields) -> Response {
    let secure = front.house.config.secure();
    let next = local(fields.text("next")).to_owned();
    let ticket = jar.get(ticket_cookie(secure, String::new()).name()).map(|sent| sent.value().to_owned());
    let done = second::pass(&front.house, &ticket.unwrap_or_default(), fields.text("code"), &origin).await;
    let jar = if done.is_ok() { take(jar, ticket_cookie(secure, String::new())).1 } else { jar };
    come_in(&front, jar, &with_next("/sign-in/second", &next), &fields, done, &next, &origin).await
}

/// What the browser is asked for, and the cookie by which its answer is known.
fn ask(front: &Front, jar: CookieJar, begun: Result<(Value, String), Fault>) -> Response {
    match begun {
        Ok((options, handle)) => {
            (jar.add(handle_cookie(front.house.config.secure(), handle)), Json(options)).into_response()
        }
        Err(fault) => Problem(fault).into_response(),
    }
}

async fn begin_to_enter(State(front): State<Front>, From(origin): From, jar: CookieJar) -> Response {
    let begun = passkeys::begin_to_enter(&front.house, &origin).await;
    ask(&front, jar, begun)
}

async fn enter(State(front): State<Front>, From(origin): From, jar: CookieJar, fields: Fields) -> Response {
    let next = local(fields.text("next")).to_owned();
    let (handle, jar) = take(jar, handle_cookie(front.house.config.secure(), String::new()));
    let done = passkeys::enter(&front.house, &handle, fields.text("credential"), &origin).await;
    let (_, jar) = take(jar, ticket_cookie(front.house.config.secure(), String::new()));
    come_in(&front, jar, &with_next("/sign-in", &next), &fields, done, &next, &origin).await
}

async fn prove(
    State(front): State<Front>,
    who: SignedIn,
    From(origin): From,
    jar: CookieJar,
    fields: Fields,
) -> Response {
    let secure = front.house.config.secure();
    let next = local(fields.text("next")).to_owned();
    let (handle, jar) = take(jar, handle_cookie(secure, String::new()));
    let proved = passkeys::prove(&front.house, &who.viewer, &handle, fields.text("credential")).await;
    let renewed = match proved {
        Ok(()) => sessions::prove(&front.house, &who.session, &origin).await,
        Err(fault) => Err(fault),
    };
    match renewed {
        Ok(session) => proven(&front, who, session, jar, &next, &fields).await,
        Err(fault) => {
            let page = with_next(CONFIRM, &next);
            Outcome { front: &front, who, page: &page, fields: &fields }.refuse(fault).await
        }
    }
}

async fn begin(State(front): State<Front>, who: SignedIn, fields: Fields) -> Response {
    let done = factors::begin(&front.house, &who.viewer).await;
    Outcome { front: &front, who, page: SET_UP, fields: &fields }.go(done, |()| SET_UP.to_owned()).await
}

async fn confirm(State(front): State<Front>, who: SignedIn, fields: Fields) -> Response {
    let done = factors::confirm(&front.house, &who.viewer, fields.text("code")).await;
    with_codes(&front, who, SET_UP, &fields, done, "app-on").await
}

async fn off(State(front): State<Front>, who: SignedIn, fields: Fields) -> Response {
    let done = factors::off(&front.house, &who.viewer).await;
    Outcome { front: &front, who, page: ACCOUNT, fields: &fields }
        .go(done, |()| format!("{ACCOUNT}?done=app-off"))
        .await
}

async fn renew(State(front): State<Front>, who: SignedIn, fields: Fields) -> Response {
    let done = factors::renew(&front.house, &who.viewer).await;
    Outcome { front: &front, who, page: ACCOUNT, fields: &fields }.show(done, Reply::Recovery).await
}

async fn begin_to_add(State(front): State<Front>, who: SignedIn, jar: CookieJar) -> Response {
    let begun = passkeys::begin_to_add(&front.house, &who.viewer).await;
    ask(&front, jar, begun)
}

async fn add(State(front): State<Front>, who: SignedIn, jar: CookieJar, fields: Fields) -> Response {
    let (handle, jar) = take(jar, handle_cookie(front.house.config.secure(), String::new()));
    let (name, answered) = (fields.text("name"), fields.text("credential"));
    let done = passkeys::add(&front.house, &who.viewer, &handle, name, answered).await;
    (jar, with_codes(&front, who, ACCOUNT, &fields, done, "passkey-added").await).into_response()
}

async fn remove(State(front): State<Front>, who: SignedIn, Path(id): Path<PasskeyId>, fields: Fields) -> Response {
    let done = passkeys::remove(&front.house, &who.viewer, &id).await;
    Outcome { front: &front, who, page: ACCOUNT, fields: &fields }
        .go(done, |()| format!("{ACCOUNT}?done=passkey-removed"))
        .await
}

async fn reset(State(front): State<Front>, who: SignedIn, Path(id): Path<PersonId>, fields: Fields) -> Response {
    let done = second::reset(&front.house, &who.viewer, &id).await;
    Outcome { front: &front, who, page: "/settings/people", fields: &fields }
        .go(done, |()| "/settings/people?done=second-reset".to_owned())
        .await
}

/// Shows new recovery codes on the account page, if there are any; a refusal goes back to the form's own page.
async fn with_codes(
    front: &Front,
    who: SignedIn,
    page: &str,
    fields: &Fields,
    done: Result<Vec<Secret>, Fault>,
    word: &str,
) -> Response {
    match done {
        Ok(codes) if codes.is_empty() => Redirect::to(&format!("{ACCOUNT}?done={word}")).into_response(),
        Ok(codes) => Outcome { front, who, page: ACCOUNT, fields }.show(Ok(codes), Reply::Recovery).await,
        Err(fault) => Outcome { front, who, page, fields }.refuse(fault).await,
    }
}
