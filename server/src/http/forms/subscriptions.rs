//! Forms about subscriptions. They stand on several pages, and lead back to the one they were on.

use super::{Outcome, act, fields::Fields, known, local};
use crate::{
    alerts,
    http::{Front, viewer::SignedIn},
};
use app::model::{
    alert::{Scope, SubscriptionForm},
    fault::Fault,
    ids::{DestinationId, SubscriptionId, TokenId},
    pace::SubscriptionChange,
    viewer::Act,
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
};

/// `/subscriptions/new`, `/subscriptions/ID/…`
pub fn routes() -> Router<Front> {
    Router::new()
        .route("/subscriptions/new", act(create, "/destinations"))
        .route("/subscriptions/{id}/change", act(change, "/destinations"))
        .route("/subscriptions/{id}/remove", act(remove, "/destinations"))
}

async fn create(State(front): State<Front>, who: SignedIn, fields: Fields) -> Response {
    let done = match asked(&fields) {
        Ok(asked) => alerts::subscribe(&front.house, &who.viewer, &asked).await,
        Err(fault) => who.viewer.must(Act::Subscribe).and(Err(fault)),
    };
    let (page, to) = back(&fields, "subscribed");
    Outcome { front: &front, who, page: &page, fields: &fields }.go(done, |_| to).await
}

fn asked(fields: &Fields) -> Result<SubscriptionForm, Fault> {
    let team = fields.own("team");
    let scope = match fields.text("scope") {
        "token" => Some(Scope::Token { token_id: TokenId(fields.own("token_id")) }),
        "team" => Some(Scope::Team { team }),
        "label" => Some(Scope::Label { label: fields.own("label"), team: Some(team).filter(|team| !team.is_empty()) }),
        "everything" => Some(Scope::Everything),
        _ => None,
    };
    let scope = known(scope, "scope", "token, team, label or everything")?;
    Ok(SubscriptionForm::wanting(DestinationId(fields.own("destination_id")), scope, wants(fields)?))
}

/// The kinds, the pace and the quiet time that a form asks for. A hidden, empty `kinds` says that kinds were offered.
pub(super) fn wants(fields: &Fields) -> Result<SubscriptionChange, Fault> {
    let offered = fields.pairs().iter().any(|(name, _)| name == "kinds");
    let kinds = offered.then(|| fields.all("kinds"));
    let (pace, quiet_minutes) = (fields.text("pace"), fields.text("quiet_minutes"));
    alerts::chosen(alerts::Typed { kinds: kinds.as_deref(), pace, quiet_minutes })
}

async fn change(State(front): State<Front>, who: SignedIn, Path(id): Path<SubscriptionId>, fields: Fields) -> Response {
    let done = match wants(&fields) {
        Ok(change) => alerts::change_subscription(&front.house, &who.viewer, &id, &change).await,
        Err(fault) => who.viewer.must(Act::Subscribe).and(Err(fault)),
    };
    let (page, to) = back(&fields, "saved");
    Outcome { front: &front, who, page: &page, fields: &fields }.go(done, |_| to).await
}

async fn remove(State(front): State<Front>, who: SignedIn, Path(id): Path<SubscriptionId>, fields: Fields) -> Response {
    let done = alerts::unsubscribe(&front.house, &who.viewer, &id).await;
    let (page, to) = back(&fields, "unsubscribed");
    Outcome { front: &front, who, page: &page, fields: &fields }.go(done, |()| to).await
}

/// The page that a form stands on, and the same with a word of what was done.
pub(super) fn back(fields: &Fields, done: &str) -> (String, String) {
    let back = local(fields.text("back"));
    match back.split_once('?') {
        Some((path, query)) => {
            let rest: Vec<_> = query.split('&').filter(|part| !part.is_empty() && !part.starts_with("done=")).collect();
            let page = if rest.is_empty() { path.to_owned() } else { format!("{path}?{}", rest.join("&")) };
            let to = if rest.is_empty() { format!("{path}?done={done}") } else { format!("{page}&done={done}") };
            (page, to)
        }
        None => (back.to_owned(), format!("{back}?done={done}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_leads_back_to_its_page_with_one_word() {
        let of = |to: &str| back(&Fields::of(&[("back", to)]), "subscribed");
        assert_eq!(of("/tokens/1"), ("/tokens/1".into(), "/tokens/1?done=subscribed".into()));
        assert_eq!(of("/tokens/1?done=saved"), ("/tokens/1".into(), "/tokens/1?done=subscribed".into()));
        assert_eq!(of("/d?state=dead&done=x"), ("/d?state=dead".into(), "/d?state=dead&done=subscribed".into()));
        assert_eq!(of("https://example.com/"), ("/".into(), "/?done=subscribed".into()));
    }
}
