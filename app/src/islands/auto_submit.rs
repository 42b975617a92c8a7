//! Filters that act as soon as one is chosen.

use leptos::prelude::*;

/// Submits the form of this id when one of its lists changes. Without it, the form's own button does.
#[island]
pub fn AutoSubmit(
    /// The form's id.
    form: String,
) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    Effect::new(move || {
        use wasm_bindgen::JsCast;
        let Some(element) = document().get_element_by_id(&form) else {
            return;
        };
        let Ok(element) = element.dyn_into::<web_sys::HtmlFormElement>() else {
            return;
        };
        super::dom::on(&element.clone(), "change", move |event| {
            let list = event.target().is_some_and(|target| target.dyn_ref::<web_sys::HtmlSelectElement>().is_some());
            if list {
                let _ = element.request_submit();
            }
        });
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = form;
}
