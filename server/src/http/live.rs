//! Live hits: a stream of server-sent events (HTML Living Standard, 9.2) for open pages.

use super::{Front, api::problem::Problem, viewer::SignedIn};
use crate::{
    live::{Bell, HitRing},
    serve::stopped,
};
use app::model::viewer::{Act, Viewer};
use axum::{
    Router,
    extract::{Query, State},
    response::{
        IntoResponse, Sse,
        sse::{Event, KeepAlive},
    },
    routing::get,
};
use futures::{StreamExt as _, stream};
use serde::Deserialize;
use std::{convert::Infallible, future::ready, time::Duration};
use tokio::sync::broadcast::{Receiver, error::RecvError};

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

/// What an open page hears.
struct Line {
    bell: Bell,
    viewer: Viewer,
    /// Only of this token.
    token: Option<String>,
    rings: Receiver<HitRing>,
    /// What [`Bell::rung`] gives once all is heard that was rung until now.
    known: u64,
}

impl Line {
    fn new(bell: Bell, viewer: Viewer, token: Option<String>) -> Self {
        let (rings, known) = listen(&bell, &viewer);
        Self { bell, viewer, token, rings, known }
    }

    /// The next event; `None` where nothing will be rung any more.
    async fn next(&mut self) -> Option<Event> {
        loop {
            match self.rings.recv().await {
                Ok(ring) => {
                    let visible = self.viewer.may(Act::SeeHits, Some(&ring.team_id));
                    self.known += u64::from(visible);
                    if visible && self.token.as_deref().is_none_or(|token| token == ring.token_id.as_str()) {
                        return Some(event_of(&ring));
                    }
                }
                // The page was slower than the hits: it must look again, if any of them was for its viewer to see.
                Err(RecvError::Lagged(_)) => {
                    let before = self.known;
                    (self.rings, self.known) = listen(&self.bell, &self.viewer);
                    if self.known != before {
                        return Some(Event::default().event("hit").data("{}"));
                    }
                }
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

fn listen(bell: &Bell, viewer: &Viewer) -> (Receiver<HitRing>, u64) {
    bell.listen_since(|team| viewer.may(Act::SeeHits, Some(team)))
}

fn event_of(ring: &HitRing) -> Event {
    let data = serde_json::json!({ "token_id": ring.token_id, "hit_id": ring.hit_id });
    let event = Event::default().event(if ring.drill { "change" } else { "hit" }).data(data.to_string());
    match &ring.hit_id {
        Some(id) => event.id(id.as_str()),
        None => event,
    }
}

/// An event `hit` for each hit that the viewer may see, of one token or of all, and an event `change` for what is not
/// worth telling people: Aviary's own drills. It says what happened, not what it was: the page asks for that, and passes
/// the same checks as ever.
///
/// A page that says since when it is as it is hears an event `change` at once where something has happened meanwhile: it
/// was made before its stream was there, and perhaps while that happened. Where another replica made it, it always does.
async fn live(
    State(front): State<Front>,
    who: SignedIn,
    Query(which): Query<Which>,
) -> Result<impl IntoResponse, Problem> {
    who.viewer.must(Act::SeeHits)?;
    let line = Line::new(front.house.bell.clone(), who.viewer, which.token);
    let missed = which.since.is_some_and(|since| since != line.known);
    let events = stream::unfold(line, async |mut line| line.next().await.map(|event| (event, line)));
    // The first comment goes out at once, so that the browser knows that it is connected.
    let hello = stream::once(ready(Event::default().comment("listening")));
    let missed = stream::iter(missed.then(|| Event::default().event("change").data("{}")));
    // It never ends by itself, and must not hold up a shut-down.
    let events = hello.chain(missed).chain(events).take_until(stopped(front.stop));
    Ok(Sse::new(events.map(Ok::<_, Infallible>)).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}
