//! Loading what a page shows.

use super::fault::FaultPanel;
use crate::model::fault::Fault;
use leptos::prelude::*;

/// Waits for `what` while the page is rendered, then shows it; a fault becomes its panel and the reply's HTTP status.
pub fn load<T, V>(
    what: impl Future<Output = Result<T, Fault>> + Send + 'static,
    show: impl FnOnce(T) -> V + Send + 'static,
) -> AnyView
where
    T: Send + 'static,
    V: IntoView + 'static,
{
    // Suspense, and not a bare Suspend: two bare ones under the same owner cancel each other while they stream.
    view! {
        <Suspense>
            {Suspend::new(async move {
                match what.await {
                    Ok(data) => show(data).into_any(),
                    Err(fault) => {
                        set_status(fault.status());
                        view! { <FaultPanel fault /> }.into_any()
                    }
                }
            })}
        </Suspense>
    }
    .into_any()
}

/// Sets the HTTP status of the reply; nothing happens in the browser.
pub fn set_status(status: u16) {
    #[cfg(feature = "ssr")]
    if let Some(reply) = use_context::<leptos_axum::ResponseOptions>()
        && let Ok(status) = status.try_into()
    {
        reply.set_status(status);
    }
    #[cfg(not(feature = "ssr"))]
    let _ = status;
}

/// A parameter of the page's address, such as `id` in `/tokens/:id`; empty if there is none.
pub fn param(name: &str) -> String {
    leptos_router::hooks::use_params_map().with_untracked(|params| params.get(name)).unwrap_or_default()
}

/// A parameter of the page's query, such as `state` in `?state=armed`; empty if there is none.
pub fn query(name: &str) -> String {
    leptos_router::hooks::use_query_map().with_untracked(|query| query.get(name)).unwrap_or_default()
}

/// The query's cursor, if the page is not the first.
pub fn cursor() -> Option<String> {
    Some(query("after")).filter(|after| !after.is_empty())
}

/// The path of this page without its query, such as `/tokens`.
pub fn path() -> String {
    leptos_router::hooks::use_location().pathname.get_untracked()
}

/// The address of the page that asks somebody to show that it is them, and that leads back to this one.
pub fn proof_here() -> String {
    with_next("/confirm-it-is-you", &here_with(&[]))
}

/// An address with the one to go on to afterwards.
pub fn with_next(path: &str, next: &str) -> String {
    let mut query = leptos_router::params::ParamsMap::new();
    query.insert("next", next.to_owned());
    format!("{path}{}", query.to_query_string())
}

/// The address of this page with some parts of its query set to other values; empty values fall away, and so does
/// the cursor, which belongs to the old query.
pub fn here_with(changes: &[(&'static str, &str)]) -> String {
    let mut query = leptos_router::hooks::use_query_map().get_untracked();
    for name in ["after", "done"] {
        query.remove(name);
    }
    for (name, value) in changes {
        query.remove(name);
        if !value.is_empty() {
            query.insert(*name, (*value).to_owned());
        }
    }
    format!("{}{}", path(), query.to_query_string())
}
