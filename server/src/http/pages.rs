//! Rendering pages, and calling server functions.

use super::{Front, forms::with_next, guard::policy_of_page, viewer::Asker};
use crate::{house::ChanceExt as _, people::sessions};
use app::{
    api::{Desk, Reply},
    model::{fault::Fault, ids::TeamId, viewer::Act},
    shell::shell,
};
use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse as _, Redirect, Response},
};
use leptos::{nonce::Nonce, prelude::provide_context};

/// The most of a fault that is read to learn its kind, in bytes.
const LARGEST_FAULT: usize = 64 * 1024;

/// What the page and its server functions find in their context.
fn desk(front: &Front, asker: Asker) -> Desk {
    let may_see = |team: &TeamId| asker.viewer.as_ref().is_some_and(|viewer| viewer.may(Act::SeeHits, Some(team)));
    let rung = front.house.bell.rung(may_see);
    Desk {
        console: front.house.clone(),
        viewer: asker.viewer,
        now: front.house.now(),
        rung,
        base_url: front.house.config.base_url.as_str().into(),
        session: asker.session.as_deref().map(|code| sessions::name_of(code).into()),
    }
}

/// Pages that are there for somebody who is not signed in.
fn is_public(path: &str) -> bool {
    ["/sign-in", "/sign-in/second", "/forgot", "/signed-out"].contains(&path)
        || ["/setup/", "/join/", "/reset/", "/enter/", "/confirm/", "/acknowledge/", "/unsubscribe/", "/oidc/"]
            .iter()
            .any(|start| path.starts_with(start))
}

/// Any page, by its address.
pub async fn page(State(front): State<Front>, request: Request) -> Response {
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let asker = request.extensions().get::<Asker>().cloned().unwrap_or_default();
    if asker.viewer.is_none() && !is_public(request.uri().path()) {
        let here = request.uri().path_and_query().map_or("/", |here| here.as_str());
        return match here {
            "/" => Redirect::to("/sign-in"),
            here => Redirect::to(&with_next("/sign-in", here)),
        }
        .into_response();
    }
    render(&front, asker, request.uri().clone(), None).await
}

/// The page at this address, in reply to a form.
pub async fn reply(front: &Front, asker: Asker, path: &str, reply: Reply) -> Response {
    let status = match &reply {
        Reply::Refused { fault, .. } => StatusCode::from_u16(fault.status()).unwrap_or(StatusCode::BAD_REQUEST),
        _ => StatusCode::OK,
    };
    let retry_after = match &reply {
        Reply::Refused { fault, .. } => fault.retry_after,
        _ => None,
    };
    let uri = path.parse().unwrap_or_else(|_| Uri::from_static("/"));
    let mut response = render(front, asker, uri, Some(reply)).await;
    *response.status_mut() = status;
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

async fn render(front: &Front, asker: Asker, uri: Uri, reply: Option<Reply>) -> Response {
    let nonce = front.house.chance.code();
    let policy = policy_of_page(&nonce);
    let (desk, assets) = (desk(front, asker), front.assets.clone());
    let context = {
        let nonce = nonce.clone();
        move || {
            provide_context(desk.clone());
            provide_context(Nonce::from_value(nonce.clone()));
            if let Some(assets) = assets.clone() {
                provide_context(assets);
            }
            if let Some(reply) = reply.clone() {
                provide_context(reply);
            }
        }
    };
    // Pages are always rendered as an answer to GET: a refused form shows the page that it stands on.
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = uri;
    let mut response = leptos_axum::render_app_async_with_context(context, shell)(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// A server function, called by an island. Leptos answers every fault with 500; here each has its own status.
pub async fn server_function(State(front): State<Front>, request: Request) -> Response {
    let asker = request.extensions().get::<Asker>().cloned().unwrap_or_default();
    let desk = desk(&front, asker);
    let answer = leptos_axum::handle_server_fns_with_context(move || provide_context(desk.clone()), request).await;
    let (mut parts, body) = answer.into_response().into_parts();
    if parts.status != StatusCode::INTERNAL_SERVER_ERROR {
        return Response::from_parts(parts, body);
    }
    let said = to_bytes(body, LARGEST_FAULT).await.unwrap_or_default();
    if let Ok(fault) = serde_json::from_slice::<Fault>(&said) {
        parts.status = StatusCode::from_u16(fault.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    }
    Response::from_parts(parts, Body::from(said))
}
