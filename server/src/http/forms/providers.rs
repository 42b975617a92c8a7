//! Forms about sign-in providers.

use super::{Outcome, act, fields::Fields, form};
use crate::{
    http::{Front, viewer::SignedIn},
    people::providers::{
        admin,
        rules::{self, RuleForm},
        try_out,
    },
};
use app::{
    api::Reply,
    model::{provider::ProviderForm, secret::Secret},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
};

const LIST: &str = "/settings/providers";
const RULES: &str = "/settings/providers/{}/rules";

/// `/settings/providers/…`
pub fn routes() -> Router<Front> {
    Router::new()
        .route("/settings/providers/new", form(add))
        .route("/settings/providers/{id}/edit", form(edit))
        .route("/settings/providers/{id}/test", act(test, "/settings/providers/{}"))
        .route("/settings/providers/{id}/remove", form(remove))
        .route("/settings/providers/{id}/rules", form(add_rule))
        .route("/settings/providers/{id}/rules/{rule}/up", act(up, RULES))
        .route("/settings/providers/{id}/rules/{rule}/remove", act(remove_rule, RULES))
        .route("/settings/providers/{id}/try", form(try_out))
}

fn read(fields: &Fields) -> ProviderForm {
    let text = |name: &str| fields.own(name);
    ProviderForm {
        name: text("name"),
        kind: text("kind"),
        issuer: text("issuer"),
        discovery_url: text("discovery_url"),
        client_id: text("client_id"),
        secret: Secret::new(text("client_secret")),
        scopes: text("scopes"),
        domain: text("domain"),
        email_claim: text("email_claim"),
        groups_claim: text("groups_claim"),
        strangers: text("strangers"),
        team: text("team"),
        role: text("role"),
        trust_unverified: text("trust_unverified"),
        owns_addresses: text("owns_addresses"),
        enabled: text("enabled"),
    }
}

async fn add(State(front): State<Front>, who: SignedIn, fields: Fields) -> Response {
    let done = admin::add(&front.house, &who.viewer, &read(&fields)).await;
    Outcome { front: &front, who, page: "/settings/providers/new", fields: &fields }
        .go(done, |provider| format!("{LIST}/{}?done=provider-added", provider.id))
        .await
}

async fn edit(State(front): State<Front>, who: SignedIn, Path(id): Path<String>, fields: Fields) -> Response {
    let done = admin::edit(&front.house, &who.viewer, &id, &read(&fields)).await;
    let page = format!("{LIST}/{id}/edit");
    Outcome { front: &front, who, page: &page, fields: &fields }
        .go(done, |provider| format!("{LIST}/{}?done=provider-saved", provider.id))
        .await
}

async fn test(State(front): State<Front>, who: SignedIn, Path(id): Path<String>, fields: Fields) -> Response {
    let done = admin::test(&front.house, &who.viewer, &id).await;
    let page = format!("{LIST}/{id}");
    // The page says what was found.
    Outcome { front: &front, who, page: &page, fields: &fields }.go(done, |_| page.clone()).await
}

async fn remove(State(front): State<Front>, who: SignedIn, Path(id): Path<String>, fields: Fields) -> Response {
    let done = admin::remove(&front.house, &who.viewer, &id, fields.text("confirm")).await;
    let page = format!("{LIST}/{id}/remove");
    Outcome { front: &front, who, page: &page, fields: &fields }
        .go(done, |()| format!("{LIST}?done=provider-removed"))
        .await
}

async fn add_rule(State(front): State<Front>, who: SignedIn, Path(id): Path<String>, fields: Fields) -> Response {
    let form = RuleForm {
        claim: fields.text("claim"),
        comparison: fields.text("comparison"),
        value: fields.text("value"),
        team: fields.text("team"),
        role: fields.text("role"),
    };
    let done = rules::add(&front.house, &who.viewer, &id, form).await;
    let page = format!("{LIST}/{id}/rules");
    Outcome { front: &front, who, page: &page, fields: &fields }
        .go(done, |()| format!("{LIST}/{id}/rules?done=rule-added"))
        .await
}

async fn up(
    State(front): State<Front>,
    who: SignedIn,
    Path((id, rule)): Path<(String, String)>,
    fields: Fields,
) -> Response {
    let done = rules::up(&front.house, &who.viewer, &id, &rule).await;
    let page = format!("{LIST}/{id}/rules");
    Outcome { front: &front, who, page: &page, fields: &fields }.go(done, |()| page.clone()).await
}

async fn remove_rule(
    State(front): State<Front>,
    who: SignedIn,
    Path((id, rule)): Path<(String, String)>,
    fields: Fields,
) -> Response {
    let done = rules::remove(&front.house, &who.viewer, &id, &rule).await;
    let page = format!("{LIST}/{id}/rules");
    Outcome { front: &front, who, page: &page, fields: &fields }
        .go(done, |()| format!("{LIST}/{id}/rules?done=rule-removed"))
        .await
}

async fn try_out(State(front): State<Front>, who: SignedIn, Path(id): Path<String>, fields: Fields) -> Response {
    let done = try_out::try_out(&front.house, &who.viewer, &id, fields.text("id_token")).await;
    let page = format!("{LIST}/{id}/try");
    Outcome { front: &front, who, page: &page, fields: &fields }.show(done, |tried| Reply::Tried(Box::new(tried))).await
}
