//! Typing a name before something irrevocable.

use leptos::prelude::*;

/// Keeps a form's button off until the field holds the text. The server checks it again.
#[island]
pub fn Confirm(
    /// The form's id.
    form: String,
    /// The field's id.
    field: String,
    /// The text to type.
    text: String,
) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    Effect::new(move || {
        use wasm_bindgen::JsCast;
        let page = document();
        let button = page.query_selector(&format!("#{form} .submit button")).ok().flatten();
        let input = page.get_element_by_id(&field).and_then(|e| e.dyn_into::<web_sys::HtmlInputElement>().ok());
        let (Some(button), Some(input)) = (button, input) else {
            return;
        };
        let text = text.clone();
        let check = {
            let input = input.clone();
            move || {
                let _ = button.toggle_attribute_with_force("disabled", input.value().trim() != text);
            }
        };
        check();
        super::dom::on(&input, "input", move |_| check());
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = (form, field, text);
}
