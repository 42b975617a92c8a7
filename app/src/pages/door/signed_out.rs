//! `/signed-out`: after signing out, here or at a provider.

use crate::parts::title::Title;
use crate::{
    api::Reply,
    parts::icon::{Icon, Sign},
};
use leptos::prelude::*;
use leptos_meta::Meta;

/// Says that one is signed out. Where the session came through a provider, it goes on there by itself; the link is for
/// browsers that do not.
#[component]
pub fn SignedOut() -> impl IntoView {
    let onward = match use_context::<Reply>() {
        Some(Reply::Onward { name, url }) => Some((name, url)),
        _ => None,
    };
    let says = match &onward {
        Some((name, _)) => format!("You are signed out here. Now you are signed out at {name}, too."),
        None => "Close the browser if others use it as well.".to_owned(),
    };
    let way_on = match onward {
        Some((name, url)) => {
            let content = format!("0; url={url}");
            view! {
                <Meta http_equiv="refresh" content />
                <a class="button primary" href=url rel="external">
                    {format!("Go on to {name}")}
                </a>
            }
            .into_any()
        }
        None => view! {
            <a class="button primary" href="/sign-in">
                "Sign in"
            </a>
        }
        .into_any(),
    };
    view! {
        <Title text="Signed out · Aviary" />
        <header class="sheet-head">
            <Icon sign=Sign::Done />
            <h1>"Signed out"</h1>
            <p>{says}</p>
        </header>
        <div class="submit">{way_on}</div>
    }
    .into_any()
}
