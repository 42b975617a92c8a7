//! Forms about AWS accounts.

use super::{Outcome, act, fields::Fields, form};
use crate::{
    accounts,
    http::{Front, viewer::SignedIn},
};
use app::model::{account::AccountForm, fault::Fault};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
};

/// `/settings/accounts/…`
pub fn routes() -> Router<Front> {
    Router::new()
        .route("/settings/accounts/new", form(add))
        .route("/settings/accounts/{id}/edit", form(edit))
        .route("/settings/accounts/{id}/test", act(test, "/settings/accounts/{}"))
        .route("/settings/accounts/{id}/remove", form(remove))
}

async fn add(State(front): State<Front>, who: SignedIn, fields: Fields) -> Response {
    let done = accounts::add(&front.house, &who.viewer, &AccountForm::from_pairs(fields.pairs())).await;
    Outcome { front: &front, who, page: "/settings/accounts/new", fields: &fields }
        .go(done, |account| format!("/settings/accounts/{}?done=account-added", account.id))
        .await
}

async fn edit(State(front): State<Front>, who: SignedIn, Path(id): Path<String>, fields: Fields) -> Response {
    let done = accounts::edit(&front.house, &who.viewer, &id, &AccountForm::from_pairs(fields.pairs())).await;
    let page = format!("/settings/accounts/{id}/edit");
    Outcome { front: &front, who, page: &page, fields: &fields }
        .go(done, |account| format!("/settings/accounts/{}?done=account-saved", account.id))
        .await
}

async fn test(State(front): State<Front>, who: SignedIn, Path(id): Path<String>, fields: Fields) -> Response {
    let done = accounts::test(&front.house, &who.viewer, &id).await;
    let page = format!("/settings/accounts/{id}");
    // The page says what was found.
    Outcome { front: &front, who, page: &page, fields: &fields }.go(done, |_| page.clone()).await
}

async fn remove(State(front): State<Front>, who: SignedIn, Path(id): Path<String>, fields: Fields) -> Response {
    let done = if fields.text("confirm").trim() == id {
        accounts::remove(&front.house, &who.viewer, &id).await
    } else {
        let wrong = Fault::field("confirm", format!("type the account number {id} to remove it"));
        accounts::get_to_change(&front.house, &who.viewer, &id).await.and(Err(wrong))
    };
    let page = format!("/settings/accounts/{id}/remove");
    Outcome { front: &front, who, page: &page, fields: &fields }
        .go(done, |()| "/settings/accounts?done=account-removed".to_owned())
        .await
}
