//! The page for an address at which there is nothing.

use crate::api::Desk;
use crate::parts::title::Title;
use crate::parts::{
    frame::{Frame, Sheet},
    icon::{Icon, Sign},
    load::set_status,
};
use leptos::prelude::*;

/// "There is no such page", inside the frame for those who are signed in.
#[component]
pub fn NotFound() -> impl IntoView {
    set_status(404);
    let page = || {
        view! {
            <Title text="No such page · Aviary" />
            <section class="empty">
                <Icon sign=Sign::Search />
                <h1>"There is no page at this address"</h1>
                <p>"The link may be old, or a letter of it got lost."</p>
                <p class="empty-actions">
                    <a class="button" href="/">
                        "Go to the overview"
                    </a>
                </p>
            </section>
        }
    };
    if use_context::<Desk>().is_some_and(|desk| desk.viewer.is_some()) {
        view! { <Frame>{page()}</Frame> }.into_any()
    } else {
        view! { <Sheet>{page()}</Sheet> }.into_any()
    }
}
