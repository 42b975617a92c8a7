//! The route table: the table of contents of the console.

use crate::{
    pages::{not_found::NotFound, overview::Overview, token},
    parts::frame::Inside,
};
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    MatchNestedRoutes, SsrMode,
    components::{Outlet, ParentRoute, Route, Router, Routes},
    path,
};

/// Every page, and the address at which it is. Pages are rendered whole (`Async`): they read without any script.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Routes fallback=|| view! { <NotFound /> }>
                <ParentRoute path=path!("") view=Inside ssr=SsrMode::Async>
                    <Route path=path!("") view=Overview ssr=SsrMode::Async />
                    <TokenRoutes />
                </ParentRoute>
            </Routes>
        </Router>
    }
}

#[component(transparent)]
fn TokenRoutes() -> impl MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("tokens") view=Outlet ssr=SsrMode::Async>
            <Route path=path!("") view=token::list::Tokens ssr=SsrMode::Async />
            <Route path=path!("new") view=token::new::NewToken ssr=SsrMode::Async />
            <Route path=path!("adopt") view=token::adopt::AdoptToken ssr=SsrMode::Async />
            <Route path=path!(":id") view=token::show::ShowToken ssr=SsrMode::Async />
            <Route path=path!(":id/edit") view=token::edit::EditToken ssr=SsrMode::Async />
            <Route path=path!(":id/secret") view=token::secret::TokenSecret ssr=SsrMode::Async />
            <Route path=path!(":id/disable") view=token::disable::DisableToken ssr=SsrMode::Async />
            <Route path=path!(":id/revoke") view=token::revoke::RevokeToken ssr=SsrMode::Async />
        </ParentRoute>
    }
    .into_inner()
}
