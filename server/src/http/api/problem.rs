//! Refusals as problem documents (RFC 9457).

use app::model::fault::{Fault, FaultKind, FieldFault};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// A refusal on its way out.
#[derive(Debug)]
pub struct Problem(pub Fault);

/// A refusal as a document.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProblemDocument {
    /// Names the sort of problem.
    r#type: String,
    /// The sort of problem, in words that stay the same.
    title: String,
    /// The HTTP status.
    status: u16,
    /// This problem, in words for people.
    detail: String,
    /// The fields that are at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem>,
}

/// What is wrong with one field.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FieldProblem {
    /// The field's name.
    field: String,
    /// What was expected.
    message: String,
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self(fault)
    }
}

impl From<crate::store::StoreError> for Problem {
    fn from(error: crate::store::StoreError) -> Self {
        Self(error.into())
    }
}

fn title(kind: FaultKind) -> (&'static str, &'static str) {
    match kind {
        FaultKind::Invalid => ("invalid", "A value is not acceptable"),
        FaultKind::Malformed => ("malformed", "The request cannot be read"),
        FaultKind::TooLarge => ("too-large", "The request is too large"),
        FaultKind::Unauthenticated => ("unauthenticated", "An API key is needed"),
        FaultKind::Forbidden => ("forbidden", "Not allowed"),
        FaultKind::Stale => ("stale", "Confirm that it is you"),
        FaultKind::NotFound => ("not-found", "Not found"),
        FaultKind::Conflict => ("conflict", "It clashes with what is there"),
        FaultKind::TooMany => ("too-many-requests", "Too many requests"),
        FaultKind::Unavailable => ("unavailable", "Something does not answer"),
        FaultKind::Internal => ("internal", "A fault on our side"),
    }
}

/// The form calls it `expires`, because people type a day or a number of days; programs know it as `expires_at`.
fn field(fault: FieldFault) -> FieldProblem {
    let field = if fault.field == "expires" { "expires_at".to_owned() } else { fault.field };
    FieldProblem { field, message: fault.message }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let (word, title) = title(self.0.kind);
        let retry_after = self.0.retry_after;
        let document = ProblemDocument {
            r#type: format!("urn:aviary:problem:{word}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: self.0.message.replacen("expires: ", "expires_at: ", 1),
            errors: self.0.fields.into_iter().map(field).collect(),
        };
        let mut response = answer(status, document);
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"aviary\""));
        }
        response
    }
}

/// A path that is there, asked with a method that it does not take. The header `Allow` is set by the router.
pub async fn wrong_method() -> Response {
    let document = ProblemDocument {
        r#type: "urn:aviary:problem:method-not-allowed".to_owned(),
        title: "This method is not taken here".to_owned(),
        status: 405,
        detail: "The header Allow names the methods that this path takes.".to_owned(),
        errors: Vec::new(),
    };
    answer(StatusCode::METHOD_NOT_ALLOWED, document)
}

fn answer(status: StatusCode, document: ProblemDocument) -> Response {
    let mut response = (status, axum::Json(document)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}
