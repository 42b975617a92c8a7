//! The route table: the table of contents of the console.

use crate::{
    pages::{
        delivery, destination, door, health::Health, incident, not_found::NotFound, overview::Overview, settings, token,
    },
    parts::frame::{Inside, Outside},
};
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
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
                    <IncidentRoutes />
                    <DestinationRoutes />
                    <Route path=path!("deliveries") view=delivery::list::Deliveries ssr=SsrMode::Async />
                    <Route path=path!("deliveries/:id") view=delivery::show::ShowDelivery ssr=SsrMode::Async />
                    <Route path=path!("health") view=Health ssr=SsrMode::Async />
                    <SettingsRoutes />
                </ParentRoute>
                <ParentRoute path=path!("") view=Outside ssr=SsrMode::Async>
                    <Route path=path!("sign-in") view=door::sign_in::SignIn ssr=SsrMode::Async />
                    <Route path=path!("forgot") view=door::forgot::Forgot ssr=SsrMode::Async />
                    <Route path=path!("reset/:code") view=door::reset::Reset ssr=SsrMode::Async />
                    <Route path=path!("enter/:code") view=door::enter::Enter ssr=SsrMode::Async />
                    <Route path=path!("confirm-it-is-you") view=door::prove::Prove ssr=SsrMode::Async />
                    <Route path=path!("sign-in/second") view=door::second::SecondStep ssr=SsrMode::Async />
                    <Route path=path!("signed-out") view=door::signed_out::SignedOut ssr=SsrMode::Async />
                    <Route path=path!("oidc/:id") view=door::provider::Provider ssr=SsrMode::Async />
                    <Route path=path!("setup/:code") view=door::setup::Setup ssr=SsrMode::Async />
                    <Route path=path!("join/:code") view=door::join::Join ssr=SsrMode::Async />
                    <Route path=path!("confirm/:code") view=door::confirm::Confirm ssr=SsrMode::Async />
                    <Route path=path!("acknowledge/:code") view=door::acknowledge::Acknowledge ssr=SsrMode::Async />
                    <Route path=path!("unsubscribe/:code") view=door::unsubscribe::Unsubscribe ssr=SsrMode::Async />
                </ParentRoute>
            </Routes>
        </Router>
    }
}

#[component(transparent)]
fn TokenRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("tokens") view=Outlet ssr=SsrMode::Async>
            <Route path=path!("") view=token::list::Tokens ssr=SsrMode::Async />
            <Route path=path!("new") view=token::new::NewToken ssr=SsrMode::Async />
            <Route path=path!("adopt") view=token::adopt::AdoptToken ssr=SsrMode::Async />
            <Route path=path!(":id") view=token::show::ShowToken ssr=SsrMode::Async />
            <Route path=path!(":id/edit") view=token::edit::EditToken ssr=SsrMode::Async />
            <Route path=path!(":id/secret") view=token::secret::TokenSecret ssr=SsrMode::Async />
            <Route path=path!(":id/disable") view=token::disable::DisableToken ssr=SsrMode::Async />
            <Route path=path!(":id/rotate") view=token::rotate::RotateToken ssr=SsrMode::Async />
            <Route path=path!(":id/revoke") view=token::revoke::RevokeToken ssr=SsrMode::Async />
        </ParentRoute>
    }
    .into_inner()
}

#[component(transparent)]
fn IncidentRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("incidents") view=Outlet ssr=SsrMode::Async>
            <Route path=path!("") view=incident::list::Incidents ssr=SsrMode::Async />
            <Route path=path!(":id") view=incident::show::ShowIncident ssr=SsrMode::Async />
        </ParentRoute>
    }
    .into_inner()
}

#[component(transparent)]
fn DestinationRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("destinations") view=Outlet ssr=SsrMode::Async>
            <Route path=path!("") view=destination::list::Destinations ssr=SsrMode::Async />
            <Route path=path!("new") view=destination::new::NewDestinationPage ssr=SsrMode::Async />
            <Route path=path!(":id") view=destination::show::ShowDestination ssr=SsrMode::Async />
            <Route path=path!(":id/remove") view=destination::remove::RemoveDestination ssr=SsrMode::Async />
        </ParentRoute>
    }
    .into_inner()
}

#[component(transparent)]
fn SettingsRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("settings") view=Outlet ssr=SsrMode::Async>
            <Route path=path!("") view=settings::account::Account ssr=SsrMode::Async />
            <Route path=path!("second") view=settings::account::enrol::SetUpApp ssr=SsrMode::Async />
            <Route path=path!("people") view=settings::people::People ssr=SsrMode::Async />
            <Route path=path!("teams") view=settings::teams::Teams ssr=SsrMode::Async />
            <Route path=path!("api-keys") view=settings::api_keys::ApiKeys ssr=SsrMode::Async />
            <Route path=path!("audit") view=settings::audit::Audit ssr=SsrMode::Async />
            <Route path=path!("accounts") view=settings::accounts::list::Accounts ssr=SsrMode::Async />
            <Route path=path!("accounts/new") view=settings::accounts::new::NewAccount ssr=SsrMode::Async />
            <Route path=path!("accounts/:id") view=settings::accounts::show::ShowAccount ssr=SsrMode::Async />
            <Route path=path!("accounts/:id/edit") view=settings::accounts::edit::EditAccount ssr=SsrMode::Async />
            <Route path=path!("accounts/:id/remove") view=settings::accounts::remove::RemoveAccount ssr=SsrMode::Async />
            <ProviderRoutes />
        </ParentRoute>
    }
    .into_inner()
}

#[component(transparent)]
fn ProviderRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("providers") view=Outlet ssr=SsrMode::Async>
            <Route path=path!("") view=settings::providers::list::Providers ssr=SsrMode::Async />
            <Route path=path!("new") view=settings::providers::new::NewProvider ssr=SsrMode::Async />
            <Route path=path!(":id") view=settings::providers::show::ShowProvider ssr=SsrMode::Async />
            <Route path=path!(":id/edit") view=settings::providers::edit::EditProvider ssr=SsrMode::Async />
            <Route path=path!(":id/rules") view=settings::providers::rules::ProviderRules ssr=SsrMode::Async />
            <Route path=path!(":id/try") view=settings::providers::try_out::TryProvider ssr=SsrMode::Async />
            <Route path=path!(":id/remove") view=settings::providers::remove::RemoveProvider ssr=SsrMode::Async />
        </ParentRoute>
    }
    .into_inner()
}
