//! What is around each page: the rail, the place for the page, and the way past the rail.

use super::{
    form::ProveForm,
    icon::{Icon, Sign},
    load::path,
    no_team::NoTeam,
    notice::Notice,
};
use crate::{
    api::{Desk, hits::list_incidents},
    model::{
        incident::{IncidentQuery, IncidentState},
        viewer::Act,
    },
};
use leptos::prelude::*;
use leptos_router::components::Outlet;

/// The pages of somebody who is signed in.
#[component]
pub fn Inside() -> impl IntoView {
    let viewer = use_context::<Desk>().and_then(|desk| desk.viewer);
    // One's own account is there in any case.
    let own = under(&path(), "/settings");
    let page = if viewer.is_some_and(|viewer| viewer.grants.is_empty()) && !own {
        view! { <NoTeam /> }.into_any()
    } else {
        view! { <Outlet /> }.into_any()
    };
    view! { <Frame>{page}</Frame> }
}

/// The pages of somebody who is not signed in, or need not be.
#[component]
pub fn Outside() -> impl IntoView {
    view! {
        <Sheet>
            <Outlet />
        </Sheet>
    }
}

/// The rail and the place for a page.
#[component]
pub fn Frame(
    /// The page.
    children: Children,
) -> impl IntoView {
    view! {
        <a class="skip" href="#main">
            "Skip to the page"
        </a>
        <div class="frame">
            <Rail />
            <main id="main" class="place" tabindex="-1">
                <Notice />
                {children()}
                <ProveForm />
            </main>
        </div>
    }
}

/// A page for people who are not signed in: a small sheet in the middle.
#[component]
pub fn Sheet(
    /// The page.
    children: Children,
) -> impl IntoView {
    view! {
        <main id="main" class="sheet">
            <div class="sheet-brand">
                <Mark />
                "Aviary"
            </div>
            <Notice />
            {children()}
        </main>
    }
}

/// The mark: a bird on a wire, in three strokes.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
            <path class="bird" d="M4 15.5c1.2-5.9 4.6-9.6 9.2-9.6 2.6 0 4.3 1.5 4.8 3.6l2.6 1.1-2.7.9c-.5 3.7-3.5 6-7.3 6z" />
            <path class="wire" d="M2 20.5h20M9.5 17.5v3M13 17.3v3.2" />
            <circle class="eye" cx="14.6" cy="9.3" r="1" />
        </svg>
    }
}

#[component]
fn Rail() -> impl IntoView {
    let path = path();
    let desk = use_context::<Desk>();
    let viewer = desk.and_then(|desk| desk.viewer);
    let may = |act| viewer.as_ref().is_some_and(|viewer| viewer.may_somewhere(act));
    let sees_hits = may(Act::SeeHits);
    let link = |href: &'static str, sign: Sign, text: &'static str| {
        let here = match href {
            "/" => path == "/",
            "/destinations" => under(&path, "/destinations") || under(&path, "/deliveries"),
            href => under(&path, href),
        };
        let badge = (href == "/incidents" && sees_hits)
            .then(|| view! { <span class="rail-badge" data-live="open-incidents">{open_incidents()}</span> });
        view! {
            <li>
                <a href=href aria-current=here.then_some("page")>
                    <Icon sign />
                    <span>{text}</span>
                    {badge}
                </a>
            </li>
        }
    };
    let health = may(Act::SeeHealth).then(|| link("/health", Sign::Pulse, "Health"));
    let who = viewer.as_ref().map(|viewer| {
        view! {
            <div class="rail-who">
                <span class="rail-name" title=viewer.name.clone()>
                    {viewer.name.clone()}
                </span>
                <form method="post" action="/sign-out">
                    <button class="rail-leave">
                        <Icon sign=Sign::Leave />
                        <span>"Sign out"</span>
                    </button>
                </form>
            </div>
        }
    });
    view! {
        <header class="rail">
            <a class="brand" href="/">
                <Mark />
                <span>"Aviary"</span>
            </a>
            <nav aria-label="Main">
                <ul>
                    {link("/", Sign::Overview, "Overview")} {link("/tokens", Sign::Key, "Tokens")}
                    {link("/incidents", Sign::Bolt, "Incidents")} {link("/destinations", Sign::Send, "Destinations")}
                    {health} {link("/settings", Sign::Sliders, "Settings")}
                </ul>
            </nav>
            {who}
        </header>
    }
}

/// Whether this is the page at `root`, or one below it.
fn under(path: &str, root: &str) -> bool {
    path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// How many incidents nobody has looked at, up to nine. It is an extra: where it cannot be told, nothing is shown.
fn open_incidents() -> impl IntoView {
    view! {
        <Suspense>
            {Suspend::new(async move {
                let query = IncidentQuery { state: Some(IncidentState::Open), limit: 10, ..Default::default() };
                let open = list_incidents(query).await.map_or(0, |page| page.items.len());
                let text = if open > 9 { "9+".to_owned() } else { open.to_string() };
                (open > 0)
                    .then(|| {
                        view! {
                            <span class="rail-count">
                                {text} <span class="unseen">" open"</span>
                            </span>
                        }
                    })
            })}
        </Suspense>
    }
}
