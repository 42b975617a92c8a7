//! What people see: the console's pages and islands, and the words that both halves speak.
//!
//! Compiled twice: natively with `ssr`, where pages become HTML, and to wasm with `hydrate`, where islands wake.
//! It knows no database and no AWS: what it needs of the server stands in [`api`] as traits.
#![recursion_limit = "256"]

pub mod api;
pub mod app;
pub mod islands;
pub mod model;
pub mod pages;
pub mod parts;
pub mod shell;

/// Wakes the islands of the page. The page's own script calls it once the module is loaded, and then visits each
/// island; `data-hydrated` on the root element says that all of them are awake.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
    islands::clock::start();
    // The script wakes the islands in microtasks that follow this call; a task comes after all of those.
    leptos::prelude::set_timeout(
        || {
            if let Some(root) = leptos::prelude::document().document_element() {
                let _ = root.set_attribute("data-hydrated", "true");
            }
        },
        std::time::Duration::ZERO,
    );
}
