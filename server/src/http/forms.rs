//! Posted forms. Each calls one room function, and answers with another address or with the page that it stands on.

pub mod deliveries;
pub mod destinations;
pub mod entry;
pub mod fields;
pub mod incidents;
pub mod settings;
pub mod subscriptions;
pub mod tokens;

use super::{
    Front, pages,
    viewer::{Asker, SignedIn},
};
use app::{api::Reply, model::fault::Fault};
use axum::{
    Router,
    handler::Handler,
    response::{IntoResponse as _, Redirect, Response},
    routing::{MethodRouter, post},
};
use fields::Fields;

/// The routes of all forms.
pub fn routes() -> Router<Front> {
    Router::new()
        .merge(entry::routes())
        .merge(tokens::routes())
        .merge(settings::routes())
        .merge(destinations::routes())
        .merge(subscriptions::routes())
        .merge(deliveries::routes())
        .merge(incidents::routes())
}

/// A form's handler, beside the page that stands at the same address (or the page that says that there is none).
pub(super) fn form<H, T>(handler: H) -> MethodRouter<Front>
where
    H: Handler<T, Front>,
    T: 'static,
{
    post(handler).get(pages::page)
}

/// Where a form goes on: to another address, or back to its page with what was wrong.
pub(super) struct Outcome<'a> {
    /// The doorway.
    pub front: &'a Front,
    /// Who asks.
    pub who: SignedIn,
    /// The page that the form stands on.
    pub page: &'a str,
    /// What was typed.
    pub fields: &'a Fields,
}

impl Outcome<'_> {
    /// Goes to `to` if it was done, else back to the page.
    pub async fn go<T>(self, done: Result<T, Fault>, to: impl FnOnce(T) -> String) -> Response {
        match done {
            Ok(made) => Redirect::to(&to(made)).into_response(),
            Err(fault) => self.refuse(fault).await,
        }
    }

    /// Shows what was made on the page itself, if it was done.
    pub async fn show<T>(self, done: Result<T, Fault>, reply: impl FnOnce(T) -> Reply) -> Response {
        match done {
            Ok(made) => {
                let asker = Asker { viewer: Some(self.who.viewer), session: Some(self.who.session) };
                pages::reply(self.front, asker, self.page, reply(made)).await
            }
            Err(fault) => self.refuse(fault).await,
        }
    }

    /// Back to the page, with what was wrong.
    pub async fn refuse(self, fault: Fault) -> Response {
        let asker = Asker { viewer: Some(self.who.viewer), session: Some(self.who.session) };
        let values = self.fields.to_show();
        pages::reply(self.front, asker, self.page, Reply::Refused { values, fault }).await
    }
}

/// A refusal for somebody who is not signed in.
pub(super) async fn refuse_stranger(front: &Front, page: &str, fields: &Fields, fault: Fault) -> Response {
    pages::reply(front, Asker::default(), page, Reply::Refused { values: fields.to_show(), fault }).await
}

/// A local address to go on to, else `/`: never another site.
pub(super) fn local(path: &str) -> &str {
    let plain = path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n', '\t']);
    if plain { path } else { "/" }
}

/// What is not acceptable in the address of a request looks like something that is not there.
pub(super) fn known<T>(value: Option<T>, field: &str, expected: &str) -> Result<T, Fault> {
    value.ok_or_else(|| Fault::field(field, format!("expected {expected}")))
}
