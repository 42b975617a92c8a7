//! Live hits: a stream of server-sent events (HTML Living Standard, 9.2) for open pages.

use super::{Front, api::problem::Problem, viewer::SignedIn};
use crate::serve::stopped;
use app::model::viewer::Act;
use axum::{
    Router,
    extract::{Query, State},
    response::{
        IntoResponse, Sse,
        sse::{Event, KeepAlive},
    },
    routing::get,
};
use futures::StreamExt as _;
use serde::Deserialize;
use std::{convert::Infallible, time::Duration};
use tokio_stream::wrappers::{BroadcastStream, errors::BroadcastStreamRecvError};

/// The route of the stream.
pub fn routes() -> Router<Front> {
    Router::new().route("/live", get(live))
}

#[derive(Deserialize)]
struct Which {
    token: Option<String>,
    /// The number of what had happened when this page was begun.
    since: Option<u64>,
}

/// An event `hit` for each hit that the viewer may see, of one token or of all, and an event `change` for what is not
/// worth telling people: Aviary's own drills. It says what happened, not what it was: the page asks for that, and passes
/// the same checks as ever.
///
/// A page that says since when it is as it is hears an event `change` at once where something has happened meanwhile: it
/// was made before its stream was there, and perhaps while that happened.
async fn live(
    State(front): State<Front>,
    who: SignedIn,
    Query(which): Query<Which>,
) -> Result<impl IntoResponse, Problem> {
    who.viewer.must(Act::SeeHits)?;
    let rings = BroadcastStream::new(front.house.bell.listen());
    let missed = which
        .since
        .is_some_and(|since| since != front.house.bell.rung(|team| who.viewer.may(Act::SeeHits, Some(team))));
    let events = rings.filter_map(move |ring| {
        let event = match ring {
            Ok(ring) => {
                let wanted = which.token.as_deref().is_none_or(|token| token == ring.token_id.as_str());
                let visible = who.viewer.may(Act::SeeHits, Some(&ring.team_id));
                (wanted && visible).then(|| {
                    let data = serde_json::json!({ "token_id": ring.token_id, "hit_id": ring.hit_id });
                    let event = Event::default().event(if ring.drill { "change" } else { "hit" });
                    let event = event.data(data.to_string());
                    match &ring.hit_id {
                        Some(id) => event.id(id.as_str()),
                        None => event,
                    }
                })
            }
            // The page was slower than the hits: it must look again, whatever it missed.
            Err(BroadcastStreamRecvError::Lagged(_)) => Some(Event::default().event("hit").data("{}")),
        };
        std::future::ready(event.map(Ok::<_, Infallible>))
    });
    // The first comment goes out at once, so that the browser knows that it is connected.
    let hello = futures::stream::once(std::future::ready(Ok(Event::default().comment("listening"))));
    // It never ends by itself, and must not hold up a shut-down.
    let missed = missed.then(|| Ok(Event::default().event("change").data("{}")));
    let events = hello.chain(futures::stream::iter(missed)).chain(events).take_until(stopped(front.stop));
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}
