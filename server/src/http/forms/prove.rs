//! Showing once more that it is really them, on the way to something sensitive.
//!
//! A form that was refused for that reason posts here first, with what was typed. That is taken along in the page's own
//! form, and shown again on the page that was left: nothing is lost, and no address carries it.

use super::{Outcome, fields::Fields, form, local, with_next};
use crate::{
    http::{
        Front, pages,
        viewer::{self, Asker, SignedIn},
    },
    people::fresh,
};
use app::{api::Reply, model::viewer::Viewer};
use axum::{
    Router,
    extract::{Query, State},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;

const PAGE: &str = "/confirm-it-is-you";
/// How the names of fields begin that are taken along.
const KEPT: &str = "kept.";

/// `/confirm-it-is-you`
pub fn routes() -> Router<Front> {
    Router::new().route("/confirm-it-is-you", form(prove))
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    next: String,
}

async fn prove(
    State(front): State<Front>,
    who: SignedIn,
    Query(asked): Query<Asked>,
    jar: CookieJar,
    fields: Fields,
) -> Response {
    let next = local(&asked.next).to_owned();
    let page = with_next(PAGE, &next);
    if fields.text("prove").is_empty() {
        let values = fields.to_show().into_iter().map(|(name, value)| (format!("{KEPT}{name}"), value)).collect();
        let asker = Asker { viewer: Some(who.viewer), session: Some(who.session) };
        return pages::reply(&front, asker, &page, Reply::Typed { values }).await;
    }
    let done = fresh::by_password(&front.house, &who.viewer, &who.session, fields.text("password")).await;
    match done {
        Ok(session) => proven(&front, who, session, jar, &next, &fields).await,
        Err(fault) => Outcome { front: &front, who, page: &page, fields: &fields }.refuse(fault).await,
    }
}

/// Goes back to the page that was left, with the session's new code.
pub(in crate::http) async fn proven(
    front: &Front,
    who: SignedIn,
    session: String,
    jar: CookieJar,
    next: &str,
    fields: &Fields,
) -> Response {
    let jar = jar.add(viewer::cookie(front.house.config.secure(), session.clone()));
    let kept =
        fields.pairs().iter().filter_map(|(name, value)| Some((name.strip_prefix(KEPT)?.to_owned(), value.clone())));
    let values: Vec<_> = kept.collect();
    let back = format!("{next}{}done=proven", if next.contains('?') { '&' } else { '?' });
    if values.is_empty() {
        return (jar, Redirect::to(&back)).into_response();
    }
    let viewer = Viewer { proven_at: Some(front.house.now()), ..who.viewer };
    let asker = Asker { viewer: Some(viewer), session: Some(session) };
    (jar, pages::reply(front, asker, &back, Reply::Typed { values }).await).into_response()
}
