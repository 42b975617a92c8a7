//! Leads those to set up a second factor who have to have one and have none. Until then they can do nothing else.

use super::{Front, api::problem::Problem, forms::factors::SET_UP, viewer::Asker};
use crate::people::second;
use app::model::fault::Fault;
use axum::{
    extract::{Request, State},
    http::Method,
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};

/// What is open to them: the set-up itself, proving who they are, and leaving.
fn is_way_there(path: &str) -> bool {
    ["/settings/second", "/settings/passkeys", "/confirm-it-is-you", "/sign-out"]
        .iter()
        .any(|root| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// Lets those pass who have what they have to have, and leads the others. On the way there they hold no role, so that no
/// page around the set-up shows anything either.
pub async fn lead(State(front): State<Front>, mut request: Request, next: Next) -> Response {
    let asker = request.extensions().get::<Asker>().cloned().unwrap_or_default();
    let Asker { viewer: Some(mut viewer), session: Some(session) } = asker else { return next.run(request).await };
    match second::owes(&front.house, &viewer, &session).await {
        Ok(false) => next.run(request).await,
        Ok(true) if is_way_there(request.uri().path()) => {
            viewer.grants.clear();
            request.extensions_mut().insert(Asker { viewer: Some(viewer), session: Some(session) });
            next.run(request).await
        }
        Ok(true) if [Method::GET, Method::HEAD].contains(request.method()) => {
            Redirect::to(&format!("{SET_UP}?wanted=yes")).into_response()
        }
        Ok(true) => Problem(Fault::forbidden("Set up a second factor first.")).into_response(),
        Err(fault) => Problem(fault).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_way_there;

    #[test]
    fn only_the_way_to_a_second_factor_is_open() {
        for open in ["/settings/second", "/settings/second/confirm", "/settings/passkeys/new/options", "/sign-out"] {
            assert!(is_way_there(open), "{open}");
        }
        for closed in ["/", "/settings", "/settings/secondary", "/settings/people", "/call/tokens", "/live"] {
            assert!(!is_way_there(closed), "{closed}");
        }
    }
}
