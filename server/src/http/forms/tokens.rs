//! Forms about tokens.

use super::{Outcome, act, fields::Fields, form};
use crate::{
    drills,
    http::{Front, viewer::SignedIn},
    tokens,
};
use app::{
    api::Reply,
    model::{
        fault::Fault,
        ids::{DestinationId, TokenId},
        token::{SecretFile, TokenChange, TokenForm},
    },
};
use axum::{
    Router,
    extract::{Path, State},
    http::header,
    response::{IntoResponse as _, Response},
};

/// `/tokens/new`, `/tokens/adopt`, `/tokens/ID/…`
pub fn routes() -> Router<Front> {
    Router::new()
        .route("/tokens/new", form(mint))
        .route("/tokens/adopt", form(adopt))
        .route("/tokens/{id}/edit", form(edit))
        .route("/tokens/{id}/secret", form(secret))
        .route("/tokens/{id}/download", act(download, "/tokens/{}/secret"))
        .route("/tokens/{id}/disable", form(disable))
        .route("/tokens/{id}/enable", act(enable, "/tokens/{}"))
        .route("/tokens/{id}/drill", act(drill, "/tokens/{}"))
        .route("/tokens/{id}/rotate", form(rotate))
        .route("/tokens/{id}/revoke", form(revoke))
}

async fn mint(State(front): State<Front>, who: SignedIn, fields: Fields) -> Response {
    let form = TokenForm::from_pairs(fields.pairs());
    // The hidden field is new in each form that was opened: pressing the button twice mints one token.
    let minted = match fields.text("once") {
        "" => tokens::mint::mint(&front.house, &who.viewer, &form).await,
        once => tokens::mint::mint_once(&front.house, &who.viewer, &form, &format!("form {once}")).await,
    };
    let outcome = Outcome { front: &front, who, page: "/tokens/new", fields: &fields };
    outcome.show(minted, |minted| Reply::Token(Box::new(minted))).await
}

async fn adopt(State(front): State<Front>, who: SignedIn, fields: Fields) -> Response {
    let done = tokens::adopt::adopt(&front.house, &who.viewer, &TokenForm::from_pairs(fields.pairs())).await;
    let outcome = Outcome { front: &front, who, page: "/tokens/adopt", fields: &fields };
    outcome.go(done, |token| format!("/tokens/{}?done=adopted", token.id)).await
}

async fn edit(State(front): State<Front>, who: SignedIn, Path(id): Path<TokenId>, fields: Fields) -> Response {
    let change = TokenChange::from_pairs(fields.pairs());
    let done = tokens::change::edit(&front.house, &who.viewer, &id, &change).await;
    let page = format!("/tokens/{id}/edit");
    Outcome { front: &front, who, page: &page, fields: &fields }
        .go(done, |token| format!("/tokens/{}?done=saved", token.id))
        .await
}

async fn secret(State(front): State<Front>, who: SignedIn, Path(id): Path<TokenId>, fields: Fields) -> Response {
    let done = tokens::reveal::reveal(&front.house, &who.viewer, &id, "on its page", anyway(&fields)).await;
    let page = format!("/tokens/{id}/secret");
    Outcome { front: &front, who, page: &page, fields: &fields }.show(done, |token| Reply::Token(Box::new(token))).await
}

async fn download(State(front): State<Front>, who: SignedIn, Path(id): Path<TokenId>, fields: Fields) -> Response {
    let page = format!("/tokens/{id}/secret");
    let file = super::known(SecretFile::parse(fields.text("file")), "file", "credentials, env, json or terraform");
    let revealed = match file {
        Ok(file) => {
            let why = format!("downloaded as {}", file.word());
            tokens::reveal::reveal(&front.house, &who.viewer, &id, &why, anyway(&fields))
                .await
                .map(|revealed| (file, revealed))
        }
        // Whoever may not see the token learns nothing of what files there are.
        Err(fault) => tokens::list::get(&front.house, &who.viewer, &id).await.and(Err(fault)),
    };
    match revealed {
        Ok((file, revealed)) => {
            let token = &revealed.token;
            let secret = revealed.secret_access_key.clone().unwrap_or_default();
            let content = file.content(&token.user_name, &token.access_key_id, &secret);
            let disposition = format!("attachment; filename=\"{}\"", file.file_name());
            let headers = [
                (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
                (header::CONTENT_DISPOSITION, disposition),
                (header::CACHE_CONTROL, "no-store".to_owned()),
            ];
            (headers, content).into_response()
        }
        Err(fault) => Outcome { front: &front, who, page: &page, fields: &fields }.refuse(fault).await,
    }
}

/// Whether an admin wants to see a secret that is held back.
fn anyway(fields: &Fields) -> bool {
    fields.text("anyway") == "on"
}

async fn disable(State(front): State<Front>, who: SignedIn, Path(id): Path<TokenId>, fields: Fields) -> Response {
    let done = tokens::change::set_active(&front.house, &who.viewer, &id, false).await;
    let page = format!("/tokens/{id}/disable");
    Outcome { front: &front, who, page: &page, fields: &fields }
        .go(done, |token| format!("/tokens/{}?done=disabled", token.id))
        .await
}

async fn enable(State(front): State<Front>, who: SignedIn, Path(id): Path<TokenId>, fields: Fields) -> Response {
    let done = tokens::change::set_active(&front.house, &who.viewer, &id, true).await;
    let page = format!("/tokens/{id}");
    Outcome { front: &front, who, page: &page, fields: &fields }
        .go(done, |token| format!("/tokens/{}?done=enabled", token.id))
        .await
}

/// Aviary uses the key itself. With `through`, a destination hears of it as of a hit.
async fn drill(State(front): State<Front>, who: SignedIn, Path(id): Path<TokenId>, fields: Fields) -> Response {
    let through = Some(DestinationId(fields.own("through"))).filter(|through| !through.as_str().is_empty());
    let done = drills::ask(&front.house, &who.viewer, &id, through.as_ref()).await;
    let page = format!("/tokens/{id}");
    Outcome { front: &front, who, page: &page, fields: &fields }.go(done, |_| format!("{page}?done=drilled")).await
}

async fn rotate(State(front): State<Front>, who: SignedIn, Path(id): Path<TokenId>, fields: Fields) -> Response {
    let done = tokens::rotate::rotate(&front.house, &who.viewer, &id).await;
    let page = format!("/tokens/{id}/rotate");
    Outcome { front: &front, who, page: &page, fields: &fields }.show(done, |token| Reply::Token(Box::new(token))).await
}

async fn revoke(State(front): State<Front>, who: SignedIn, Path(id): Path<TokenId>, fields: Fields) -> Response {
    let done = match tokens::list::get(&front.house, &who.viewer, &id).await {
        Ok(view) if view.may_manage && view.token.access_key_id != fields.text("confirm").trim() => {
            Err(Fault::field("confirm", format!("type the key id {} to revoke it", view.token.access_key_id)))
        }
        Ok(_) => tokens::change::revoke(&front.house, &who.viewer, &id).await,
        Err(fault) => Err(fault),
    };
    let page = format!("/tokens/{id}/revoke");
    Outcome { front: &front, who, page: &page, fields: &fields }
        .go(done, |token| format!("/tokens/{}?done=revoked", token.id))
        .await
}
