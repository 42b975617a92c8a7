//! The document around every page.

use crate::{api::Desk, app::App};
use leptos::{config::LeptosOptions, hydration::HydrationScripts, prelude::*};
use leptos_meta::MetaTags;

/// Where the built files are. Their names carry a hash of their content, so that browsers may keep them for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assets {
    /// The name of the module without its ending: `/pkg/NAME.js` and `/pkg/NAME_bg.wasm`.
    pub output_name: String,
    /// The address of the style sheet: `/pkg/main.HASH.css`.
    pub stylesheet: String,
}

/// The document. It reads [`Assets`] from the context; without them the page is plain, and still works.
pub fn shell() -> impl IntoView {
    let assets = use_context::<Assets>();
    let style = assets.as_ref().map(|assets| view! { <link rel="stylesheet" href=assets.stylesheet.clone() /> });
    let scripts = assets.map(|assets| {
        let options = LeptosOptions::builder().output_name(assets.output_name).site_pkg_dir("pkg").build();
        view! { <HydrationScripts options islands=true /> }
    });
    let now = use_context::<Desk>().map(|desk| desk.now.rfc3339());
    view! {
        <!DOCTYPE html>
        <html lang="en" data-now=now>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <meta name="robots" content="noindex, nofollow" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                {style}
                {scripts}
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}
