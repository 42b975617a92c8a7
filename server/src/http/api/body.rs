//! Reading JSON bodies and query strings, with refusals that say where and what was expected.

use super::problem::Problem;
use crate::http::Front;
use app::model::fault::{Fault, FaultKind};
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request, rejection::BytesRejection},
    http::{StatusCode, request::Parts},
};
use serde::de::DeserializeOwned;

/// A JSON body.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Front> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, front: &Front) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, front).await.map_err(unreadable)?;
        if memchr::memmem::find(&bytes, br"\u0000").is_some() {
            return Err(Problem(Fault::new(FaultKind::Malformed, "The body has a text with a NUL character.")));
        }
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            // A body of the wrong form is unacceptable; one that is no JSON cannot be read.
            let kind = if error.is_data() { FaultKind::Invalid } else { FaultKind::Malformed };
            Problem(Fault::new(kind, format!("The body is not the JSON that was expected: {error}.")))
        })
    }
}

/// A body that could not be read at all.
pub fn unreadable(rejection: BytesRejection) -> Problem {
    let too_large = rejection.status() == StatusCode::PAYLOAD_TOO_LARGE;
    let kind = if too_large { FaultKind::TooLarge } else { FaultKind::Malformed };
    Problem(Fault::new(kind, format!("The body could not be read: {}.", rejection.body_text())))
}

/// A body as it is.
pub struct Raw(pub Bytes);

impl FromRequest<Front> for Raw {
    type Rejection = Problem;

    async fn from_request(request: Request, front: &Front) -> Result<Self, Problem> {
        Bytes::from_request(request, front).await.map(Self).map_err(unreadable)
    }
}

/// A JSON body that may be left out.
pub struct Optional<T>(pub T);

impl<T: DeserializeOwned + Default> FromRequest<Front> for Optional<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, front: &Front) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = Bytes::from_request(Request::from_parts(parts.clone(), body), front).await.map_err(unreadable)?;
        if bytes.trim_ascii().is_empty() {
            return Ok(Self(T::default()));
        }
        let again = Request::from_parts(parts, bytes.into());
        Body::from_request(again, front).await.map(|Body(body)| Self(body))
    }
}

/// A query string.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Front> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _front: &Front) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        serde_urlencoded::from_str(query).map(Self).map_err(|error| {
            Problem(Fault::new(FaultKind::Invalid, format!("The query string is not what was expected: {error}.")))
        })
    }
}
