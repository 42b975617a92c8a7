//! The route table: the table of contents of the console.

use crate::{
    pages::{not_found::NotFound, overview::Overview},
    parts::frame::Inside,
};
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Router, Routes},
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
                </ParentRoute>
            </Routes>
        </Router>
    }
}
