//! What every operation may answer besides what it documents itself.
//!
//! Much is decided before a handler is reached, or after it was left: a body that cannot be read, a key that is not good,
//! an answer that does not begin in time. It is the same everywhere, and so it is written once.

use axum::http::Method;
use utoipa::openapi::{
    ContentBuilder, OpenApi, Ref, RefOr,
    path::{Operation, ParameterIn, PathItem},
    response::{Response, ResponseBuilder},
};

/// When an operation may answer this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    /// Whatever it is.
    Always,
    /// Where something in the address names what it is about.
    Named,
    /// Where it changes something.
    Changes,
    /// Where it takes a body.
    Body,
}

/// The statuses: when, what for people, and whether there is a problem document.
const USUAL: &[(&str, When, &str, bool)] = &[
    ("400", When::Always, "The request cannot be read", true),
    ("401", When::Always, "An API key is needed", true),
    ("403", When::Always, "Not allowed to this key", true),
    ("404", When::Named, "There is no such thing, or not for this key", true),
    ("408", When::Body, "The body took too long to arrive", false),
    ("409", When::Changes, "It clashes with what is there", true),
    ("413", When::Body, "The body is too large", true),
    ("414", When::Always, "The address is too long", false),
    ("422", When::Always, "A value is not acceptable; says which", true),
    ("429", When::Always, "Too many requests", true),
    ("503", When::Always, "Something that Aviary depends on does not answer", true),
];

/// Documents them where an operation does not do it itself.
pub fn document(mut api: OpenApi) -> OpenApi {
    for item in api.paths.paths.values_mut() {
        for (method, operation) in operations(item) {
            add(&method, operation);
        }
    }
    api
}

/// The operations of one address.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (Method, &mut Operation)> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    [(Method::GET, get), (Method::PUT, put), (Method::POST, post), (Method::DELETE, delete), (Method::PATCH, patch)]
        .into_iter()
        .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

fn add(method: &Method, operation: &mut Operation) {
    let named = operation.parameters.iter().flatten().any(|parameter| parameter.parameter_in == ParameterIn::Path);
    let body = operation.request_body.is_some();
    for (status, when, description, is_document) in USUAL {
        let applies = match when {
            When::Always => true,
            When::Named => named,
            When::Changes => *method != Method::GET,
            When::Body => body,
        };
        if applies {
            let responses = &mut operation.responses.responses;
            responses.entry((*status).to_owned()).or_insert_with(|| RefOr::T(response(description, *is_document)));
        }
    }
}

fn response(description: &str, is_document: bool) -> Response {
    let response = ResponseBuilder::new().description(description);
    if !is_document {
        return response.content("text/plain; charset=utf-8", ContentBuilder::new().build()).build();
    }
    let schema = Ref::from_schema_name("ProblemDocument");
    let content = ContentBuilder::new().schema(Some(RefOr::<utoipa::openapi::Schema>::Ref(schema))).build();
    response.content("application/problem+json", content).build()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_operation_says_what_comes_when_it_is_refused() {
        let mut api = crate::http::api::v1::document();
        let mut seen = 0;
        for (path, item) in &mut api.paths.paths {
            for (method, operation) in super::operations(item) {
                seen += 1;
                let name = format!("{method} {path}");
                let statuses: Vec<&str> = operation.responses.responses.keys().map(String::as_str).collect();
                assert!(statuses.iter().any(|status| status.starts_with('2')), "{name}: {statuses:?}");
                for status in ["400", "401", "403", "414", "422", "429", "503"] {
                    assert!(statuses.contains(&status), "{name} does not document {status}");
                }
                assert!(!path.contains('{') || statuses.contains(&"404"), "{name}: {statuses:?}");
                assert_eq!(operation.request_body.is_some(), statuses.contains(&"413"), "{name}: {statuses:?}");
                assert!(!statuses.contains(&"500"), "{name}: a fault of ours is no part of the promise");
            }
        }
        assert!(seen >= 45, "only {seen} operations");
    }
}
