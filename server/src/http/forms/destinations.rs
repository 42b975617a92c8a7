//! Forms about destinations, and the link in the mail that confirms one.

use super::{Outcome, act, fields::Fields, form, known, refuse_stranger};
use crate::{
    alerts,
    http::{
        Front,
        viewer::{From, SignedIn},
    },
};
use app::{
    api::Reply,
    model::{
        alert::{DestinationForm, DestinationState, Scope, SubscriptionForm},
        ids::{DestinationId, TokenId},
        moment::Moment,
        secret::Secret,
    },
};
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use std::time::Duration;

/// How long a page waits for the answer to a test.
const PATIENCE: Duration = Duration::from_secs(8);

/// `/destinations/new`, `/destinations/ID/…`, `/confirm/CODE`, `/acknowledge/CODE`
pub fn routes() -> Router<Front> {
    Router::new()
        .route("/destinations/new", form(create))
        .route("/destinations/{id}/confirm", act(confirm, "/destinations/{}"))
        .route("/destinations/{id}/code", act(code, "/destinations/{}"))
        .route("/destinations/{id}/rotate", act(rotate, "/destinations/{}"))
        .route("/destinations/{id}/reveal", act(reveal, "/destinations/{}"))
        .route("/destinations/{id}/test", act(test, "/destinations/{}"))
        .route("/destinations/{id}/remove", form(remove))
        .route("/destinations/{id}/replay", act(replay, "/destinations/{}"))
        .route("/confirm/{code}", form(follow))
        .route("/acknowledge/{code}", form(acknowledge))
}

async fn create(State(front): State<Front>, who: SignedIn, fields: Fields) -> Response {
    let asked = read(&fields);
    let made = alerts::create_destination(&front.house, &who.viewer, &asked).await;
    if let Ok(made) = &made
        && !fields.text("token").is_empty()
    {
        let scope = Scope::Token { token_id: TokenId(fields.own("token")) };
        let asked = SubscriptionForm::usual(made.destination.id.clone(), scope);
        // The destination is made, and its secret is shown this once: what it hears about can be mended on its page.
        if let Err(fault) = alerts::subscribe(&front.house, &who.viewer, &asked).await {
            tracing::warn!(%fault, "a new destination could not be subscribed to the token it was made for");
        }
    }
    let outcome = Outcome { front: &front, who, page: "/destinations/new", fields: &fields };
    outcome.show(made, |made| Reply::Destination(Box::new(made))).await
}

/// What was typed. A field of the kind's own is called `settings.` and its name, here and where it is refused.
fn read(fields: &Fields) -> DestinationForm {
    let settings = fields.pairs().iter().filter_map(|(name, value)| {
        let name = name.strip_prefix("settings.")?;
        Some((name.to_owned(), value.trim().to_owned()))
    });
    DestinationForm {
        kind: fields.own("kind"),
        address: fields.own("address"),
        name: fields.own("name"),
        team: fields.own("team"),
        secret: Some(fields.own("secret")).filter(|secret| !secret.trim().is_empty()).map(Secret::new),
        settings: settings.collect(),
    }
}

async fn confirm(State(front): State<Front>, who: SignedIn, Path(id): Path<DestinationId>, fields: Fields) -> Response {
    let done = alerts::confirm_again(&front.house, &who.viewer, &id).await;
    let page = format!("/destinations/{id}");
    Outcome { front: &front, who, page: &page, fields: &fields }
        .go(done, |asked| match (asked.state, &asked.last_error) {
            (DestinationState::Confirmed, _) => format!("{page}?done=confirmed"),
            (_, None) => format!("{page}?done=sent"),
            // The page says what failed.
            (_, Some(_)) => page.clone(),
        })
        .await
}

async fn code(State(front): State<Front>, who: SignedIn, Path(id): Path<DestinationId>, fields: Fields) -> Response {
    let done = alerts::confirm_typed(&front.house, &who.viewer, &id, fields.text("code")).await;
    let page = format!("/destinations/{id}");
    Outcome { front: &front, who, page: &page, fields: &fields }.go(done, |_| format!("{page}?done=confirmed")).await
}

async fn rotate(State(front): State<Front>, who: SignedIn, Path(id): Path<DestinationId>, fields: Fields) -> Response {
    let done = alerts::rotate_secret(&front.house, &who.viewer, &id).await;
    let page = format!("/destinations/{id}");
    Outcome { front: &front, who, page: &page, fields: &fields }
        .show(done, |rotated| Reply::Destination(Box::new(rotated)))
        .await
}

async fn reveal(State(front): State<Front>, who: SignedIn, Path(id): Path<DestinationId>, fields: Fields) -> Response {
    let done = alerts::reveal(&front.house, &who.viewer, &id).await;
    let page = format!("/destinations/{id}");
    Outcome { front: &front, who, page: &page, fields: &fields }.show(done, Reply::Address).await
}

async fn test(State(front): State<Front>, who: SignedIn, Path(id): Path<DestinationId>, fields: Fields) -> Response {
    let done = match alerts::test(&front.house, &who.viewer, &id).await {
        // The page then shows what was answered. Where that takes long, it says so, and can be looked at again.
        Ok(sent) => alerts::first_attempt(&front.house, &who.viewer, &sent, PATIENCE).await.map(|_| sent),
        Err(fault) => Err(fault),
    };
    let page = format!("/destinations/{id}");
    Outcome { front: &front, who, page: &page, fields: &fields }
        .go(done, |sent| format!("/deliveries/{sent}?done=tested"))
        .await
}

/// Sends again what the destination did not take.
async fn replay(State(front): State<Front>, who: SignedIn, Path(id): Path<DestinationId>, fields: Fields) -> Response {
    let expected = "a day, or a time such as 2027-03-01T14:00:00Z";
    let done = match known(Moment::parse(fields.text("from")), "from", expected) {
        Ok(from) => alerts::replay(&front.house, &who.viewer, &id, from, fields.text("all") == "on").await,
        Err(fault) => alerts::must_own(&front.house, &who.viewer, &id).await.and(Err(fault)),
    };
    let page = format!("/destinations/{id}");
    Outcome { front: &front, who, page: &page, fields: &fields }.go(done, |_| format!("{page}?done=replayed")).await
}

/// Whoever got an alert says that somebody is on it.
async fn acknowledge(State(front): State<Front>, Path(code): Path<String>, fields: Fields) -> Response {
    let page = format!("/acknowledge/{code}");
    match alerts::acknowledge::acknowledge_by_link(&front.house, &code).await {
        Ok(()) => Redirect::to(&format!("{page}?done=acknowledged")).into_response(),
        Err(fault) => refuse_stranger(&front, &page, &fields, fault).await,
    }
}

async fn remove(State(front): State<Front>, who: SignedIn, Path(id): Path<DestinationId>, fields: Fields) -> Response {
    let done = alerts::remove(&front.house, &who.viewer, &id).await;
    let page = format!("/destinations/{id}/remove");
    Outcome { front: &front, who, page: &page, fields: &fields }
        .go(done, |()| "/destinations?done=removed".to_owned())
        .await
}

async fn follow(State(front): State<Front>, Path(code): Path<String>, From(origin): From, fields: Fields) -> Response {
    let page = format!("/confirm/{code}");
    match alerts::confirm_by_code(&front.house, &code, &origin).await {
        Ok(()) => Redirect::to(&format!("{page}?done=confirmed")).into_response(),
        Err(fault) => refuse_stranger(&front, &page, &fields, fault).await,
    }
}
