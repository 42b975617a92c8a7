//! The link in each mail that ends its subscriptions. Mail programs post to it without showing a page (RFC 8058).

use super::{fields::Fields, form, refuse_stranger};
use crate::{
    alerts,
    http::{Front, viewer::From},
};
use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};

/// What a mail program posts, in whichever of the two forms of posting.
const ONE_CLICK: &[u8] = b"One-Click";

/// `/unsubscribe/CODE`
pub fn routes() -> Router<Front> {
    Router::new().route("/unsubscribe/{code}", form(leave))
}

async fn leave(State(front): State<Front>, Path(code): Path<String>, From(origin): From, body: Bytes) -> Response {
    let page = format!("/unsubscribe/{code}");
    match alerts::unsubscribe_by_link(&front.house, &code, origin).await {
        // A mail program follows no redirect, and nobody reads the answer.
        Ok(()) if body.windows(ONE_CLICK.len()).any(|part| part == ONE_CLICK) => "Unsubscribed.\n".into_response(),
        Ok(()) => Redirect::to(&format!("{page}?done=unsubscribed")).into_response(),
        Err(fault) => refuse_stranger(&front, &page, &Fields::default(), fault).await,
    }
}
