//! Version 1 of the REST API: `/api/v1/<noun>`, one file per verb. The OpenAPI document is made from the code.

pub mod accounts;
pub mod audit;
pub mod deliveries;
pub mod destinations;
pub mod hits;
pub mod hooks;
pub mod incidents;
pub mod ingest;
pub mod paging;
pub mod statuses;
pub mod subscriptions;
pub mod tokens;

use crate::http::Front;
use axum::{Json, Router, extract::DefaultBodyLimit, routing::get};
use utoipa::{
    OpenApi,
    openapi::{
        Info, OpenApiBuilder,
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

/// What stands in every operation of the document.
#[derive(OpenApi)]
#[openapi(components(schemas(super::problem::ProblemDocument, app::model::token::TokenSort)))]
struct Frame;

/// Every operation with its documentation.
fn operations() -> OpenApiRouter<Front> {
    OpenApiRouter::with_openapi(Frame::openapi())
        .routes(routes!(tokens::create::create, tokens::list::list))
        .routes(routes!(tokens::adopt::adopt))
        .routes(routes!(tokens::read::read, tokens::edit::edit, tokens::revoke::revoke))
        .routes(routes!(tokens::reveal::reveal))
        .routes(routes!(tokens::disable::disable))
        .routes(routes!(tokens::enable::enable))
        .routes(routes!(tokens::rotate::rotate))
        .routes(routes!(tokens::drill::drill))
        .routes(routes!(tokens::proof::proof))
        .routes(routes!(accounts::create::create, accounts::list::list))
        .routes(routes!(accounts::read::read, accounts::edit::edit, accounts::remove::remove))
        .routes(routes!(accounts::test::test))
        .routes(routes!(destinations::create::create, destinations::list::list))
        .routes(routes!(destinations::read::read, destinations::remove::remove))
        .routes(routes!(destinations::confirm::confirm))
        .routes(routes!(destinations::test::test))
        .routes(routes!(destinations::replay::replay))
        .routes(routes!(destinations::rotate_secret::rotate_secret))
        .routes(routes!(destinations::reveal::reveal))
        .routes(routes!(subscriptions::create::create, subscriptions::list::list))
        .routes(routes!(subscriptions::edit::edit, subscriptions::remove::remove))
        .routes(routes!(deliveries::list::list))
        .routes(routes!(deliveries::read::read))
        .routes(routes!(deliveries::retry::retry))
        .routes(routes!(hits::list::list))
        .routes(routes!(hits::read::read))
        .routes(routes!(hits::of_token::of_token))
        .routes(routes!(incidents::list::list))
        .routes(routes!(incidents::read::read))
        .routes(routes!(incidents::triage::acknowledge))
        .routes(routes!(incidents::triage::resolve))
        .routes(routes!(incidents::triage::reopen))
        .routes(routes!(audit::list::list))
        .merge(
            OpenApiRouter::new()
                .routes(routes!(hooks::jira::signed))
                .routes(routes!(hooks::jira::by_address))
                .layer(DefaultBodyLimit::max(hooks::jira::LARGEST)),
        )
        // Log files are larger than anything else that is sent here.
        .merge(
            OpenApiRouter::new()
                .routes(routes!(ingest::cloudtrail::cloudtrail))
                .layer(DefaultBodyLimit::max(ingest::cloudtrail::LARGEST)),
        )
}

/// The document: what can be called, with what, and what comes back.
pub fn document() -> utoipa::openapi::OpenApi {
    let (_, document) = OpenApiRouter::new().nest("/api/v1", operations()).split_for_parts();
    let mut info = Info::new("Aviary", env!("CARGO_PKG_VERSION"));
    info.description = Some(
        "Mint, adopt and watch AWS canary keys. Every operation takes an API key: `Authorization: Bearer avy_…`. A key \
         may do what its scopes say; what it lacks is named in the refusal (403)."
            .into(),
    );
    let mut document = OpenApiBuilder::from(statuses::document(document))
        .info(info)
        .security(Some([SecurityRequirement::new("api_key", Vec::<String>::new())]))
        .build();
    let components = document.components.get_or_insert_with(Default::default);
    components.add_security_scheme(
        "api_key",
        SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()),
    );
    document
}

/// All routes, below `/api/v1`.
pub fn routes(front: &Front) -> Router<Front> {
    let (router, _) = operations().split_for_parts();
    let document = document();
    router
        .route("/openapi.json", get(async move || Json(document)))
        .fallback(not_found)
        .method_not_allowed_fallback(super::problem::wrong_method)
        .layer(DefaultBodyLimit::max(super::super::BODY))
        .with_state(front.clone())
}

async fn not_found() -> super::problem::Problem {
    super::problem::Problem(app::model::fault::Fault::not_found("operation"))
}
