//! Posted forms. Each calls one room function, and answers with another address or with the page that it stands on.

pub mod accounts;
pub mod deliveries;
pub mod destinations;
pub mod entry;
pub mod factors;
pub mod fields;
pub mod incidents;
pub mod prove;
pub mod providers;
pub mod settings;
pub mod subscriptions;
pub mod tokens;
pub mod unsubscribe;

use super::{
    Front, pages,
    viewer::{Asker, SignedIn},
};
pub(super) use app::model::entry::local;
pub(super) use app::parts::load::with_next;
use app::{api::Reply, model::fault::Fault};
use axum::{
    Router,
    handler::Handler,
    http::Uri,
    response::{IntoResponse as _, Redirect, Response},
    routing::{MethodRouter, post},
};
use fields::Fields;

/// The routes of all forms.
pub fn routes() -> Router<Front> {
    Router::new()
        .merge(entry::routes())
        .merge(prove::routes())
        .merge(factors::routes())
        .merge(unsubscribe::routes())
        .merge(tokens::routes())
        .merge(settings::routes())
        .merge(accounts::routes())
        .merge(providers::routes())
        .merge(destinations::routes())
        .merge(subscriptions::routes())
        .merge(deliveries::routes())
        .merge(incidents::routes())
}

/// A form's handler, beside the page that stands at the same address.
pub(super) fn form<H, T>(handler: H) -> MethodRouter<Front>
where
    H: Handler<T, Front>,
    T: 'static,
{
    post(handler).get(pages::page)
}

/// The handler of a form that stands on another page: whoever opens its address, by the browser's history or by typing
/// it, is led to that page. A `{}` in `page` stands for the same part of the address that was asked for.
pub(super) fn act<H, T>(handler: H, page: &'static str) -> MethodRouter<Front>
where
    H: Handler<T, Front>,
    T: 'static,
{
    post(handler).get(async move |uri: Uri| Redirect::to(&page_of(page, uri.path())))
}

fn page_of(page: &str, asked: &str) -> String {
    let part = |(known, asked): (&str, Option<&str>)| match known {
        "{}" => asked.unwrap_or_default().to_owned(),
        known => known.to_owned(),
    };
    let asked = asked.split('/').map(Some).chain(std::iter::repeat(None));
    page.split('/').zip(asked).map(part).collect::<Vec<_>>().join("/")
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

/// What is not acceptable in the address of a request looks like something that is not there.
pub(super) fn known<T>(value: Option<T>, field: &str, expected: &str) -> Result<T, Fault> {
    value.ok_or_else(|| Fault::field(field, format!("expected {expected}")))
}

#[cfg(test)]
mod tests {
    use super::page_of;

    #[test]
    fn an_address_that_only_takes_forms_leads_to_its_page() {
        assert_eq!(page_of("/settings/people", "/settings/people/7/role"), "/settings/people");
        assert_eq!(page_of("/tokens/{}", "/tokens/a%2Fb/enable"), "/tokens/a%2Fb");
    }
}
